/** From values to what a person reads. Pure; times in ms since the epoch. */

/** Stands where there is no value. */
export const NONE = '–';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Below this a value is of now: seconds that tick tell nothing yet. */
const NOW_MS = 5 * SECOND_MS;

/** @type {Map<string, Intl.NumberFormat>} */
const numberFormats = new Map();

/**
 * @param {unknown} value
 * @param {number} decimals
 * @param {'negative' | 'exceptZero'} signDisplay what rounds to zero has no sign in either
 */
function formatted(value, decimals, signDisplay) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return NONE;
  const key = `${decimals} ${signDisplay}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay });
    numberFormats.set(key, format);
  }
  return format.format(value).replace('-', '−');
}

/**
 * A number with fixed decimals, thousands separated, minus sign; `–` for what is no finite number.
 * @param {unknown} value
 * @param {number} [decimals]
 */
export function numberText(value, decimals = 0) {
  return formatted(value, decimals, 'negative');
}

/**
 * A change: the same with a plus sign.
 * @param {unknown} value
 * @param {number} decimals
 */
export function changeText(value, decimals) {
  return formatted(value, decimals, 'exceptZero');
}

/**
 * Decimals of a price: about six significant digits, at least 2, at most 8. Changes of the price have as many.
 * @param {unknown} price
 */
export function priceDecimals(price) {
  const size = typeof price === 'number' ? Math.abs(price) : 0;
  if (size === 0 || size >= 10) return 2;
  if (size >= 0.1) return 5;
  return size >= 0.001 ? 6 : 8;
}

/**
 * ms since the epoch of an ISO 8601 time; null for anything else.
 * @param {unknown} iso
 */
export function timeOf(iso) {
  const ms = typeof iso === 'string' ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/**
 * How long ago; from two weeks on, the local day. What lies ahead (a clock that goes fast) is of now.
 * @param {number | null} ms
 * @param {number} nowMs
 */
export function agoText(ms, nowMs) {
  if (ms === null) return NONE;
  const ageMs = nowMs - ms;
  if (ageMs < NOW_MS) return 'now';
  return ageMs < 14 * DAY_MS ? `${durationText(ageMs)} ago` : dayFormat.format(ms);
}

/**
 * How long: whole seconds, minutes, hours or days, the largest of which there is at least one; hours up to two days.
 * @param {number} ms from 0
 */
export function durationText(ms) {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${numberText(Math.floor(ms / DAY_MS))} d`;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/**
 * Local time of day; with the day when it is not today.
 * @param {number} ms
 * @param {number} nowMs
 */
export function clockText(ms, nowMs) {
  const clock = clockFormat.format(ms);
  return dayFormat.format(ms) === dayFormat.format(nowMs) ? clock : `${dayFormat.format(ms)}, ${clock}`;
}

/**
 * Local time and UTC in full, for a second look.
 * @param {number} ms
 */
export function momentText(ms) {
  return `${dayFormat.format(ms)}, ${clockFormat.format(ms)} local time\n${new Date(ms).toISOString()} UTC`;
}

/**
 * `1 sensor`, `1,000 sensors`.
 * @param {number} count
 * @param {string} noun
 */
export function countText(count, noun) {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
