/** What the archive holds: rows a day and object, which days changed, and how far each lane is done with. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Item, putItems } from './batch-write.ts';

export interface ArchiveIndexRow {
  /** Stream or source of the lane: `trades`, `readings` or `alerts`. */
  readonly stream: string;
  /** Object key. */
  readonly key: string;
  /** Rows of data; 0 in a quarantine object. */
  readonly rows: number;
  /** Refusals; 0 in an object of data. */
  readonly quarantined: number;
  /** Event day → rows of data. */
  readonly eventDays: Readonly<Record<string, number>>;
  /** Positions of the first and the last stream record that the object holds something of. */
  readonly firstPosition: string;
  readonly lastPosition: string;
  /** Newest arrival among these records, ms since the epoch. */
  readonly lastArrivalMs: number;
}

/** The newest record of a lane that the archive is done with: kept, refused or without anything to keep (a timer). */
export interface Reached {
  readonly lane: string;
  readonly position: string;
  /** When the stream took that record, ms since the epoch. */
  readonly arrivalMs: number;
}

export interface ArchiveIndex {
  /** Indexes objects that are already durable, and then how far the lanes of their batch are done with. The same again changes nothing but markers. */
  write(stream: string, objects: readonly ArchiveIndexRow[], reached: readonly Reached[]): Promise<void>;
}

/** Partitions of the index table. Its sort key is the object's key, the day, or the lane. */
export const INDEX_PARTITIONS = {
  day: (stream: string, day: string) => `day#${stream}#${day}`,
  days: (stream: string) => `days#${stream}`,
  reached: (stream: string) => `reached#${stream}`,
} as const;

/**
 * The items of a DynamoDB table, keyed by `lane` and `object`. Rows go first, the markers of their days second, `reached` last: whoever
 * reads a marker and then rows, or `reached` and then markers, misses nothing that the first one speaks of.
 */
export function dynamoArchiveIndex(
  client: DynamoDBClient,
  table: string,
  { newMarker, pause }: { readonly newMarker: () => string; readonly pause: (ms: number) => Promise<unknown> },
): ArchiveIndex {
  const put = (items: readonly Item[]) => putItems(client, table, items, pause);
  return {
    async write(stream, objects, reached) {
      await put(objects.flatMap(dayItems));
      const days = new Set(objects.flatMap(({ eventDays }) => Object.keys(eventDays)));
      await put([...days].map((day) => ({ ...keyOf(INDEX_PARTITIONS.days(stream), day), marker: { S: newMarker() } })));
      await put(
        reached.map(({ lane, position, arrivalMs }) => ({
          ...keyOf(INDEX_PARTITIONS.reached(stream), lane),
          position: { S: position },
          arrivalMs: { N: String(arrivalMs) },
        })),
      );
    },
  };
}

function dayItems({ stream, key, eventDays, firstPosition, lastPosition, lastArrivalMs }: ArchiveIndexRow): Item[] {
  return Object.entries(eventDays).map(([day, rows]) => ({
    ...keyOf(INDEX_PARTITIONS.day(stream, day), key),
    rows: { N: String(rows) },
    firstPosition: { S: firstPosition },
    lastPosition: { S: lastPosition },
    lastArrivalMs: { N: String(lastArrivalMs) },
  }));
}

function keyOf(lane: string, object: string): Item {
  return { lane: { S: lane }, object: { S: object } };
}
