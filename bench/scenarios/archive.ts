import { sourceRecords as recordsOfEvent } from '../../functions/adapters/kinesis-records.ts';
import { parquetFile } from '../../functions/adapters/parquet-writer.ts';
import { type ArchivePorts, archiveBatch } from '../../functions/archive/archive-batch.ts';
import { columnsOf } from '../../functions/archive/lake-object.ts';
import { readingsTable } from '../../functions/archive/source-tables.ts';
import { decodeRecord } from '../../functions/domain/decode.ts';
import type { Reading, SourceRecord } from '../../functions/domain/events.ts';
import { DEFAULT_SETTINGS } from '../../functions/domain/settings.ts';
import { batchesOf, LANE, measureRuns, ownUsage, sourceRecords } from '../in-process.ts';
import { hourBefore, readingEntries, TRADES_A_RECORD, tradeEntries } from '../input.ts';
import { type Conditions, type Outcome, type Scenario, scaled } from '../scenario.ts';

const EVENTS = 1_000_000;
/** As the mappings of the archive have it. */
const BATCH_RECORDS = 10_000;
const OBJECT_KEY = 'raw/readings/dt=2026-01-01/hr=00/bench.parquet';

/** A Kinesis event as Lambda gives it, as text. */
function eventText(records: readonly SourceRecord[]): string {
  const written = records.map(({ position, key, bytes, arrivalMs }) => ({
    eventID: `${LANE}:${position}`,
    kinesis: {
      partitionKey: key,
      sequenceNumber: position,
      data: Buffer.from(bytes).toString('base64'),
      approximateArrivalTimestamp: arrivalMs / 1000,
    },
  }));
  return JSON.stringify({ Records: written });
}

/** The function from the text of its event on, with a bucket and an index that forget; answers with the rows kept. */
async function archiveAll(source: 'trades' | 'readings', events: readonly string[]): Promise<number> {
  const ports: ArchivePorts = { objects: { put: async () => undefined }, index: { write: async () => undefined } };
  let rows = 0;
  for (const event of events) rows += (await archiveBatch(source, recordsOfEvent(JSON.parse(event)), DEFAULT_SETTINGS, ports)).rows;
  return rows;
}

async function run({ scale, runs, seed }: Conditions): Promise<Outcome> {
  const nowMs = Date.now();
  const startMs = hourBefore(nowMs);
  const before = ownUsage();
  const trades = scaled(EVENTS, scale, TRADES_A_RECORD);
  const readings = scaled(EVENTS, scale);
  const records = {
    trades: sourceRecords(tradeEntries(seed, trades, startMs), nowMs),
    readings: sourceRecords(readingEntries({ seed, count: readings, pattern: 'uniform', startMs }), nowMs),
  };
  const rows = records.readings.map((record) => {
    const [value] = decodeRecord('readings', record, DEFAULT_SETTINGS).events as readonly Reading[];
    return { record, value: value! };
  });
  const files = batchesOf(rows, BATCH_RECORDS);
  const columns = columnsOf(readingsTable(DEFAULT_SETTINGS), OBJECT_KEY);
  const write = (): void => {
    for (const file of files) parquetFile(columns, file);
  };
  const kept = { trades: 0, readings: 0 };
  const whole = async (source: 'trades' | 'readings', items: number) => {
    const events = batchesOf(records[source], BATCH_RECORDS).map(eventText);
    return measureRuns(`whole function, ${source}`, 'rows', items, runs, async () => {
      kept[source] = await archiveAll(source, events);
    });
  };
  const measured = [
    ...(await measureRuns('Parquet writer alone, readings', 'rows', readings, runs, write)),
    ...(await whole('readings', readings)),
    ...(await whole('trades', trades)),
  ];
  const { cpuSeconds, peakMemoryMiB } = ownUsage();
  return {
    settings: { trades, readings, records_a_file: BATCH_RECORDS, bucket_and_index: 'take everything at once' },
    warmUp: 'one run of each',
    measured,
    cpuSeconds: cpuSeconds - before.cpuSeconds,
    peakMemoryMiB,
    sums: [
      { name: 'readings kept', expected: readings, found: kept.readings },
      { name: 'trades kept', expected: trades, found: kept.trades },
    ],
  };
}

export const archive: Scenario = {
  id: 'archive',
  part: 'f',
  title: 'The archive in one thread: its Parquet writer alone, and the function from the text of its event to the bytes of its objects',
  run,
};
