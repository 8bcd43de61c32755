/** The event days of a recording, and which of them the batch has published. */
import { text } from 'node:stream/consumers';
import { PUBLISHED_KEY } from '#adapters/published-store.ts';
import { dayInterval, eventDay } from '#domain/calendar.ts';
import { parsePublished } from '#domain/publication.ts';
import { DEFAULT_SETTINGS, type SourceName, zoneOf } from '#domain/settings.ts';
import type { LocalContext } from '../../../local/resources/context.ts';
import type { ReadingFile } from '../reading-file.ts';
import type { TradeFile } from '../trade-file.ts';

export interface EventDay {
  readonly source: SourceName;
  /** `YYYY-MM-DD` in the zone of its keys. */
  readonly day: string;
  /** When it has ended in the last of these zones and nothing of it can be re-issued any more, ms since the epoch. */
  readonly settledMs: number;
}

/** Bucket of the local template. */
const DATA_BUCKET = 'data';

/** Ordered by source and day. */
export function eventDaysOf(trades: readonly TradeFile[], readings: readonly ReadingFile[]): EventDay[] {
  const days = new Map<string, EventDay>();
  const add = (source: SourceName, zone: string, eventMs: number): void => {
    const day = eventDay(zone, eventMs);
    const settledMs = dayInterval(zone, day).endMs + DEFAULT_SETTINGS[source].latenessMs;
    const known = days.get(`${source} ${day}`);
    if (!known || known.settledMs < settledMs) days.set(`${source} ${day}`, { source, day, settledMs });
  };
  for (const { symbol, trades: rows } of trades) for (const { t } of rows) add('trades', zoneOf('trades', symbol, DEFAULT_SETTINGS), t);
  for (const { zone, rows } of readings) for (const { eventMs } of rows) add('readings', zone, eventMs);
  return [...days.keys()].sort().map((key) => days.get(key)!);
}

/** Revision of each published day, by `<source> <day>`; null when there is no batch: nothing was ever published, not even that nothing is. */
export async function publishedRevisions(s3: LocalContext['s3']): Promise<ReadonlyMap<string, number> | null> {
  let content: string;
  try {
    content = await text((await s3.getObject(DATA_BUCKET, PUBLISHED_KEY)).body);
  } catch (error) {
    if ((error as { code?: string }).code === 'NoSuchKey') return null;
    throw error;
  }
  return new Map(parsePublished(content).days.map(({ source, day, revision }) => [`${source} ${day}`, revision]));
}
