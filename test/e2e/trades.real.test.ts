/** All six recorded trade files through feed encoder, stream, speed, archive and API, against a recount of the zips. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oracleTrades, TRADE_FILES } from '../oracles/data.ts';
import { minuteTotals, totalsOf } from '../oracles/trades-recount.ts';
import { queryParquet, type RunningTidemark, type Summary, startForTest } from '../support/runtime.ts';
import { settled } from '../support/served.ts';

interface BarRow {
  readonly bar_start: string;
  readonly open_price: number;
  readonly high_price: number;
  readonly low_price: number;
  readonly close_price: number;
  readonly volume: number;
  readonly trade_count: number;
}

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

describe('real trades', () => {
  const trades = TRADE_FILES.flatMap(oracleTrades);
  let running: RunningTidemark;
  let first: Summary;
  beforeAll(async () => {
    running = await startForTest();
    first = await running.replay('trades', ...TRADE_FILES);
  }, 180_000);
  afterAll(() => running?.stop());

  it('are all applied once', () => {
    expect(first).toMatchObject({ received: trades.length, applied: trades.length, duplicate: 0, late: 0, quarantined: {} });
  });

  it.each(['IBM', 'AIG'])('make the days of %s that a recount makes', async (symbol) => {
    const rows = await running.get<Record<string, unknown>[]>(`symbols/${symbol}/daily`);
    const days = Map.groupBy(
      trades.filter((trade) => trade.symbol === symbol),
      ({ day }) => day,
    );
    expect(rows.map(({ day }) => day).sort()).toEqual([...days.keys()]);
    for (const row of rows) {
      const { volume, vwap, ...exact } = totalsOf(days.get(String(row['day']))!);
      expect(row).toMatchObject({ symbol, layer: 'speed', ...exact });
      expect([close(Number(row['volume']), volume), close(Number(row['vwap']), vwap)]).toEqual([true, true]);
    }
  });

  it.each(['IBM', 'AIG'])('make the 1-minute bars of %s that a recount makes', async (symbol) => {
    const mine = trades.filter((trade) => trade.symbol === symbol);
    const expected = minuteTotals(mine);
    const bars = await running.get<BarRow[]>(`symbols/${symbol}/bars?from=2013-10-07&to=2013-10-10`);
    expect(bars.map(({ bar_start }) => Date.parse(bar_start)).sort()).toEqual([...expected.keys()].sort());
    for (const bar of bars) {
      const minute = expected.get(Date.parse(bar.bar_start))!;
      expect([bar.trade_count, bar.open_price, bar.high_price, bar.low_price, bar.close_price]).toEqual([
        minute.trade_count,
        minute.open_price,
        minute.max_price,
        minute.min_price,
        minute.close_price,
      ]);
      expect(close(bar.volume, minute.volume)).toBe(true);
    }
  });

  it('are in Parquet exactly once, value by value', async () => {
    const [row] = await queryParquet(
      `select count(*) as n, count(distinct event_id) as ids, sum(cast(size as bigint)) as size, sum(cast(round(price * 10000) as bigint) * cast(size as bigint)) as notional, sum(event_ms) as ms
       from read_parquet('${running.folder}/s3/data/raw/trades/**/*.parquet')`,
    );
    const sum = (pick: (trade: (typeof trades)[number]) => bigint) => String(trades.reduce((total, trade) => total + pick(trade), 0n));
    expect(Object.values(row!).map(String)).toEqual([
      String(trades.length),
      String(trades.length),
      sum(({ size }) => size),
      sum(({ price, size }) => price * size),
      sum(({ eventMs }) => BigInt(eventMs)),
    ]);
  });

  it('replayed a second time are all duplicates and change nothing', async () => {
    const before = await running.get('symbols/IBM/daily');
    const file = TRADE_FILES[0]!;
    const again = await running.replay('trades', file);
    const rows = oracleTrades(file).length;
    expect(again).toMatchObject({ received: rows, applied: 0, duplicate: rows, late: 0, quarantined: {} });
    expect(await running.get('symbols/IBM/daily')).toEqual(before);
  });

  it('are settled by the batch: each day as recounted, each trade once although a file came twice, and no drift', async () => {
    await settled(running.tidemark.url);
    const { stdout } = await promisify(execFile)(process.execPath, ['cli/batch.ts', '--url', running.tidemark.url, '--json']);
    const { days } = JSON.parse(stdout) as { days: { status: string; rows: number }[] };
    expect(days.map(({ status }) => status)).toEqual(['published', 'published', 'published']);
    expect(days.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(trades.length + oracleTrades(TRADE_FILES[0]!).length);
    for (const symbol of ['IBM', 'AIG']) {
      const mine = Map.groupBy(
        trades.filter((trade) => trade.symbol === symbol),
        ({ day }) => day,
      );
      const rows = await running.get<Record<string, unknown>[]>(`symbols/${symbol}/daily`);
      expect(rows).toHaveLength(mine.size);
      for (const row of rows) {
        const { volume, vwap, ...exact } = totalsOf(mine.get(String(row['day']))!);
        expect(row).toMatchObject({ symbol, layer: 'batch', revision: 1, price_update_count: 0, ...exact });
        expect([close(Number(row['volume']), volume), close(Number(row['vwap']), vwap)]).toEqual([true, true]);
      }
    }
    const { sources } = await running.get<{ sources: { trades: Record<string, unknown> } }>('pipeline');
    expect(sources.trades).toMatchObject({ published_days: 3, late_pending: 0, drift: { keys: 2, differing: 0, difference: 0 } });
  });
});
