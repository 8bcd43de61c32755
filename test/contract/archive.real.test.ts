import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceRecord } from '#domain/events.ts';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';
import { readInputFile } from '../../cli/replay/file-identity.ts';
import { readReadingFile } from '../../cli/replay/reading-file.ts';
import { payloadOf } from '../../cli/replay/send-readings.ts';
import { readTradeFile } from '../../cli/replay/trade-file.ts';
import { TradeEncoder } from '../../feed/trade-encoder.ts';
import { type ArchiveCounts, type ArchivePorts, archiveBatch } from '../../functions/archive/archive-batch.ts';
import { oracleLoggerReadings, oracleTrades, TOYONAKAI, TRADE_FILES } from '../oracles/data.ts';
import { ARRIVAL_MS, positionOf, readingsRecord } from '../support/records.ts';

let folder: string;
let duckdb: DuckDBInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-archive-'));
  duckdb = await DuckDBInstance.create(':memory:');
});
afterAll(async () => {
  duckdb.closeSync();
  await rm(folder, { recursive: true });
});

const ports: ArchivePorts = {
  objects: {
    async put(key, body) {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), body);
    },
  },
  index: { write: async () => {} },
};

/** Archives records in batches of `size`, as they arrive over three hours. */
async function archive(source: 'trades' | 'readings', records: SourceRecord[], size: number, settings: Settings): Promise<ArchiveCounts[]> {
  const spread = records.map((record, index) => ({
    ...record,
    position: positionOf(index),
    arrivalMs: ARRIVAL_MS + Math.floor((index * 10_800_000) / records.length),
  }));
  const counts: ArchiveCounts[] = [];
  for (let from = 0; from < spread.length; from += size) {
    counts.push(await archiveBatch(source, spread.slice(from, from + size), settings, ports));
  }
  return counts;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await duckdb.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    connection.closeSync();
  }
}

describe('the archive of the recorded data, read back by DuckDB', () => {
  it('holds every trade exactly once, with the day, price and size of an independent reading', async () => {
    const inputs = await Promise.all(TRADE_FILES.map(readInputFile));
    const records = inputs.flatMap((input) => {
      const { identity, trades } = readTradeFile(input, undefined);
      return new TradeEncoder(identity).encode(trades, ARRIVAL_MS).map(({ partitionKey, data }) => ({
        lane: 'shardId-000000000000',
        position: '',
        key: partitionKey,
        bytes: data,
        arrivalMs: 0,
      }));
    });
    const counts = await archive('trades', records, 150, DEFAULT_SETTINGS);
    expect(counts.reduce((sum, { rows }) => sum + rows, 0)).toBe(205_417);
    expect(counts.reduce((sum, { refusals, timers }) => sum + refusals + timers, 0)).toBe(0);

    const read = await query(`
      select symbol, event_day as day, count(*) as trades, count(distinct event_id) as ids,
        sum(cast(round(price * 10000) as bigint) * cast(size as bigint)) as notional, sum(cast(size as bigint)) as volume,
        sum(event_ms) as times, count(*) filter (where epoch_ms(event_time) <> event_ms or epoch_ms(ingest_time) <> ingest_ms) as unequal_times,
        count(*) filter (where filename not like '%' || object) as misplaced,
        count(*) filter (where strftime(ingest_time, '%Y-%m-%d/hr=%H') <> dt || '/hr=' || hr) as misfiled
      from read_parquet('${folder}/raw/trades/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false, filename = true)
      group by symbol, day order by symbol, day`);
    const expected = TRADE_FILES.map((file) => {
      const rows = oracleTrades(file);
      const total = (of: (row: (typeof rows)[number]) => bigint) => rows.reduce((sum, row) => sum + of(row), 0n);
      return {
        symbol: rows[0]!.symbol,
        day: rows[0]!.day,
        trades: BigInt(rows.length),
        ids: BigInt(rows.length),
        notional: total(({ price, size }) => price * size),
        volume: total(({ size }) => size),
        times: total(({ eventMs }) => BigInt(eventMs)),
        unequal_times: 0n,
        misplaced: 0n,
        misfiled: 0n,
      };
    });
    const place = ({ symbol, day }: Record<string, unknown>) => `${symbol} ${day}`;
    expect(read).toEqual(expected.sort((a, b) => (place(a) < place(b) ? -1 : 1)));
    expect(
      (await query(`select count(*) as files from glob('${folder}/raw/trades/dt=2026-06-01/hr=*/*.parquet')`))[0]!['files'],
    ).toBeGreaterThan(2n);
  });

  it('holds every reading with its verdict, the four shifted frames among them', async () => {
    const settings = { ...DEFAULT_SETTINGS, sensors: [{ match: 'toyonakai-*', profile: 'dht22', zone: 'Asia/Tokyo' }] };
    const { rows, identity: boot, device } = readReadingFile(await readInputFile(TOYONAKAI), {});
    const records = rows.map((row, seq) => readingsRecord(device, payloadOf(row, { boot, seq })));
    await archive('readings', records, 200, settings);
    const read = await query(`
      select event_ms, temperature_c, humidity_pct, event_day, quality
      from read_parquet('${folder}/raw/readings/*/*/*.parquet') order by seq`);
    const expected = oracleLoggerReadings(TOYONAKAI).map(({ eventMs, temperatureC, humidityPct }) => ({
      event_ms: BigInt(eventMs),
      temperature_c: temperatureC,
      humidity_pct: humidityPct,
      event_day: new Date(eventMs + 9 * 3_600_000).toISOString().slice(0, 10),
      quality: humidityPct > 3_000 ? 'BIT_SHIFT' : 'OK',
    }));
    expect(read).toEqual(expected);
  });
});
