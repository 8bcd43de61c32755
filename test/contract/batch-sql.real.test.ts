/** The statements of the batch on the recorded data, with copies put in on purpose, against a recount in plain code. */
import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceRecord } from '#domain/events.ts';
import { sensorLimits } from '#domain/sensor-limits.ts';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';
import { readInputFile } from '../../cli/replay/file-identity.ts';
import { readReadingFile } from '../../cli/replay/reading-file.ts';
import { payloadOf } from '../../cli/replay/send-readings.ts';
import { readTradeFile } from '../../cli/replay/trade-file.ts';
import { TradeEncoder } from '../../feed/trade-encoder.ts';
import { archiveBatch } from '../../functions/archive/archive-batch.ts';
import { BIKE, MACHINE, oracleLoggerReadings, oracleMachineReadings, oracleTrades, TOYONAKAI, TRADE_FILES } from '../oracles/data.ts';
import { type DayRules, sensorDayTotals } from '../oracles/sensor-days-recount.ts';
import { totalsOf } from '../oracles/trades-recount.ts';
import { DuckDbLake, type LakeRow } from '../support/duckdb-lake.ts';
import { positionOf, readingsRecord } from '../support/records.ts';
import { expectFigures, plainRow } from '../support/same-figures.ts';

const LANE = 'shardId-000000000000';
const DAY_MS = 86_400_000;
/** Between the last event of a record and its arrival. */
const DELAY_MS = 150;

let lake: DuckDbLake;
beforeAll(async () => {
  lake = await DuckDbLake.create();
});
afterAll(() => lake.close());

/** Archives records in batches of `size`; then again cut differently, delivered a second time on the next day, and copied by hand. */
async function archiveWithCopies(source: 'trades' | 'readings', records: readonly SourceRecord[], size: number, settings: Settings) {
  const placed = records.map((record, index) => ({ ...record, lane: LANE, position: positionOf(index) }));
  for (let from = 0; from < placed.length; from += size) await archiveBatch(source, placed.slice(from, from + size), settings, lake.ports);
  // The batch after a crash is cut elsewhere: other names, the same records.
  const overlapping = placed.slice(Math.floor(size / 2), Math.floor(size / 2) + 2 * size);
  await archiveBatch(source, overlapping, settings, lake.ports);
  // A producer that got no answer sends again: other positions, arriving later, some on the next day and in another lane.
  const again = placed
    .filter((_, index) => index % 7 === 0)
    .map((record, index) => ({
      ...record,
      lane: index % 2 === 0 ? LANE : 'shardId-000000000001',
      position: positionOf(records.length + index),
      arrivalMs: record.arrivalMs + (index % 3 === 0 ? DAY_MS : 90_000),
    }));
  await archiveBatch(source, again, settings, lake.ports);
  const [object] = globSync(join(lake.folder, `raw/${source}/**/*.parquet`)).sort();
  cpSync(object!, object!.replace('.parquet', '-copy.parquet'));
}

/** Arrival days that hold anything of an event day: copies come up to a day later. */
function arrivalOf(day: string): { from: string; to: string } {
  const shifted = (days: number) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
  return { from: shifted(-1), to: shifted(3) };
}

const raw = (rows: readonly LakeRow[], what: string) => rows.filter((row) => row['what'] === what).map(plainRow);

describe('trades of IBM and AIG on three days', () => {
  const DAYS = ['2013-10-07', '2013-10-08', '2013-10-09'];
  const oracles = TRADE_FILES.map((file) => oracleTrades(file));
  const ofDay = (day: string) => oracles.filter(([first]) => first!.day === day);

  /** Day → the sum of how long after midnight UTC each of its trades arrived first. */
  const arrivals = new Map(DAYS.map((day) => [day, 0]));

  beforeAll(async () => {
    const inputs = await Promise.all(TRADE_FILES.map(readInputFile));
    const records = inputs.flatMap((input) => {
      const { identity, trades } = readTradeFile(input, undefined);
      return new TradeEncoder(identity).encode(trades, 0).map(({ partitionKey, data }) => {
        const sent = JSON.parse(Buffer.from(data).toString()).trades;
        const arrivalMs = sent.at(-1).t + DELAY_MS;
        // No session of these days goes beyond midnight, UTC or in New York.
        const day = new Date(arrivalMs).toISOString().slice(0, 10);
        arrivals.set(day, arrivals.get(day)! + sent.length * (arrivalMs - Date.parse(day)));
        return { lane: '', position: '', key: partitionKey, bytes: data, arrivalMs };
      });
    });
    records.sort((a, b) => a.arrivalMs - b.arrivalMs);
    await archiveWithCopies('trades', records, 40, DEFAULT_SETTINGS);
    for (const day of DAYS) await lake.makeGeneration('trades', day, 'g1', arrivalOf(day));
  });

  it.each(DAYS)('%s holds every trade once, as it arrived first, although raw holds copies', async (day) => {
    const expected = ofDay(day).reduce((sum, trades) => sum + trades.length, 0);
    const { from, to } = arrivalOf(day);
    const checked = await lake.statement('check-trades', [from, to, day, from, to, day, day, 'g1', day, 'g1']);
    const [total] = raw(checked, 'raw');
    const [curated] = raw(checked, 'curated');
    expect(curated).toMatchObject({ row_count: expected, distinct_ids: expected });
    expect(raw(checked, 'counted')[0]).toMatchObject({ row_count: expected });
    expect(total).toMatchObject({ distinct_ids: expected, min_event_ms: curated!['min_event_ms'], max_event_ms: curated!['max_event_ms'] });
    expect(total!['row_count']).toBeGreaterThan(expected * 1.1);
    const objects = raw(checked, 'object');
    expect(objects.reduce((sum, row) => sum + Number(row['row_count']), 0)).toBe(total!['row_count']);
    // Each as its index says, also the one that was copied by hand; the copy is in no index.
    const found = new Map(objects.map(({ name, row_count: rows }) => [name, rows]));
    const indexed = [...lake.indexed].filter(([, days]) => days[day] !== undefined);
    for (const [key, days] of indexed) expect([key, found.get(key)]).toEqual([key, days[day]]);
    expect(found.size - indexed.length).toBe(day === DAYS[0] ? 1 : 0);
    const [first] = await lake.query(
      `select cast(sum(ingest_ms - ${Date.parse(day)}) as bigint) as ms, count(*) filter (where epoch_ms(ingest_time) <> ingest_ms) as unequal from curated_trades where day = '${day}'`,
    );
    expect(first).toEqual({ ms: BigInt(arrivals.get(day)!), unequal: 0n });
  });

  it.each(DAYS)('%s has the figures of each symbol', async (day) => {
    const rows = await lake.statement('daily-trade-stats', [day, 'g1']);
    expect(rows.map(({ symbol }) => symbol).sort()).toEqual(['AIG', 'IBM']);
    for (const trades of ofDay(day)) {
      const row = rows.find(({ symbol }) => symbol === trades[0]!.symbol);
      expectFigures(row, { ...totalsOf(trades), price_update_count: 0 });
    }
  });

  it('are summed once each, whatever copies raw holds: without the de-duplication they would not be', async () => {
    const [naive] = await lake.query(`select count(*) as n from raw_trades where event_day = '2013-10-08' and symbol = 'IBM'`);
    const [exact] = ofDay('2013-10-08').filter(([first]) => first!.symbol === 'IBM');
    expect(Number(naive!['n'])).toBeGreaterThan(exact!.length);
  });
});

describe('readings of three recorded sensors', () => {
  const industrial = DEFAULT_SETTINGS.profiles['industrial']!;
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    sensors: [
      // No sensor of ours: `_` is no wildcard.
      { match: 'm_chine*', profile: 'dht22', zone: 'Europe/Berlin' },
      { match: 'toyonakai-*', profile: 'dht22', zone: 'Asia/Tokyo' },
      { match: 'bike*', profile: 'dht22', zone: 'Asia/Tokyo' },
      { match: 'machine_*', profile: 'industrial', zone: 'UTC' },
      // Never reached by ours: the first match counts.
      { match: '*', profile: 'dht22', zone: 'America/New_York' },
    ],
  };
  const dht22 = DEFAULT_SETTINGS.profiles['dht22']!;
  const rulesOf = (profile: typeof dht22, zoneHours: number): DayRules => ({
    zoneHours,
    temperatureC: [profile.temperatureMinC, profile.temperatureMaxC],
    measuresHumidity: profile.humidityMinPct !== undefined,
    highC: profile.highC,
    criticalC: profile.criticalC,
    expectedIntervalMs: profile.expectedIntervalMs,
  });
  const sensors = [
    { file: TOYONAKAI, totals: sensorDayTotals(oracleLoggerReadings(TOYONAKAI), rulesOf(dht22, 9)) },
    { file: BIKE, totals: sensorDayTotals(oracleLoggerReadings(BIKE), rulesOf(dht22, 9)) },
    { file: MACHINE, totals: sensorDayTotals(oracleMachineReadings(MACHINE), rulesOf(industrial, 0)) },
  ];
  const devices: string[] = [];

  beforeAll(async () => {
    const records: SourceRecord[] = [];
    for (const { file } of sensors) {
      const { rows, identity: boot, device } = readReadingFile(await readInputFile(file), file === MACHINE ? { device: 'machine_1' } : {});
      devices.push(device);
      for (const [seq, row] of rows.entries()) {
        // The device had no network: what it measured arrives when its UTC day is over.
        const arrivalMs = (Math.floor(row.eventMs / DAY_MS) + 1) * DAY_MS + DELAY_MS;
        records.push(readingsRecord(device, payloadOf(row, { boot, seq }), { arrivalMs }));
      }
    }
    await archiveWithCopies('readings', records, 2_000, settings);
  });

  it('have the figures of each day: verdicts, means, minutes above each threshold, completeness', async () => {
    const days = new Set(sensors.flatMap(({ totals }) => [...totals.keys()]));
    expect(days.size).toBeGreaterThan(75);
    const found = new Map<string, LakeRow>();
    for (const day of days) {
      lake.writeLines(`reference/sensor_limits/day=${day}/gen=g1/limits.json`, sensorLimits(day, settings));
      await lake.makeGeneration('readings', day, 'g1', arrivalOf(day));
    }
    for (const row of await lake.query('select * from curated_daily_sensor_stats')) found.set(`${row['sensor_id']} ${row['day']}`, row);
    const expected = sensors.flatMap(({ totals }, index) =>
      [...totals].map(([day, figures]) => ({ place: `${devices[index]} ${day}`, figures })),
    );
    expect([...found.keys()].sort()).toEqual(expected.map(({ place }) => place).sort());
    for (const { place, figures } of expected) expectFigures(found.get(place), { ...figures });
    const sum = (column: string) => [...found.values()].reduce((total, row) => total + Number(row[column]), 0);
    expect([sum('bit_shift_count'), sum('nan_count'), sum('range_count')]).toEqual([4, 249, 0]);
    expect(sum('minutes_high')).toBeGreaterThan(sum('minutes_critical'));
    expect(sum('minutes_critical')).toBeGreaterThan(0);
    const [checked] = raw(
      await lake.statement('check-readings', [
        '2013-12-03',
        '2013-12-05',
        '2013-12-03',
        '2013-12-03',
        '2013-12-05',
        '2013-12-03',
        '2013-12-03',
        'g1',
      ]),
      'curated',
    );
    expect(checked).toMatchObject({
      row_count: 288,
      distinct_ids: 288,
      min_event_ms: Date.parse('2013-12-03'),
      max_event_ms: Date.parse('2013-12-03T23:55:00Z'),
    });
  });
});
