/** How far the picture can be believed: a pure judgement over the pollers. */
import { ApiError } from './api.js';

/** An answer that is due for this long makes the picture old, also when no request has failed yet. */
const OVERDUE_MS = 9000;
/** One failed request may be an accident. */
const FAILURES_TO_TELL = 2;

/**
 * What the judgement needs of a poller.
 * @typedef {object} Polled
 * @property {string} name of what it asks for, as in a sentence
 * @property {number | null} answeredMs
 * @property {number} failures
 * @property {Error | null} error
 * @property {number | null} nextMs
 * @property {number} wokenMs
 * @property {number} intervalMs
 */

/**
 * @typedef {object} Connection
 * @property {'connecting' | 'live' | 'partial' | 'lost' | 'refused'} state
 * @property {number | null} goodMs when the oldest part of the picture came; null when a part never came
 * @property {readonly string[]} missing what is old or was never there
 * @property {string} reason of the newest failure
 * @property {number | null} nextMs when the next request starts
 */

/**
 * @param {readonly Polled[]} asked
 * @param {number} nowMs
 * @returns {Connection}
 */
export function connectionOf(asked, nowMs) {
  // That there is no such thing is an answer: the connection is well, and the page says it.
  const polled = asked.filter(({ error }) => !isTrouble(error, 'absent'));
  // Where one part is in trouble, a failure of another one is no accident.
  const worst = polled.filter((poller) => isTroubled(poller, nowMs));
  const troubled = polled.filter((poller) => worst.includes(poller) || (worst.length > 0 && poller.failures > 0));
  const seen = (troubled.length > 0 ? troubled : polled).map(({ answeredMs }) => answeredMs);
  return {
    state: stateOf(polled, troubled),
    goodMs: seen.includes(null) ? null : Math.min(...seen.map(Number)),
    missing: troubled.map(({ name }) => name),
    reason: troubled.find(({ error }) => error !== null)?.error?.message ?? '',
    nextMs: troubled.reduce((soonest, { nextMs }) => earlier(soonest, nextMs), /** @type {number | null} */ (null)),
  };
}

/**
 * @param {Polled} poller
 * @param {number} nowMs
 */
function isTroubled({ answeredMs, failures, error, wokenMs, intervalMs }, nowMs) {
  if (isTrouble(error, 'refused')) return true;
  if (failures > 0 && answeredMs === null) return true;
  return failures >= FAILURES_TO_TELL || nowMs - Math.max(answeredMs ?? 0, wokenMs) >= intervalMs + OVERDUE_MS;
}

/**
 * @param {Error | null} error
 * @param {ApiError['trouble']} trouble
 */
function isTrouble(error, trouble) {
  return error instanceof ApiError && error.trouble === trouble;
}

/**
 * @param {readonly Polled[]} polled
 * @param {readonly Polled[]} troubled
 * @returns {Connection['state']}
 */
function stateOf(polled, troubled) {
  if (troubled.some(({ error }) => isTrouble(error, 'refused'))) return 'refused';
  if (troubled.length > 0) return troubled.length === polled.length ? 'lost' : 'partial';
  return polled.some(({ answeredMs }) => answeredMs === null) ? 'connecting' : 'live';
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function earlier(a, b) {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
