/** What became of a replay on event time: of its rows, and of its days. */
import type { SourceName } from '#domain/settings.ts';
import type { Summary } from '../../shared/summary.ts';

export interface DayOutcome {
  readonly source: SourceName;
  /** Event day, `YYYY-MM-DD`. */
  readonly day: string;
  /** Of its publication; null when it is not published. */
  readonly revision: number | null;
}

export interface EventSummary extends Summary {
  /** First and last instant of the clock, ISO 8601. */
  readonly began_at: string;
  readonly ended_at: string;
  /** Every event day of the recordings, by source and day. */
  readonly days: readonly DayOutcome[];
}

/** The days as lines below the table of the rows. */
export function daysTableOf({ began_at, ended_at, days }: EventSummary): string {
  const lines = [`event time from ${began_at} to ${ended_at}`];
  for (const [source, ofSource] of Map.groupBy(days, (outcome) => outcome.source)) {
    const published = ofSource.filter(({ revision }) => revision !== null);
    const pending = ofSource.filter(({ revision }) => revision === null);
    if (published.length > 0) lines.push(`${source}: ${count(published)} published, ${published[0]!.day} to ${published.at(-1)!.day}`);
    if (pending.length > 0) lines.push(`${source}: ${count(pending)} not published: ${pending.map(({ day }) => day).join(', ')}`);
  }
  return lines.join('\n');
}

function count(days: readonly DayOutcome[]): string {
  return days.length === 1 ? '1 day' : `${days.length} days`;
}
