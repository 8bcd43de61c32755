/** From rows to what is drawn. Pure; times in ms since the epoch. */

/** Pauses so many times as long as usual are gaps. */
const GAP_FACTOR = 3;
/** Limits further off than this many times the height of the data are left out of the picture ... */
const REACH = 1;
/** ... where a flat line counts as so high, in the unit of the data. */
const MIN_HEIGHT = 4;
/** Free above and below, as a share of the height. */
const MARGIN = 0.08;
/** What a flat line counts as high, as a share of its value. */
const FLAT = 0.01;

/**
 * @template Row
 * @typedef {{ timeMs: number, row: Row | null }} Point a point without a row breaks the line
 */

/**
 * Rows as points, with a break wherever more than `gapMs` lies between two of them.
 * @template Row
 * @param {readonly Row[]} rows ascending
 * @param {(row: Row) => number} timeOf
 * @param {number} gapMs
 * @returns {Point<Row>[]}
 */
export function pointsOf(rows, timeOf, gapMs) {
  /** @type {Point<Row>[]} */
  const points = [];
  for (const row of rows) {
    const timeMs = timeOf(row);
    const before = points.at(-1);
    if (before && timeMs - before.timeMs > gapMs) points.push({ timeMs: (before.timeMs + timeMs) / 2, row: null });
    points.push({ timeMs, row });
  }
  return points;
}

/**
 * A pause that is longer than what lies between these events as a rule.
 * @param {readonly number[]} timesMs ascending
 * @param {number} leastMs no shorter pause is a gap
 */
export function gapOf(timesMs, leastMs) {
  const pauses = timesMs
    .slice(1)
    .map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs))
    .filter((pauseMs) => pauseMs > 0)
    .sort((a, b) => a - b);
  return Math.max(leastMs, GAP_FACTOR * (pauses[Math.floor(pauses.length / 2)] ?? 0));
}

/**
 * The part of the vertical axis to show: the data, and the limits that are near enough to tell how far they are.
 * @param {number | null} min
 * @param {number | null} max
 * @param {readonly number[]} limits
 * @returns {[number, number]}
 */
export function heightOf(min, max, limits = []) {
  if (min === null || max === null) return [0, 1];
  const height = Math.max(max - min, limits.length > 0 ? MIN_HEIGHT : 0);
  const near = limits.filter((limit) => limit - max <= REACH * height && min - limit <= REACH * height);
  const low = Math.min(min, ...near);
  const high = Math.max(max, ...near);
  const margin = MARGIN * (high - low || FLAT * Math.abs(high) || 1);
  return [low - margin, high + margin];
}
