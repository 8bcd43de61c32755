/** Which days a run of the batch builds, and why it leaves the others alone. */
import type { BatchRequest } from './batch-request.ts';
import { type DayInterval, dayInterval } from './calendar.ts';
import { arrivalDayOf, type PublishedDay } from './publication.ts';
import { isoTime } from './rows.ts';
import { type Settings, type SourceName, zonesOf } from './settings.ts';

/** A run takes hardly longer than its lock and its execution last. */
export const MAX_DAYS_A_RUN = 60;

/** What is known of a source when a run is planned. */
export interface SourceSituation {
  readonly source: SourceName;
  /** Every event day that has rows in the archive's index → its marker there. */
  readonly markers: ReadonlyMap<string, string>;
  readonly published: ReadonlyMap<string, PublishedDay>;
  /** Every lane's archive is done with what arrived before this instant, ms since the epoch; no later than now. */
  readonly archivedThroughMs: number;
}

/** Leaving a day alone: it is as published, or it may not be built, for this reason. */
export type Verdict =
  | { readonly kind: 'build' }
  /** Published, and the index changed since: to be built if its input is another one. */
  | { readonly kind: 'compare' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly cause: string };

/** The event day in all zones of a source: from where it begins first to where it ends last. */
export function dayBounds(source: SourceName, day: string, settings: Settings): DayInterval {
  const intervals = zonesOf(source, settings).map((zone) => dayInterval(zone, day));
  return { startMs: Math.min(...intervals.map(({ startMs }) => startMs)), endMs: Math.max(...intervals.map(({ endMs }) => endMs)) };
}

/** When an event day is over in every zone, and what is late within bounds has come too, ms since the epoch. */
export function settledMs(source: SourceName, day: string, settings: Settings): number {
  return dayBounds(source, day, settings).endMs + settings[source].latenessMs;
}

/** What a run does about one day of a source. */
export function verdictOn(day: string, situation: SourceSituation, force: boolean, nowMs: number, settings: Settings): Verdict {
  const { source, markers, published, archivedThroughMs } = situation;
  const settled = settledMs(source, day, settings);
  if (nowMs < settled) return { kind: 'refused', cause: `the day is settled at ${isoTime(settled)}` };
  const marker = markers.get(day);
  if (marker === undefined) return { kind: 'refused', cause: 'no rows of the day are archived' };
  if (archivedThroughMs < settled) {
    return { kind: 'refused', cause: `the archive has come to ${isoTime(archivedThroughMs)}, the day needs ${isoTime(settled)}` };
  }
  const current = published.get(day);
  if (current === undefined || force) return { kind: 'build' };
  return current.marker === marker ? { kind: 'unchanged' } : { kind: 'compare' };
}

/** The days of a source that a run looks at, ascending: those with rows, within what was asked for. */
export function daysToLookAt({ source, markers }: SourceSituation, request: BatchRequest): string[] {
  if (request.source !== undefined && request.source !== source) return [];
  const { from = '', to = '9999-12-31' } = request;
  return [...markers.keys()].filter((day) => day >= from && day <= to).sort();
}

/**
 * The arrival day from which on raw rows may belong to a day that is not published: the earliest among the first objects (keys) of such
 * days, or where the archive stands, since rows that are not indexed yet arrived later than that.
 */
export function sinceOf(firstObjects: readonly string[], archivedThroughMs: number): string {
  return [...firstObjects.map(arrivalDayOf), isoTime(archivedThroughMs).slice(0, 10)].reduce((a, b) => (a < b ? a : b));
}
