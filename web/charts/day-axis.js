/** Calendar days on a time axis. Pure but for the zone of who looks: a day stands where it begins there, under its own name. */

const DAY_MS = 86_400_000;
/** Half of the place of a day. */
const HALF_MS = DAY_MS / 2;

/** Steps between two labels: no part of a day. */
export const DAY_STEPS_MS = [1, 2, 7, 14, 28, 91].map((days) => days * DAY_MS);

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * @param {string} day `YYYY-MM-DD`
 * @returns {number} ms
 */
export function dayMs(day) {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).getTime();
}

/**
 * @param {string} day
 * @returns {string} `7 Oct 2013`
 */
export function dayText(day) {
  return dayFormat.format(dayMs(day));
}

/**
 * Where a day begins and ends on the axis: its mark stands in the middle.
 * @param {string} day
 */
export function placeOf(day) {
  return { fromMs: dayMs(day) - HALF_MS, toMs: dayMs(day) + HALF_MS };
}

/**
 * From the first day to the last one.
 * @param {readonly { day: string }[]} days ascending, at least one
 */
export function spanOfDays(days) {
  const [first, last] = [days[0], days.at(-1)];
  return { fromMs: placeOf(first?.day ?? '').fromMs, toMs: placeOf(last?.day ?? '').toMs };
}
