/** The trading days of the US exchanges by NYSE's rules (its rule 7.2), so that no table has to be kept up to date. */

export type TradingDay = 'full' | 'half' | 'closed';

const DAY_MS = 86_400_000;
const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;
/** Juneteenth is a holiday of the exchanges from this year on. */
const FIRST_JUNETEENTH = 2022;

/**
 * What kind of day a calendar day of New York is.
 * Closures that no rule foresees (mourning, weather) are not known.
 * @param day `YYYY-MM-DD`
 */
export function tradingDay(day: string): TradingDay {
  const epochDay = Date.parse(day) / DAY_MS;
  const weekday = weekdayOf(epochDay);
  if (weekday === SATURDAY || weekday === SUNDAY) return 'closed';
  const year = Number(day.slice(0, 4));
  if (holidaysOf(year).includes(epochDay)) return 'closed';
  const halves = [dayOf(year, 7, 4) - 1, thanksgivingOf(year) + 1, dayOf(year, 12, 25) - 1];
  return halves.includes(epochDay) ? 'half' : 'full';
}

/** The days without trading that a year's rules give; days since the epoch. */
function holidaysOf(year: number): number[] {
  const newYear = dayOf(year, 1, 1);
  return [
    // On a Saturday it is not made up for: that would be the last day of the old year.
    weekdayOf(newYear) === SUNDAY ? newYear + 1 : newYear,
    nth(3, MONDAY, year, 1),
    nth(3, MONDAY, year, 2),
    easterSundayOf(year) - 2,
    // The last Monday of May: between the 25th and the 31st.
    nth(1, MONDAY, year, 5, 25),
    ...(year >= FIRST_JUNETEENTH ? [observed(dayOf(year, 6, 19))] : []),
    observed(dayOf(year, 7, 4)),
    nth(1, MONDAY, year, 9),
    thanksgivingOf(year),
    observed(dayOf(year, 12, 25)),
  ];
}

function dayOf(year: number, month: number, dayOfMonth: number): number {
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS;
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(epochDay: number): number {
  return (epochDay + THURSDAY) % 7;
}

/** The n-th such weekday of a month, or from a day of the month on. */
function nth(n: number, weekday: number, year: number, month: number, from = 1): number {
  const first = dayOf(year, month, from);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
}

/** A Saturday's holiday is kept on the Friday before, a Sunday's on the Monday after. */
function observed(holiday: number): number {
  const weekday = weekdayOf(holiday);
  if (weekday === SATURDAY) return holiday - 1;
  return weekday === SUNDAY ? holiday + 1 : holiday;
}

function thanksgivingOf(year: number): number {
  return nth(4, THURSDAY, year, 11);
}

/** The Gregorian Easter of a year: the Sunday after the full moon of the church's calendar. */
function easterSundayOf(year: number): number {
  const century = Math.floor(year / 100);
  const lunarYear = year % 19;
  const lunarShift = Math.floor((8 * century + 13) / 25);
  const epact = (19 * lunarYear + century - Math.floor(century / 4) - lunarShift + 15) % 30;
  const correction = epact === 29 || (epact === 28 && lunarYear > 10) ? 1 : 0;
  const fullMoon = dayOf(year, 3, 21) + epact - correction;
  return fullMoon + 7 - weekdayOf(fullMoon);
}
