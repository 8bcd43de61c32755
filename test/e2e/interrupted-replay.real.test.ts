/** A replay that is killed half-way and run again ends in the state of an undisturbed one. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oracleTrades, TRADE_FILES } from '../oracles/data.ts';
import { minuteTotals, totalsOf } from '../oracles/trades-recount.ts';
import { eventually } from '../support/eventually.ts';
import { type RunningTidemark, startForTest } from '../support/runtime.ts';

const FILE = TRADE_FILES[0]!;

describe('an interrupted replay', () => {
  let running: RunningTidemark;
  beforeAll(async () => {
    running = await startForTest();
  });
  afterAll(() => running?.stop());

  it('killed after its first trades and run again is exact, and counts as duplicates what came before', async () => {
    const trades = oracleTrades(FILE);
    // The day lasts 16 hours; at 3,600 times real time the first trades are there at once and the last ones 16 s later.
    const child = spawn(process.execPath, ['cli/replay.ts', 'trades', FILE, '--speed', '3600', '--url', running.tidemark.url], {
      cwd: resolve(import.meta.dirname, '../..'),
      stdio: 'ignore',
    });
    const ended = new Promise((resolveExit) => child.once('exit', resolveExit));
    const applied = () =>
      running.get<{ counters: { applied: number } }>('symbols/IBM/latest').then(
        ({ counters }) => counters.applied,
        () => 0,
      );
    await eventually(async () => ((await applied()) > 0 ? true : null));
    child.kill('SIGKILL');
    await ended;

    const summary = await running.replay('trades', FILE);
    const seen = summary.duplicate;
    expect([seen > 0, seen < trades.length]).toEqual([true, true]);
    expect(summary).toMatchObject({ received: trades.length, applied: trades.length - seen, late: 0, quarantined: {} });
    const [day] = await running.get<Record<string, unknown>[]>('symbols/IBM/daily');
    const { vwap: _vwap, ...exact } = totalsOf(trades);
    expect(day).toMatchObject(exact);
    const bars = await running.get<{ bar_start: string; trade_count: number; volume: number }[]>(
      'symbols/IBM/bars?from=2013-10-07&to=2013-10-08',
    );
    const expected = [...minuteTotals(trades)]
      .sort(([a], [b]) => a - b)
      .map(([start, { trade_count, volume }]) => [new Date(start).toISOString(), trade_count, volume]);
    expect(bars.map(({ bar_start, trade_count, volume }) => [bar_start, trade_count, volume]).sort()).toEqual(expected);
  });
});
