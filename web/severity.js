/** What is worse than what, and how it is said. */

/** @typedef {'CRITICAL' | 'HIGH' | 'NORMAL'} Severity */

/** @type {Readonly<Record<string, { rank: number, word: string, icon: string }>>} */
const SEVERITIES = {
  CRITICAL: { rank: 0, word: 'Critical', icon: 'critical' },
  HIGH: { rank: 1, word: 'High', icon: 'high' },
  NORMAL: { rank: 2, word: 'Normal', icon: 'normal' },
};
/** A severity this page does not know may be a bad one: it stands right after the worst. */
const UNKNOWN_RANK = 0.5;

/** @type {Readonly<Record<string, string>>} */
const QUALITIES = {
  OK: 'OK',
  NAN: 'Not a number',
  RANGE: 'Out of range',
  SENTINEL: 'Error value',
  BIT_SHIFT: 'Bit shift',
};

/**
 * 0 is the worst.
 * @param {string | null} severity
 */
export function severityRank(severity) {
  return SEVERITIES[severity ?? '']?.rank ?? UNKNOWN_RANK;
}

/** @param {string | null} severity */
export function severityWord(severity) {
  return SEVERITIES[severity ?? '']?.word ?? severity ?? 'Unknown';
}

/** @param {string | null} severity */
export function severityIcon(severity) {
  return SEVERITIES[severity ?? '']?.icon ?? 'untrusted';
}

/**
 * Whether a reading with this verdict may be believed.
 * @param {string | null} quality
 */
export function isTrusted(quality) {
  return quality === 'OK';
}

/** @param {string | null} quality */
export function qualityWord(quality) {
  return quality === null ? 'No reading' : (QUALITIES[quality] ?? quality);
}
