/** What the batch writes into its tables is what serving reads there, and only one run at a time writes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BatchRuns, type RunRecord, RunRecordBusyError } from '#adapters/batch-runs.ts';
import { DayReader } from '#adapters/day-reader.ts';
import { DayRows } from '#adapters/day-rows.ts';
import { DriftStore } from '#adapters/drift-store.ts';
import { Generations } from '#adapters/generations.ts';
import { LockLostError, RunLock, RunLocked } from '#adapters/run-lock.ts';
import { RunReader } from '#adapters/run-reader.ts';
import { noPause } from '../support/speed.ts';
import { startTables, type Tables } from '../support/tables.ts';

let tables: Tables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.close());

const HOUR_MS = 3_600_000;

describe('the run lock', () => {
  let nowMs = 0;
  const running = new Set<string>();
  const lockOn = (client = tables.client) =>
    new RunLock(client, { table: 'batch', leaseMs: HOUR_MS, isRunning: async (execution) => running.has(execution), nowMs: () => nowMs });

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 0, 1);
    running.clear();
    await lockOn().release((await tables.rows('batch')).map(({ run }) => String(run))[0] ?? '');
  });

  it('belongs to one run at a time, until that gives it back', async () => {
    running.add('arn:a');
    const { fence } = await lockOn().take('a', 'arn:a');
    await expect(lockOn().take('b', 'arn:b')).rejects.toThrow(RunLocked);
    await expect(lockOn().take('b', 'arn:b')).rejects.toThrow('run a has the lock');
    expect(await lockOn().take('a', 'arn:a')).toEqual({ fence, takenOverFrom: null });
    await lockOn().release('b');
    await lockOn().check('a', fence);
    await lockOn().release('a');
    expect(await lockOn().take('b', 'arn:b')).toEqual({ fence: fence + 1, takenOverFrom: null });
    await expect(lockOn().check('a', fence)).rejects.toThrow(LockLostError);
  });

  it('is taken over when its holder does not run any more, and when the lease is over', async () => {
    const first = await lockOn().take('a', 'arn:a');
    expect(await lockOn().take('b', 'arn:b')).toEqual({ fence: first.fence + 1, takenOverFrom: 'a' });
    running.add('arn:b');
    nowMs += HOUR_MS - 1;
    await lockOn().check('b', first.fence + 1);
    await expect(lockOn().take('c', 'arn:c')).rejects.toThrow(RunLocked);
    nowMs += 1;
    await expect(lockOn().check('b', first.fence + 1)).rejects.toThrow(LockLostError);
    expect(await lockOn().take('c', 'arn:c')).toEqual({ fence: first.fence + 2, takenOverFrom: 'b' });
    // Who wakes gives nothing back that is another one's.
    await lockOn().release('b');
    await lockOn().check('c', first.fence + 2);
  });

  it('goes to one of two that take it at the same moment', async () => {
    const outcomes = await Promise.allSettled([lockOn().take('a', 'arn:a'), lockOn().take('b', 'arn:b')]);
    // The one that comes second finds the first one not running, or loses the race.
    const fences = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.fence] : []));
    expect(new Set(fences).size).toBe(fences.length);
    expect(fences.length).toBeGreaterThan(0);
  });
});

describe('records of runs', () => {
  const record: RunRecord = { status: 'running', trigger: 'schedule', startedMs: 1000, endedMs: null, cause: null, remaining: 0, days: [] };
  const day = {
    source: 'trades' as const,
    day: '2013-10-08',
    gen: 'g-1',
    status: 'published',
    revision: 2,
    attempts: 1,
    rows: 7,
    cause: null,
    steps: [{ step: 'prepare', startedMs: 1, endedMs: 2, outcome: 'succeeded' }],
  };

  it('are read as they were written, newest first', async () => {
    const runs = new BatchRuns(tables.client, 'batch', noPause);
    await runs.create('20260101T000000Z-a', record);
    await runs.create('20260101T010000Z-b', record);
    await runs.create('20260101T000000Z-a', { ...record, trigger: 'again' });
    await runs.change('20260101T000000Z-a', (before) => ({
      ...before,
      status: 'failed',
      endedMs: 2000,
      cause: 'why',
      remaining: 3,
      days: [day],
    }));
    const reader = new RunReader(tables.client, 'batch');
    expect((await reader.runs(null, 10)).map(({ runId }) => runId)).toEqual(['20260101T010000Z-b', '20260101T000000Z-a']);
    expect(await reader.run('20260101T000000Z-a')).toEqual({
      runId: '20260101T000000Z-a',
      ...record,
      status: 'failed',
      endedMs: 2000,
      cause: 'why',
      remaining: 3,
      days: [day],
    });
    expect(await runs.change('no such run', () => record)).toBeNull();
    expect(await reader.run('no such run')).toBeNull();
  });

  it('lose no change when several functions write at the same time', async () => {
    const runs = new BatchRuns(tables.client, 'batch', noPause);
    await runs.create('busy', record);
    await Promise.all(Array.from({ length: 8 }, () => runs.change('busy', (before) => ({ ...before, remaining: before.remaining + 1 }))));
    expect((await new RunReader(tables.client, 'batch').run('busy'))!.remaining).toBe(8);
  });

  it('are given up when somebody else is always faster', async () => {
    const runs = new BatchRuns(tables.client, 'batch', noPause);
    await runs.create('hopeless', record);
    const beaten = tables.faulty(() => null);
    beaten.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] === 'PutItemCommand') await runs.change('hopeless', (before) => before);
        return next(args);
      },
      { step: 'initialize', name: 'faster' },
    );
    await expect(new BatchRuns(beaten, 'batch', noPause).change('hopeless', (before) => before)).rejects.toThrow(RunRecordBusyError);
  });
});

describe('generations', () => {
  const generation = { source: 'trades' as const, day: '2013-10-08', gen: 'g-1' };

  it('are there from before their first file until they are removed', async () => {
    const generations = new Generations(tables.client, 'batch');
    expect(await generations.get(generation)).toBeNull();
    await generations.create(generation, 'run', 1000);
    await generations.create(generation, 'another run', 2000);
    const created = { ...generation, run: 'run', createdMs: 1000, hasDayRows: false, retiredMs: null };
    expect(await generations.get(generation)).toEqual(created);
    await generations.willHaveDayRows(generation);
    await generations.retire(generation, 3000);
    expect(await generations.list('trades')).toEqual([{ ...created, hasDayRows: true, retiredMs: 3000 }]);
    expect(await generations.list('readings')).toEqual([]);
    await generations.remove(generation);
    expect(await generations.list('trades')).toEqual([]);
    await expect(generations.retire(generation, 3000)).rejects.toThrow();
    expect(await generations.list('trades')).toEqual([]);
  });
});

describe('day rows', () => {
  it('are of one generation, and go with it alone', async () => {
    const dayRows = new DayRows(tables.client, 'day', noPause);
    const of = (gen: string) => ({ source: 'trades' as const, day: '2013-10-08', gen });
    await dayRows.put(
      of('g-1'),
      new Map([
        ['IBM', { trade_count: 1 }],
        ['FX:EUR/USD', { trade_count: 2 }],
      ]),
    );
    await dayRows.put(of('g-2'), new Map([['IBM', { trade_count: 3 }]]));
    const read = async (name: string) => {
      const rows: object[] = [];
      for await (const page of new DayReader(tables.client, 'day').pages('trades', name, { from: '2013-10-08', to: '2013-10-09' }))
        rows.push(...page);
      return rows;
    };
    expect(await read('IBM')).toEqual([
      { day: '2013-10-08', gen: 'g-1', row: { trade_count: 1 } },
      { day: '2013-10-08', gen: 'g-2', row: { trade_count: 3 } },
    ]);
    await dayRows.remove(of('g-1'), ['IBM', 'FX:EUR/USD', 'never there']);
    expect(await read('IBM')).toEqual([{ day: '2013-10-08', gen: 'g-2', row: { trade_count: 3 } }]);
    expect(await read('FX:EUR/USD')).toEqual([]);
  });
});

describe('drift', () => {
  it('of a day is that of its newest check', async () => {
    const store = new DriftStore(tables.client, 'batch');
    const drift = {
      checkedMs: 5,
      keys: 2,
      differing: 1,
      difference: 3,
      explained: 2,
      reasons: { LATENESS: 2, UNEXPLAINED: 1 },
      unexplainedKeys: 1,
    };
    await store.put({ source: 'trades', day: '2013-10-07', gen: 'g-0' }, drift);
    await store.put({ source: 'trades', day: '2013-10-08', gen: 'g-1' }, drift);
    await store.put({ source: 'trades', day: '2013-10-08', gen: 'g-2' }, { ...drift, unexplainedKeys: 0 });
    expect(await store.checked('trades')).toEqual(
      new Map([
        ['2013-10-07', { gen: 'g-0', unexplainedKeys: 1 }],
        ['2013-10-08', { gen: 'g-2', unexplainedKeys: 0 }],
      ]),
    );
    expect(await store.checked('readings')).toEqual(new Map());
    expect(await new RunReader(tables.client, 'batch').drift('trades')).toMatchObject({
      day: '2013-10-08',
      keys: 2,
      differing: 1,
      difference: 3,
      explained: 2,
      reasons: { LATENESS: 2, UNEXPLAINED: 1 },
    });
  });
});
