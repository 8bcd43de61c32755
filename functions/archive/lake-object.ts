/** What was sorted out of a batch → Parquet objects, one a lane and arrival hour, each with its row for the archive index. */
import type { ArchiveIndexRow } from '#adapters/archive-index.ts';
import { type ParquetColumn, parquetFile } from '#adapters/parquet-writer.ts';
import { comparePositions, type SourceRecord } from '#domain/events.ts';

/** One thing to keep, with the stream record that brought it. */
export interface Entry<Value> {
  readonly record: SourceRecord;
  readonly value: Value;
}

export interface LakeTable<Value> {
  /** The stream the entries came from. */
  readonly stream: string;
  /** First folder of the keys, without a slash at its end: `raw/trades`. */
  readonly folder: string;
  /** Whether a partition is an hour (`dt=…/hr=…`) or a day (`dt=…`), both of the arrival in UTC. */
  readonly partition: 'hour' | 'day';
  /** Before the last one, `object`: the key of the object itself. */
  readonly columns: readonly ParquetColumn<Entry<Value>>[];
  /** The event day of data; null for what is no data (quarantine). */
  readonly eventDay: (value: Value) => string | null;
}

const HOUR_MS = 3_600_000;

export interface LakeObject {
  readonly bytes: Uint8Array;
  /** Goes into the index once the object is durable. */
  readonly index: ArchiveIndexRow;
}

/**
 * The objects of a table, in the order of their first entries. Key and bytes follow from the entries alone, so a batch
 * that is delivered again writes the same objects; one that is cut differently writes overlapping ones, which the batch
 * layer resolves by event id.
 */
export function lakeObjects<Value>(table: LakeTable<Value>, entries: readonly Entry<Value>[]): LakeObject[] {
  return [...groupsOf(table, entries)].map(([prefix, group]) => lakeObject(table, prefix, group));
}

/** Entries by partition and lane. Neighbours nearly always share both, so that the texts are made once an hour, not once an entry. */
function groupsOf<Value>({ folder, partition }: LakeTable<Value>, entries: readonly Entry<Value>[]): Map<string, Entry<Value>[]> {
  const groups = new Map<string, Entry<Value>[]>();
  let hour = Number.NaN;
  let lane = '';
  let group: Entry<Value>[] = [];
  for (const entry of entries) {
    const { record } = entry;
    const arrivalHour = Math.floor(record.arrivalMs / HOUR_MS);
    if (arrivalHour !== hour || record.lane !== lane) {
      hour = arrivalHour;
      lane = record.lane;
      const arrival = new Date(record.arrivalMs).toISOString();
      const day = `${folder}/dt=${arrival.slice(0, 10)}`;
      const prefix = `${partition === 'day' ? day : `${day}/hr=${arrival.slice(11, 13)}`}/${lane}`;
      group = groups.get(prefix) ?? [];
      groups.set(prefix, group);
    }
    group.push(entry);
  }
  return groups;
}

function lakeObject<Value>(table: LakeTable<Value>, prefix: string, entries: readonly Entry<Value>[]): LakeObject {
  const index = indexRowOf(table, prefix, entries);
  return { bytes: parquetFile(columnsOf(table, index.key), entries), index };
}

/** The columns of the object of that key. */
export function columnsOf<Value>(table: LakeTable<Value>, key: string): ParquetColumn<Entry<Value>>[] {
  return [...table.columns, { name: 'object', type: 'STRING', nullable: false, of: () => key }];
}

function indexRowOf<Value>(table: LakeTable<Value>, prefix: string, entries: readonly Entry<Value>[]): ArchiveIndexRow {
  let firstPosition = entries[0]!.record.position;
  let lastPosition = firstPosition;
  let lastArrivalMs = 0;
  let rows = 0;
  const eventDays: Record<string, number> = {};
  for (const { record, value } of entries) {
    const { position, arrivalMs } = record;
    if (comparePositions(position, firstPosition) < 0) firstPosition = position;
    if (comparePositions(position, lastPosition) > 0) lastPosition = position;
    if (arrivalMs > lastArrivalMs) lastArrivalMs = arrivalMs;
    const day = table.eventDay(value);
    if (day === null) continue;
    rows += 1;
    eventDays[day] = (eventDays[day] ?? 0) + 1;
  }
  return {
    stream: table.stream,
    key: `${prefix}-${firstPosition}-${lastPosition}.parquet`,
    rows,
    quarantined: entries.length - rows,
    eventDays,
    firstPosition,
    lastPosition,
    lastArrivalMs,
  };
}
