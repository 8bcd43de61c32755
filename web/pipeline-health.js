/** How a source is doing, in plain words. Pure. */
import { batchHealthOf } from './batch-health.js';
import { agoText, durationText, numberText, timeOf } from './format.js';
import { SILENT_MS } from './silence.js';

/** @import { Source } from './render-pipeline.js' */

/**
 * @typedef {object} Health
 * @property {'NORMAL' | 'HIGH' | 'none'} severity `none` while nothing can be said
 * @property {string} word
 * @property {string} text sentences
 */

/** An archive that is further behind than this needs somebody. */
const ARCHIVE_BEHIND_MS = 300_000;
/** Events that were older than this when they came are worth a word. */
const OLD_MS = 60_000;

/**
 * @param {Source} source
 * @param {string} what its events, as in a sentence
 * @param {number} nowMs
 * @returns {Health}
 */
export function healthOf(source, what, nowMs) {
  if (source.received === 0) return { severity: 'none', word: 'Nothing yet', text: `No ${what} have arrived.` };
  const arrivedMs = timeOf(source.last_ingest_time);
  const behindMs = archiveBehindMs(source);
  const batch = batchHealthOf(source);
  const text = [arrivals(source, arrivedMs, nowMs), refusals(source), archived(source, behindMs, nowMs), batch.text]
    .filter(Boolean)
    .join(' ');
  if (behindMs !== null && behindMs >= ARCHIVE_BEHIND_MS) return { severity: 'HIGH', word: 'Archive behind', text };
  if (batch.isWrong) return { severity: 'HIGH', word: 'Batch needs a look', text };
  if (arrivedMs === null || nowMs - arrivedMs >= SILENT_MS) return { severity: 'none', word: 'Quiet', text };
  return { severity: 'NORMAL', word: 'Well', text };
}

/**
 * @param {Source} source
 * @param {number | null} arrivedMs
 * @param {number} nowMs
 */
function arrivals(source, arrivedMs, nowMs) {
  if (arrivedMs === null) return '';
  const ageMs = arrivedMs - (timeOf(source.last_event_time) ?? arrivedMs);
  const age = ageMs >= OLD_MS ? `, ${durationText(ageMs)} after it happened` : '';
  const ago = agoText(arrivedMs, nowMs);
  return `The newest came ${ago === 'now' ? 'just now' : ago}${age}.`;
}

/** @param {Source} source */
function refusals({ late, quarantined }) {
  const lates = sum(late);
  const refused = sum(quarantined);
  if (lates === 0 && refused === 0) return 'None was late, none refused.';
  const parts = [
    lates > 0 && `${numberText(lates)} came too late for the live figures and wait${lates === 1 ? 's' : ''} for the batch`,
    refused > 0 && `${numberText(refused)} could not be believed and ${refused === 1 ? 'is' : 'are'} in quarantine`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

/**
 * @param {Source} source
 * @param {number | null} behindMs
 * @param {number} nowMs
 */
function archived(source, behindMs, nowMs) {
  if (behindMs === null) return 'Nothing is archived yet.';
  if (behindMs >= ARCHIVE_BEHIND_MS) return `The archive is ${durationText(behindMs)} behind.`;
  const ago = agoText(timeOf(source.archived_through), nowMs);
  return behindMs <= 0 || ago === 'now' ? 'All of it is archived.' : `What came up to ${ago} is archived.`;
}

/**
 * What arrived last, less what is archived, ms; null when nothing is.
 * @param {Source} source
 */
function archiveBehindMs(source) {
  const archivedMs = timeOf(source.archived_through);
  const arrivedMs = timeOf(source.last_ingest_time);
  return archivedMs === null || arrivedMs === null ? null : arrivedMs - archivedMs;
}

/** @param {Record<string, number>} counts */
function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
