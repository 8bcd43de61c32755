/** Recorded trades and readings on event time, days and batches included, against recounts, and watched by readers all the while. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventReplay, openEventReplay } from '../../cli/replay/event-time/replay.ts';
import type { EventSummary } from '../../cli/replay/event-time/summary.ts';
import type { Recording } from '../../cli/replay/run.ts';
import { MACHINE, oracleMachineReadings, oracleTrades, TRADE_FILES } from '../oracles/data.ts';
import { alarmTransitions, windowTotals } from '../oracles/readings-recount.ts';
import { minuteTotals, totalsOf } from '../oracles/trades-recount.ts';
import { DayWatch, queryAthena, recordingOf, replayForTest, type SeenDay, whileWatching } from '../support/event-replay.ts';
import { readApi } from '../support/runtime.ts';

const IBM_DAY = TRADE_FILES[0]!;
/** The last of the day: the auction at the close, and what comes after. */
const FROM_ROW = 20_000;
const DAY = '2013-10-07';
const MACHINE_LOG = ['readings', MACHINE, '--device', 'machine', '--profile', 'industrial'];
/** 19 to 24 h of a day on which the machine was too hot. */
const EVENING = { from: 3_717, to: 3_777 };
const READINGS_DAY = '2013-12-15';
const figuresOf = (low: unknown, high: unknown) => `${Number(low)} ${Number(high)}`;
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

describe('recorded data on event time', () => {
  const trades = oracleTrades(IBM_DAY).slice(FROM_ROW);
  const readings = oracleMachineReadings(MACHINE).slice(EVENING.from, EVENING.to);
  const expectedDay = totalsOf(trades);
  const final: SeenDay = {
    key: 'IBM',
    day: DAY,
    layer: 'batch',
    revision: 1,
    count: expectedDay.trade_count,
    figures: figuresOf(expectedDay.min_price, expectedDay.max_price),
  };
  const api = new DayWatch([final]);
  const sql = new DayWatch([final]);
  let recordings: Recording[];
  let replay: EventReplay;
  let summary: EventSummary;

  const seenDay = (row: Record<string, unknown>): SeenDay => ({
    key: String(row['symbol']),
    day: String(row['day']),
    layer: String(row['layer']),
    revision: Number(row['revision']),
    count: Number(row['trade_count']),
    figures: figuresOf(row['min_price'], row['max_price']),
  });
  const get = <T>(path: string) => readApi<T>(replay.tidemark.url, path);
  async function lookAtApi(): Promise<void> {
    const known = await get<{ symbol: string }[]>('symbols');
    if (known.some(({ symbol }) => symbol === 'IBM')) {
      api.look((await get<Record<string, unknown>[]>('symbols/IBM/daily?from=2013-10-01&to=2013-10-31')).map(seenDay));
    }
  }
  const lookAtSql = async (): Promise<void> => {
    const rows = await queryAthena(replay, 'select day, symbol, layer, revision, trade_count, min_price, max_price from daily_trade_stats');
    sql.look(rows.map(seenDay));
  };

  beforeAll(async () => {
    recordings = [await recordingOf(['trades', IBM_DAY], FROM_ROW), await recordingOf(MACHINE_LOG, EVENING.from, EVENING.to)];
    replay = await replayForTest(recordings);
    summary = await whileWatching(replay.run(), [lookAtApi, lookAtSql]);
    await Promise.all([lookAtApi(), lookAtSql()]);
  });
  afterAll(() => replay?.close());

  it('accounts for every row and publishes every day, through a gap of weeks', () => {
    expect(summary).toMatchObject({
      received: trades.length + readings.length,
      applied: trades.length + readings.length,
      duplicate: 0,
      late: 0,
    });
    expect(summary).toMatchObject({ quarantined: {}, quality: { OK: trades.length + readings.length } });
    expect(summary.days).toEqual([
      { source: 'readings', day: READINGS_DAY, revision: 1 },
      { source: 'trades', day: DAY, revision: 1 },
    ]);
    expect(summary.began_at).toMatch(/^2013-10-07T/);
    expect(summary.ended_at).toMatch(/^2013-12-16T0/);
  });

  it('gives the day and the bars that a recount gives', async () => {
    const [row, ...others] = await get<Record<string, unknown>[]>('symbols/IBM/daily?from=2013-10-01&to=2013-10-31');
    const { volume, vwap, ...exact } = expectedDay;
    expect(others).toEqual([]);
    expect(row).toMatchObject({ symbol: 'IBM', day: DAY, layer: 'batch', revision: 1, ...exact });
    expect([close(Number(row!['volume']), volume), close(Number(row!['vwap']), vwap)]).toEqual([true, true]);
    const bars = await get<Record<string, unknown>[]>('symbols/IBM/bars?from=2013-10-07&to=2013-10-09');
    const minutes = minuteTotals(trades);
    expect(
      bars.map((bar) => [Date.parse(String(bar['bar_start'])), bar['trade_count'], bar['open_price'], bar['close_price']]).sort(),
    ).toEqual([...minutes].map(([start, minute]) => [start, minute.trade_count, minute.open_price, minute.close_price]).sort());
  });

  it('gives the windows, the alarms and the day of readings that a recount gives', async () => {
    const windows = await get<Record<string, unknown>[]>('sensors/machine/windows?from=2013-12-15&to=2013-12-17');
    const full = windows.filter((window) => Number(window['reading_count']) > 0);
    expect(new Map(full.map((window) => [Date.parse(String(window['window_start'])), window['temperature_c_mean']]))).toEqual(
      new Map([...windowTotals(readings, () => true)].map(([start, { temperature_c_mean }]) => [start, temperature_c_mean])),
    );
    const [day] = await get<Record<string, unknown>[]>('sensors/machine/daily?from=2013-12-01&to=2013-12-31');
    const values = readings.map(({ temperatureC }) => temperatureC);
    expect(day).toMatchObject({
      ...{ layer: 'batch', revision: 1, day: READINGS_DAY, reading_count: values.length },
      ...{ temperature_c_min: Math.min(...values), temperature_c_max: Math.max(...values) },
    });
    expect(close(Number(day!['temperature_c_mean']), values.reduce((sum, value) => sum + value) / values.length)).toBe(true);
    const alerts = await get<{ kind: string; event_time: string; severity: string }[]>('alerts?kind=instant&from=2013-12-15&to=2013-12-17');
    // One rule looks at each reading, the other at each window when it has closed: here a window has one reading.
    const seen = readings.map(({ eventMs, temperatureC }) => ({ atMs: eventMs, value: temperatureC }));
    const averages = seen.map(({ atMs, value }) => ({ atMs: atMs + 300_000, value }));
    const raised = [seen, averages]
      .flatMap((values) => alarmTransitions(values, 80, 90, 1))
      .map(({ atMs, severity }) => `${new Date(atMs).toISOString()} ${severity}`);
    expect(raised).toHaveLength(6);
    expect(alerts.map(({ event_time, severity }) => `${event_time} ${severity}`).sort()).toEqual(raised.sort());
  });

  it('never showed a reader of the API or of SQL a day that is missing, doubled, mixed or going back', () => {
    expect([[...api.problems], [...sql.problems]]).toEqual([[], []]);
    expect([api.layers, sql.layers]).toEqual([{ batch: 1 }, { batch: 1 }]);
    expect(Math.min(api.looks, sql.looks)).toBeGreaterThan(2);
  });

  it('decides the same windows, bars, alarms and revisions with the same seed, watched or not', async () => {
    const again = await replayForTest(recordings);
    try {
      const { seconds: _seconds, events_per_second: _rate, ...expected } = summary;
      expect(await again.run()).toMatchObject(expected);
      const routes = [
        'symbols/IBM/bars?from=2013-10-07&to=2013-10-09',
        'symbols/IBM/latest',
        'sensors/machine/windows?from=2013-12-15&to=2013-12-17',
        'sensors/machine/latest',
        'alarms',
        'alerts?kind=instant&from=2013-12-15&to=2013-12-17',
      ];
      for (const route of routes) expect(await readApi(again.tidemark.url, route)).toEqual(await get(route));
    } finally {
      await again.close();
    }
  });
});

it('an interrupted replay says how far it came, and leaves nothing running', async () => {
  const interruption = new AbortController();
  const replay = await openEventReplay({
    ...{
      recordings: [await recordingOf(MACHINE_LOG, EVENING.from, EVENING.to)],
      seed: 1,
      meanDelayMs: 200,
      numbered: true,
      dataFolder: null,
    },
    ...{ signal: interruption.signal, log: () => {}, now: () => performance.now() },
    display: { sent: () => interruption.abort(), reached: () => {}, waitingFor: () => {}, stop: () => {} },
  });
  try {
    const interrupted = replay.run();
    await expect(interrupted).rejects.toThrow(/^interrupted at 2013-12-15T19:0\d:.* of event time, after [1-9]\d* rows$/);
    await expect(interrupted).rejects.toMatchObject({ exitCode: 130 });
  } finally {
    await replay.close();
  }
});
