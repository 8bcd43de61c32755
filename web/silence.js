/** When a sensor or symbol counts as silent. */
import { timeOf } from './format.js';

/** Nothing arrived for this long. */
export const SILENT_MS = 300_000;

/**
 * By arrival, not by event time: a replay of old events is not silent.
 * @param {{ ingest_time: string | null }} row
 * @param {number} nowMs
 */
export function isSilent({ ingest_time: ingestTime }, nowMs) {
  const ms = timeOf(ingestTime);
  return ms === null || nowMs - ms >= SILENT_MS;
}
