/** One batch of one stream → Parquet. At least once by design: object first, index second, and only then the acknowledgement. */
import type { ArchiveIndex, Reached } from '#adapters/archive-index.ts';
import type { ObjectStore } from '#adapters/object-store.ts';
import { decodeRecord } from '#domain/decode.ts';
import { comparePositions, type DecodedEvent, type Reading, type Refusal, type SourceRecord, type Trade } from '#domain/events.ts';
import type { Settings, SourceName } from '#domain/settings.ts';
import { type Alert, decodeAlert } from './alert-record.ts';
import { alertTable } from './alert-tables.ts';
import { type Entry, type LakeObject, lakeObjects } from './lake-object.ts';
import { type Quarantined, quarantineTable } from './quarantine-table.ts';
import { readingsTable, tradesTable } from './source-tables.ts';

export type StreamKind = SourceName | 'alerts';

/** What became of a batch: events = rows + refusals + timers. */
export interface ArchiveCounts {
  readonly stream: StreamKind;
  readonly records: number;
  readonly rows: number;
  readonly refusals: number;
  /** Timers are no data: counted, not kept. */
  readonly timers: number;
  readonly objects: number;
  readonly bytes: number;
}

export interface ArchivePorts {
  readonly objects: ObjectStore;
  readonly index: ArchiveIndex;
}

/**
 * Keeps everything of a batch: data as rows, what is refused with its bytes. Resolves when all of it is durable and
 * indexed; rejects when the bucket or the index failed, so that the whole batch is delivered again.
 */
export async function archiveBatch(
  stream: StreamKind,
  records: readonly SourceRecord[],
  settings: Settings,
  ports: ArchivePorts,
): Promise<ArchiveCounts> {
  const sorted = stream === 'alerts' ? sortAlerts(records) : sortSource(stream, records, settings);
  await Promise.all(sorted.objects.map(({ index, bytes }) => ports.objects.put(index.key, bytes)));
  await ports.index.write(
    stream,
    sorted.objects.map(({ index }) => index),
    reachedBy(records),
  );
  return {
    stream,
    records: records.length,
    rows: sum(sorted.objects, ({ index }) => index.rows),
    refusals: sum(sorted.objects, ({ index }) => index.quarantined),
    timers: sorted.timers,
    objects: sorted.objects.length,
    bytes: sum(sorted.objects, ({ bytes }) => bytes.length),
  };
}

/** The newest record of each lane. */
function reachedBy(records: readonly SourceRecord[]): Reached[] {
  const newest = new Map<string, SourceRecord>();
  for (const record of records) {
    const known = newest.get(record.lane);
    if (known === undefined || comparePositions(record.position, known.position) > 0) newest.set(record.lane, record);
  }
  return [...newest.values()].map(({ lane, position, arrivalMs }) => ({ lane, position, arrivalMs }));
}

interface Sorted {
  readonly objects: readonly LakeObject[];
  readonly timers: number;
}

function sortSource(source: SourceName, records: readonly SourceRecord[], settings: Settings): Sorted {
  const trades: Entry<Trade>[] = [];
  const readings: Entry<Reading>[] = [];
  const refused: Entry<Quarantined>[] = [];
  let timers = 0;
  const place = (record: SourceRecord, value: DecodedEvent) => {
    if (value.type === 'trade') trades.push({ record, value });
    else if (value.type === 'reading') readings.push({ record, value });
    else timers += 1;
  };
  for (const record of records) {
    const { events, refusals } = decodeRecord(source, record, settings);
    for (const event of events) place(record, event);
    for (const [index, refusal] of refusals.entries()) refused.push(quarantined(record, refusal, index === 0));
  }
  const objects = [
    ...lakeObjects(tradesTable(settings), trades),
    ...lakeObjects(readingsTable(settings), readings),
    ...lakeObjects(quarantineTable(source), refused),
  ];
  return { objects, timers };
}

function sortAlerts(records: readonly SourceRecord[]): Sorted {
  const alerts: Entry<Alert>[] = [];
  const refused: Entry<Quarantined>[] = [];
  for (const record of records) {
    const value = decodeAlert(record);
    if ('reason' in value) refused.push(quarantined(record, value, true));
    else alerts.push({ record, value });
  }
  const objects = (['instant', 'avg_temp'] as const).flatMap((kind) =>
    lakeObjects(
      alertTable(kind),
      alerts.filter(({ value }) => value.kind === kind),
    ),
  );
  return { objects: [...objects, ...lakeObjects(quarantineTable('alerts'), refused)], timers: 0 };
}

function quarantined(record: SourceRecord, refusal: Refusal, isFirst: boolean): Entry<Quarantined> {
  return { record, value: { refusal, raw: isFirst ? record.bytes : null } };
}

function sum(objects: readonly LakeObject[], of: (object: LakeObject) => number): number {
  return objects.reduce((total, object) => total + of(object), 0);
}
