/** What was sorted out of a batch → Parquet objects, one a lane and arrival hour, each with its row for the archive index. */
import type { ArchiveIndexRow } from '#adapters/archive-index.ts';
import { type ParquetColumn, parquetFile } from '#adapters/parquet-writer.ts';
import { comparePositions, type SourceRecord } from '#domain/events.ts';

/** One thing to keep, with the stream record that brought it. */
export interface Entry<Value> {
  readonly record: SourceRecord;
  readonly value: Value;
}

/** An entry on its way into the object of that key. */
export interface Row<Value> extends Entry<Value> {
  readonly objectKey: string;
}

export interface LakeTable<Value> {
  /** The stream the entries came from. */
  readonly stream: string;
  /** First folder of the keys, without a slash at its end: `raw/trades`. */
  readonly folder: string;
  /** Whether a partition is an hour (`dt=…/hr=…`) or a day (`dt=…`), both of the arrival in UTC. */
  readonly partition: 'hour' | 'day';
  readonly columns: readonly ParquetColumn<Row<Value>>[];
  /** The event day of data; null for what is no data (quarantine). */
  readonly eventDay: (value: Value) => string | null;
}

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
  const groups = Map.groupBy(entries, ({ record }) => `${partitionOf(table, record.arrivalMs)}/${record.lane}`);
  return [...groups].map(([prefix, group]) => lakeObject(table, prefix, group));
}

function partitionOf(table: LakeTable<never>, arrivalMs: number): string {
  const arrival = new Date(arrivalMs).toISOString();
  const day = `${table.folder}/dt=${arrival.slice(0, 10)}`;
  return table.partition === 'day' ? day : `${day}/hr=${arrival.slice(11, 13)}`;
}

function lakeObject<Value>(table: LakeTable<Value>, prefix: string, entries: readonly Entry<Value>[]): LakeObject {
  const records = entries.map(({ record }) => record);
  const positions = records.map(({ position }) => position).sort(comparePositions);
  const firstPosition = positions[0]!;
  const lastPosition = positions.at(-1)!;
  const key = `${prefix}-${firstPosition}-${lastPosition}.parquet`;
  const days = entries.map(({ value }) => table.eventDay(value)).filter((day) => day !== null);
  const eventDays: Record<string, number> = {};
  for (const day of days) eventDays[day] = (eventDays[day] ?? 0) + 1;
  return {
    bytes: parquetFile(
      table.columns,
      entries.map((entry) => ({ ...entry, objectKey: key })),
    ),
    index: {
      stream: table.stream,
      lane: records[0]!.lane,
      key,
      rows: days.length,
      quarantined: entries.length - days.length,
      eventDays,
      firstPosition,
      lastPosition,
      lastArrivalMs: records.reduce((newest, { arrivalMs }) => Math.max(newest, arrivalMs), 0),
    },
  };
}
