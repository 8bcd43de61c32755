/** Which part of time the charts of a page show. Pure; times in ms since the epoch, spans half-open. */

const HOUR_MS = 3_600_000;
/** The end of a moving span is moved in so many steps of its length: fewer pixels than this are not seen. */
const STEPS = 600;

/** The longest span that the API answers. */
const MAX_SPAN_MS = 365 * 24 * HOUR_MS;
/** Days are those of the key's zone: in the east they begin so long before midnight UTC ... */
const EAST_MS = 14 * HOUR_MS;
/** ... and as many windows of a minute may lie in between. */
const EAST_WINDOWS = 840;

/** @typedef {{ fromMs: number, toMs: number }} Span */

/**
 * @typedef {object} Range
 * @property {string} id in the address
 * @property {string} label
 * @property {number | null} lengthMs null: all there is
 */

/** @type {readonly Range[]} */
export const RANGES = [
  { id: '1h', label: '1 h', lengthMs: HOUR_MS },
  { id: '6h', label: '6 h', lengthMs: 6 * HOUR_MS },
  { id: '24h', label: '24 h', lengthMs: 24 * HOUR_MS },
  { id: 'all', label: 'All', lengthMs: null },
];
/** What is shown without a word in the address. */
export const DEFAULT_RANGE = '1h';

/**
 * The range that the address names; the default one for what is none.
 * @param {URLSearchParams} params
 * @returns {Range}
 */
export function rangeOf(params) {
  return RANGES.find(({ id }) => id === params.get('range')) ?? /** @type {Range} */ (RANGES.find(({ id }) => id === DEFAULT_RANGE));
}

/**
 * A range as a span of time: up to now while there are events in it, otherwise up to the newest event.
 * @param {Range} range
 * @param {number | null} firstMs start of what is known
 * @param {number} newestMs end of what is known
 * @param {number} nowMs
 * @returns {Span & { isPast: boolean }} `isPast` when it ends before now
 */
export function spanOf({ lengthMs }, firstMs, newestMs, nowMs) {
  const length = lengthMs ?? Math.max(HOUR_MS, newestMs - (firstMs ?? newestMs));
  const isPast = nowMs - newestMs >= length;
  const step = length / STEPS;
  const toMs = Math.ceil((isPast ? newestMs : Math.max(newestMs, nowMs)) / step) * step;
  return { fromMs: lengthMs === null ? Math.min(firstMs ?? newestMs, toMs - HOUR_MS) : toMs - length, toMs, isPast };
}

/**
 * The part of time that somebody zoomed to, as the address has it; null for what is none.
 * @param {URLSearchParams} params
 * @returns {Span | null}
 */
export function zoomOf(params) {
  const [fromMs = Number.NaN, toMs = Number.NaN] = ['from', 'to'].map((name) => Date.parse(params.get(name) ?? ''));
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/**
 * The address with this range and zoom.
 * @param {URLSearchParams} params
 * @param {Range} range
 * @param {Span | null} zoom
 */
export function withSpan(params, range, zoom) {
  const changed = new URLSearchParams(params);
  for (const name of ['range', 'from', 'to']) changed.delete(name);
  if (range.id !== DEFAULT_RANGE) changed.set('range', range.id);
  if (zoom) {
    changed.set('from', new Date(zoom.fromMs).toISOString());
    changed.set('to', new Date(zoom.toMs).toISOString());
  }
  return changed;
}

/**
 * From when on to ask for all windows, so that no more than `most` come.
 * @param {readonly { day: string, atMost: number }[]} days ascending, each with how many windows it may have
 * @param {number} most
 * @param {number} newestMs
 * @returns {{ fromMs: number | null, isCut: boolean }} null without days; `isCut` when there are days before it
 */
export function startOfAll(days, most, newestMs) {
  let left = most - EAST_WINDOWS;
  let index = days.length;
  while (index > 0 && (days[index - 1]?.atMost ?? 0) <= left) left -= days[--index]?.atMost ?? 0;
  // A day that has too many by itself is asked for all the same, and cut.
  const first = days[Math.min(index, days.length - 1)];
  const fromMs = first ? Math.max(Date.parse(first.day) - EAST_MS, newestMs - MAX_SPAN_MS) : null;
  return { fromMs, isCut: index > 0 };
}
