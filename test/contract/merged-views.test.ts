/** The merged views in DuckDB, against a recount in plain code: batch and speed as one, also while `published` is being swapped. */
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';
import { archiveBatch } from '../../functions/archive/archive-batch.ts';
import { DuckDbLake, type LakeRow } from '../support/duckdb-lake.ts';
import { seededRandom } from '../support/random.ts';
import { positionOf, readingsRecord, recordOf, tradesRecord } from '../support/records.ts';
import { expectFigures, plainRow } from '../support/same-figures.ts';

const DAYS = ['2026-06-01', '2026-06-02', '2026-06-03'] as const;
const [D1, D2, D3] = DAYS;
/** Trade by UTC. */
const SYMBOLS = ['BINANCE:BTCUSDT', 'BINANCE:ETHUSDT'];
const ALL = { from: '2026-05-31', to: '2026-06-30' };
const LATE_DAY = '2026-06-05';
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, sensors: [] };

interface Sample {
  readonly symbol: string;
  readonly number: number;
  readonly t: number;
  readonly p: number;
  readonly v: number;
  readonly day: string;
}

let position = 0;
let lake: DuckDbLake;

beforeAll(async () => {
  lake = await DuckDbLake.create();
});
afterAll(() => lake.close());

function archiveTrades(samples: readonly Sample[], arrivalMs: (sample: Sample) => number): Promise<unknown> {
  const records = samples.map((sample) => {
    const { symbol, number, t, p, v } = sample;
    return tradesRecord(symbol, [{ p, t, v }], { n: number }, { position: positionOf(position++), arrivalMs: arrivalMs(sample) });
  });
  return archiveBatch('trades', records, SETTINGS, lake.ports);
}

/** 300 trades a symbol and day, in two hours, in random order, with ties in time and price updates (size 0). */
function samplesOf(day: string, symbols = SYMBOLS, count = 300): Sample[] {
  const random = seededRandom(Date.parse(day));
  return symbols.flatMap((symbol) =>
    Array.from({ length: count }, (_, index) => ({
      symbol,
      number: Date.parse(day) / 1_000 + index,
      t: Date.parse(day) + Math.floor(random() * 7_200) * 1_000,
      p: Math.round(random() * 1e6) / 100,
      v: random() < 0.1 ? 0 : Math.round(random() * 1e8) / 1e6,
      day,
    })),
  );
}

const inOrder = (samples: readonly Sample[]) => [...samples].sort((a, b) => a.t - b.t || a.number - b.number);

/** Figures of the trades of one symbol and day; null when all are price updates. */
function figuresOf(samples: readonly Sample[]) {
  const trades = inOrder(samples.filter(({ v }) => v > 0));
  if (trades.length === 0) return null;
  const sum = (of: (sample: Sample) => number) => trades.reduce((total, sample) => total + of(sample), 0);
  return {
    trade_count: trades.length,
    volume: sum(({ v }) => v),
    min_price: Math.min(...trades.map(({ p }) => p)),
    max_price: Math.max(...trades.map(({ p }) => p)),
    open_price: trades[0]!.p,
    close_price: trades.at(-1)!.p,
    vwap: sum(({ p, v }) => p * v) / sum(({ v }) => v),
    first_event_ms: trades[0]!.t,
    last_event_ms: trades.at(-1)!.t,
    first_event_time: new Date(trades[0]!.t).toISOString(),
    last_event_time: new Date(trades.at(-1)!.t).toISOString(),
  };
}

const speed = (source: string, since: string) => ({ source, day: '*', gen: 'speed', revision: 0, input: null, marker: null, since });
const line = (source: string, day: string, gen: string, revision: number) => ({
  source,
  day,
  gen,
  revision,
  input: 'x',
  marker: 'y',
  since: null,
});

/** Replaces what is published of the trades, each day as `generation revision`. */
function publish(days: Readonly<Record<string, readonly [gen: string, revision: number]>>, since: string = D1): void {
  const lines = Object.entries(days).map(([day, [gen, revision]]) => line('trades', day, gen, revision));
  lake.publish([speed('trades', since), speed('readings', D1), ...lines]);
}

const placeOf = (row: LakeRow) => `${row['day']} ${row['symbol']}`;
const layerOf = (row: LakeRow | undefined) => [row?.['layer'], Number(row?.['revision'])];
const daily = () => lake.query('select * from daily_trade_stats order by day, symbol');

describe('daily figures of both layers', () => {
  const known = DAYS.flatMap((day) => samplesOf(day));
  /** Known after the first generation of day 1 was made. */
  const late = samplesOf(D1, SYMBOLS, 320)
    .slice(-20)
    .map((sample, index) => ({ ...sample, number: sample.number + 10_000 + index }));
  const arrival = ({ t }: Sample) => t + 100;

  beforeAll(async () => {
    await archiveTrades(known, arrival);
    // Copies: delivered again in another batch, an hour and a day later.
    await archiveTrades(known.slice(0, 500), (sample) => arrival(sample) + 3_600_000);
    await archiveTrades(known.slice(400, 900), (sample) => arrival(sample) + 86_400_000);
    for (const day of DAYS) await lake.makeGeneration('trades', day, 'g1', ALL);
    await archiveTrades(late, () => Date.parse(LATE_DAY));
    await lake.makeGeneration('trades', D1, 'g2', ALL);
  });

  /** Holds every row of the view: of each day and symbol the figures of these samples, from that layer. */
  async function expectDays(
    expected: Readonly<Record<string, readonly [samples: readonly Sample[], layer: 'batch' | 'speed', revision: number]>>,
  ) {
    const rows = await daily();
    const found = new Map(rows.map((row) => [placeOf(row), row]));
    expect(found.size).toBe(rows.length);
    const places = Object.entries(expected).flatMap(([day, [samples, ...layer]]) =>
      [
        ...Map.groupBy(
          samples.filter((sample) => sample.day === day),
          ({ symbol }) => symbol,
        ),
      ].map(([symbol, of]) => ({ day, symbol, of, layer })),
    );
    expect([...found.keys()].sort()).toEqual(places.map(placeOf).sort());
    for (const { of, layer, ...place } of places) {
      const row = found.get(placeOf(place));
      expectFigures(row, figuresOf(of)!);
      expect(layerOf(row)).toEqual(layer);
      expect(row!['price_update_count']).toBe(layer[0] === 'batch' ? BigInt(of.filter(({ v }) => v === 0).length) : null);
    }
  }

  const all = [...known, ...late];

  it('are those of the speed layer before the batch ever ran', async () => {
    await expectDays({ [D1]: [all, 'speed', 0], [D2]: [all, 'speed', 0], [D3]: [all, 'speed', 0] });
  });

  it('are those of the published generation, day by day', async () => {
    publish({ [D1]: ['g1', 1], [D3]: ['g1', 1] });
    await expectDays({ [D1]: [known, 'batch', 1], [D2]: [all, 'speed', 0], [D3]: [known, 'batch', 1] });
  });

  it('hold a late trade once its day is published again', async () => {
    publish({ [D1]: ['g2', 2] });
    await expectDays({ [D1]: [all, 'batch', 2], [D2]: [all, 'speed', 0], [D3]: [all, 'speed', 0] });
  });

  it('need no raw row that arrived before the bound', async () => {
    publish({ [D1]: ['g1', 1], [D2]: ['g1', 1] }, D3);
    await expectDays({ [D1]: [known, 'batch', 1], [D2]: [known, 'batch', 1], [D3]: [all, 'speed', 0] });
    publish({ [D1]: ['g1', 1], [D2]: ['g1', 1] }, LATE_DAY);
    await expectDays({ [D1]: [known, 'batch', 1], [D2]: [known, 'batch', 1] });
  });

  it('have nothing of a symbol that the published generation of a day lacks, or of a day without trades', async () => {
    const empty = '2026-05-30';
    const updates = samplesOf(empty, ['BINANCE:NONE'], 5).map((sample) => ({ ...sample, v: 0 }));
    await archiveTrades(updates, arrival);
    await lake.makeGeneration('trades', empty, 'g1', { from: '2026-05-29', to: '2026-06-01' });
    publish({ [empty]: ['g1', 1], [D1]: ['g1', 1] });
    await archiveTrades(
      [
        { ...late[0]!, symbol: 'BINANCE:NEW' },
        { ...updates[0]!, number: 7, v: 1 },
      ],
      () => Date.parse(LATE_DAY),
    );
    await expectDays({ [D1]: [known, 'batch', 1], [D2]: [all, 'speed', 0], [D3]: [all, 'speed', 0] });
  });

  it('of one day are read from its generation alone', async () => {
    publish({ [D1]: ['g1', 1], [D2]: ['g1', 1], [D3]: ['g1', 1] });
    const plan = await lake.plan(`select * from daily_trade_stats where day = '${D2}'`);
    // Of the five generations there are.
    expect(plan).toMatch(/Scanning Files: 1\/5/);
    const plain = await lake.plan(`select * from daily_trade_stats`);
    expect(plain).not.toMatch(/Scanning Files: 1\/5/);
  });

  describe('while published is swapped', () => {
    const STATES = [
      () => publish({}),
      () => publish({ [D1]: ['g1', 1] }, D1),
      () => publish({ [D1]: ['g2', 2], [D2]: ['g1', 1] }, D3),
      () => publish({ [D1]: ['g2', 3], [D2]: ['g1', 1], [D3]: ['g1', 1] }, LATE_DAY),
      () => publish({ [D2]: ['g1', 2], [D3]: ['g1', 2] }, D1),
    ];
    /** The same with two scans of `published`, as one would write it first. */
    const TWO_SCANS = `
      select s.day, s.symbol, s.trade_count, p.revision
      from curated_daily_trade_stats s join published p on p.source = 'trades' and p.day = s.day and p.gen = s.gen
      union all
      select event_day, symbol, count(distinct event_id), 0
      from raw_trades r
      where size > 0e0 and not exists (select 1 from published p where p.source = 'trades' and p.day = r.event_day)
      group by event_day, symbol`;

    /** How many answers of a query belong to no content of `published`, of `count` asked while it changes without pause. */
    async function wrongAnswers(sql: string, count: number): Promise<number> {
      const ask = async () => JSON.stringify((await lake.query(sql)).map((row) => Object.entries(plainRow(row)).sort()));
      const right = new Set<string>();
      for (const state of STATES) {
        state();
        right.add(await ask());
      }
      expect(right.size).toBe(STATES.length);
      let isAsking = true;
      let swaps = 0;
      const swapping = (async () => {
        while (isAsking) {
          STATES[swaps++ % STATES.length]!();
          await setImmediate();
        }
      })();
      let wrong = 0;
      for (let asked = 0; asked < count; asked++) if (!right.has(await ask())) wrong++;
      isAsking = false;
      await swapping;
      expect(swaps).toBeGreaterThan(count);
      return wrong;
    }

    it('are never those of two contents: no day is missing, counted twice or mixed', async () => {
      expect(await wrongAnswers('select * from daily_trade_stats order by day, symbol', 60)).toBe(0);
    });

    it('would be, if published were scanned twice', async () => {
      expect(await wrongAnswers(`select * from (${TWO_SCANS}) order by day, symbol`, 25)).toBeGreaterThan(0);
    });
  });

  describe('single trades', () => {
    beforeAll(() => publish({ [D1]: ['g2', 2] }));

    it('have their change from the trade before, across days and layers', async () => {
      const rows = (await lake.query(`select * from speed_table where symbol = '${SYMBOLS[0]}' order by event_time, event_id`)).map(
        plainRow,
      );
      const trades = inOrder(all.filter(({ symbol, v }) => symbol === SYMBOLS[0] && v > 0));
      expect(rows.length).toBe(trades.length);
      for (const [index, { t, p, v, day }] of trades.entries()) {
        const before = trades[index - 1]?.p;
        expectFigures(rows[index], {
          event_time: new Date(t).toISOString(),
          event_day: day,
          price: p,
          size: v,
          absolute_price_change: before === undefined ? null : p - before,
          percentage_change: before === undefined ? null : ((p - before) / before) * 100,
          layer: day === D1 ? 'batch' : 'speed',
        });
      }
    });

    it('are read page by page, each once', async () => {
      const from = Date.parse(D1) + 1_800_000;
      const end = Date.parse(D3) + 1_800_000;
      const expected = inOrder(all.filter(({ symbol, t }) => symbol === SYMBOLS[1] && t > from && t < end));
      const first = await lake.statement('trade-history', [SYMBOLS[1]!, D1, D3, from, from, '', end]);
      expect(first.map(({ price }) => price)).toEqual(expected.map(({ p }) => p));
      const at = first[99]!;
      const ms = Number(at['event_ms']);
      const next = await lake.statement('trade-history', [SYMBOLS[1]!, D1, D3, ms, ms, String(at['event_id']), end]);
      expect(next.map(({ event_id: id }) => id)).toEqual(first.slice(100).map(({ event_id: id }) => id));
    });
  });
});

describe('numbers that no decimal takes', () => {
  it('stop neither a day nor a view: the sums are as large as they say', async () => {
    const [day, symbol] = ['2026-06-20', 'BINANCE:HUGE'];
    const samples = [1e300, 2, 0.5].map((p, index) => ({
      symbol,
      number: index,
      t: Date.parse(day) + index,
      p,
      v: index === 1 ? 1e20 : 4,
      day,
    }));
    await archiveTrades(samples, ({ t }) => t);
    const find = async () => plainRow((await lake.query(`select * from daily_trade_stats where symbol = '${symbol}'`))[0]!);
    publish({});
    const { layer, revision, price_update_count: _, ...figures } = await find();
    expect([layer, revision]).toEqual(['speed', 0]);
    expectFigures(figures, figuresOf(samples)!);
    await lake.makeGeneration('trades', day, 'g1', ALL);
    publish({ [day]: ['g1', 1] });
    expect(await find()).toEqual({ ...figures, layer: 'batch', revision: 1, price_update_count: 0 });
  });
});

describe('views of the sensors', () => {
  const at = (time: string) => Date.parse(`${time}Z`);
  const readings = [
    // [sensor, time, °C, %]: two of day 1, the second impossible; one of day 2.
    ['cellar', at('2026-06-01T10:00:00'), 20.5, 50],
    ['cellar', at('2026-06-01T10:05:00'), 35, 3_300],
    ['cellar', at('2026-06-02T00:00:00'), 31, 40],
    ['attic', at('2026-06-01T23:59:59'), 36.5, null],
    ['attic', at('2026-06-01T12:00:00'), 30.5, 20],
    ['attic', at('2026-06-01T12:01:00'), 1e300, 20],
  ] as const;

  beforeAll(async () => {
    const records = readings.map(([sensor, timestamp, temperature, humidity], seq) =>
      readingsRecord(
        sensor,
        { timestamp, temperature, humidity, boot: 'b1', seq },
        { position: positionOf(position++), arrivalMs: timestamp + 50 },
      ),
    );
    await archiveBatch('readings', [...records, ...records.slice(0, 2)], SETTINGS, lake.ports);
    lake.writeLines(`reference/sensor_limits/day=${D1}/gen=g1/limits.json`, [
      { rank: 1, pattern: '%', profile: 'dht22', high_c: 30, critical_c: 35, expected_interval_ms: 60_000, day_ms: 86_400_000 },
    ]);
    await lake.makeGeneration('readings', D1, 'g1', ALL);
    const transition = (alarm: string, sensor: string, revision: number, severity: string, time: string) => ({
      v: 1,
      kind: 'instant',
      alert_id: `${alarm}#${revision}`,
      alarm_id: alarm,
      sensor_id: sensor,
      rule: 'temperature-instant',
      rule_version: 1,
      state: severity === 'NORMAL' ? 'NORMAL' : 'ACTIVE',
      severity,
      previous_severity: 'NORMAL',
      event_time: time,
      value: 31,
      threshold: 30,
      revision,
    });
    const transitions = [
      transition('i#cellar', 'cellar', 1, 'CRITICAL', '2026-06-01T09:00:00.000Z'),
      transition('i#cellar', 'cellar', 2, 'NORMAL', '2026-06-01T10:00:00.000Z'),
      transition('a#cellar', 'cellar', 1, 'HIGH', '2026-06-02T00:00:00.000Z'),
      transition('i#attic', 'attic', 1, 'CRITICAL', '2026-06-01T23:59:59.000Z'),
      transition('i#attic', 'attic', 1, 'CRITICAL', '2026-06-01T23:59:59.000Z'),
    ];
    const arrived = transitions.map((each) =>
      recordOf(each.sensor_id, each, { position: positionOf(position++), arrivalMs: at('2026-06-02T00:00:01') }),
    );
    await archiveBatch('alerts', arrived, SETTINGS, lake.ports);
    lake.publish([speed('trades', D1), speed('readings', D1), line('readings', D1, 'g1', 1)]);
  });

  it('daily_sensor_stats has trusted readings of both layers, and what only the batch counts', async () => {
    const rows = (await lake.query('select * from daily_sensor_stats order by sensor_id, day')).map(plainRow);
    expect(rows.map(({ sensor_id, day, layer, revision }) => [sensor_id, day, layer, revision])).toEqual([
      ['attic', D1, 'batch', 1],
      ['cellar', D1, 'batch', 1],
      ['cellar', D2, 'speed', 0],
    ]);
    const humidity = (value: number) => ({ humidity_pct_mean: value, humidity_pct_min: value, humidity_pct_max: value });
    expect(rows[0]).toMatchObject({
      reading_count: 1,
      nan_count: 1,
      range_count: 1,
      minutes_high: 1,
      minutes_critical: 0,
      ...humidity(20),
    });
    expect(rows[1]).toMatchObject({
      reading_count: 1,
      bit_shift_count: 1,
      minutes_high: 0,
      interval_count: 1,
      expected_interval_count: 1_440,
      ...humidity(50),
    });
    expect(rows[2]).toMatchObject({
      reading_count: 1,
      temperature_c_mean: 31,
      ok_count: null,
      minutes_high: null,
      completeness: null,
      ...humidity(40),
    });
  });

  it('daily_sensor_stats is the same from the speed side, but for what only the batch counts', async () => {
    const figures =
      'day, sensor_id, reading_count, temperature_c_mean, temperature_c_min, temperature_c_max, humidity_pct_mean, humidity_pct_min, humidity_pct_max';
    const ask = () => lake.query(`select ${figures} from daily_sensor_stats order by 1, 2`);
    const merged = await ask();
    lake.publish([speed('trades', D1), speed('readings', D1)]);
    expect(await ask()).toEqual(merged);
    lake.publish([speed('trades', D1), speed('readings', D1), line('readings', D1, 'g1', 1)]);
  });

  it('latest_readings has the newest reading of each sensor, and the worst of its alarms', async () => {
    const rows = (await lake.query('select * from latest_readings order by sensor_id')).map(plainRow);
    expect(rows).toMatchObject([
      {
        sensor_id: 'attic',
        event_time: '2026-06-01T23:59:59.000Z',
        temperature_c: 36.5,
        humidity_pct: null,
        quality: 'NAN',
        severity: 'CRITICAL',
        layer: 'batch',
      },
      {
        sensor_id: 'cellar',
        event_time: '2026-06-02T00:00:00.000Z',
        temperature_c: 31,
        humidity_pct: 40,
        quality: 'OK',
        severity: 'HIGH',
        layer: 'speed',
      },
    ]);
  });

  it('alerts_by_severity has each transition once, worst first, then newest', async () => {
    const rows = await lake.query(
      'select alert_id, severity, severity_rank from alerts_by_severity order by severity_rank, event_time desc',
    );
    expect(rows).toEqual([
      { alert_id: 'i#attic#1', severity: 'CRITICAL', severity_rank: 1 },
      { alert_id: 'i#cellar#1', severity: 'CRITICAL', severity_rank: 1 },
      { alert_id: 'a#cellar#1', severity: 'HIGH', severity_rank: 2 },
      { alert_id: 'i#cellar#2', severity: 'NORMAL', severity_rank: 3 },
    ]);
  });

  it('readings are read page by page', async () => {
    const end = at('2026-06-03T00:00:00');
    const rows = await lake.statement('reading-history', ['cellar', D1, D2, 0, 0, '', end]);
    expect(rows.map(({ quality, layer }) => [quality, layer])).toEqual([
      ['OK', 'batch'],
      ['BIT_SHIFT', 'batch'],
      ['OK', 'speed'],
    ]);
    const rest = await lake.statement('reading-history', [
      'cellar',
      D1,
      D2,
      readings[1][1],
      readings[1][1],
      String(rows[1]!['event_id']),
      end,
    ]);
    expect(rest).toEqual([rows[2]]);
  });
});

describe('the views', () => {
  it('have the columns and types of the catalogue', async () => {
    expect(await lake.viewsOfOtherTypes()).toEqual([]);
  });

  it.each(['trades', 'readings', 'daily_trade_stats', 'daily_sensor_stats', 'speed_table', 'latest_readings'])(
    'scan published once: %s',
    async (view) => {
      expect((await lake.plan(`select * from ${view}`)).match(/READ_JSON/g)).toHaveLength(1);
    },
  );
});
