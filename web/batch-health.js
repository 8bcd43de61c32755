/** How far the batch has come with a source, in plain words. Pure. */
import { dayText } from './charts/day-axis.js';
import { countText, numberText } from './format.js';

/**
 * @typedef {object} Drift
 * @property {string} day
 * @property {number} keys
 * @property {number} differing
 * @property {number} difference
 * @property {number} explained
 * @property {Record<string, number>} reasons
 */

/**
 * @typedef {object} BatchState
 * @property {string | null} boundary
 * @property {number} published_days
 * @property {number} late_pending
 * @property {readonly { day: string, run_id: string, cause: string | null }[]} failed_days
 * @property {Drift | null} drift
 */

/**
 * What the batch has settled, what waits for it, whether both layers agree.
 * @param {BatchState} state
 * @returns {{ isWrong: boolean, text: string }}
 */
export function batchHealthOf({ boundary, late_pending: late, failed_days: failed, drift }) {
  const unexplained = drift ? Math.abs(drift.difference - drift.explained) : 0;
  const texts = [
    boundary === null ? 'No day is settled yet.' : `Settled up to and with ${dayText(boundary)}.`,
    late > 0 && `${countText(late, 'row')} of settled days came later and ${late === 1 ? 'waits' : 'wait'} for the next run.`,
    failedText(failed),
    driftText(drift, unexplained),
  ];
  return { isWrong: failed.length > 0 || unexplained > 0, text: texts.filter(Boolean).join(' ') };
}

/** @param {BatchState['failed_days']} failed */
function failedText(failed) {
  const [first, ...others] = failed.map(({ day }) => dayText(day));
  if (!first) return '';
  const more = others.length > 0 ? ` and ${countText(others.length, 'more day')}` : '';
  return `The batch could not settle ${first}${more}.`;
}

/**
 * @param {Drift | null} drift
 * @param {number} unexplained
 */
function driftText(drift, unexplained) {
  if (drift === null) return '';
  const day = dayText(drift.day);
  if (drift.difference === 0 && drift.differing === 0) return `Batch and speed agree on ${day}.`;
  const events = countText(Math.abs(drift.difference), 'event');
  const known = unexplained === 0 ? 'each with a known reason' : `${numberText(unexplained)} without a known reason`;
  return `On ${day} batch and speed differ by ${events}, ${known}.`;
}
