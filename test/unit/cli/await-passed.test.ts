import { describe, expect, it } from 'vitest';
import { awaitPassed } from '../../../cli/shared/await-passed.ts';
import type { Positions, Progress } from '../../../cli/shared/local-api.ts';
import { sequenceNumber } from '../../../local/engines/kinesis/sequence-number.ts';
import { jumpingClock } from '../../support/jumping-clock.ts';

/** Answers one after the other; the last one again and again. */
function answers(list: Progress[]) {
  let asked = 0;
  return { getProgress: async () => list[Math.min(asked++, list.length - 1)]!, asked: () => asked };
}

function progress(head: Positions, reached: Record<string, Positions>): Progress {
  const mappings = Object.entries(reached).map(([name, shards]) => ({ function: name, stream: 'trades', shards }));
  return {
    streams: { trades: head, readings: { s0: '5' } },
    mappings: [...mappings, { function: 'speed', stream: 'readings', shards: {} }],
  };
}

function wait(list: Progress[], overrides: Partial<Parameters<typeof awaitPassed>[0]> = {}) {
  const source = answers(list);
  const clock = jumpingClock(0);
  const options = { getProgress: source.getProgress, stream: 'trades', clock, signal: new AbortController().signal, ...overrides };
  return { done: awaitPassed(options), clock, asked: source.asked };
}

describe('waiting for the end of a replay', () => {
  it('ends when every function has passed the head of every shard, as it was at the beginning', async () => {
    const behind: string[][] = [];
    const { done, asked } = wait(
      [
        progress({ s0: '100', s1: null }, { speed: { s0: null, s1: null }, archive: { s0: '99', s1: null } }),
        progress({ s0: '101', s1: '7' }, { speed: { s0: '100', s1: null }, archive: { s0: '99', s1: null } }),
        progress({ s0: '102', s1: '8' }, { speed: { s0: '102', s1: '8' }, archive: { s0: '100', s1: null } }),
      ],
      { onBehind: (functions) => behind.push([...functions]) },
    );
    await done;
    expect(asked()).toBe(3);
    expect(behind).toEqual([['speed', 'archive'], ['archive']]);
  });

  it('says how far behind the slowest is, by the times inside the positions', async () => {
    const position = (ms: number) => sequenceNumber(ms, 0, 0);
    const lags: number[] = [];
    const head = { s0: position(90_000), s1: position(50_000) };
    const { done } = wait([progress(head, { speed: { s0: position(60_000), s1: position(49_000) } }), progress(head, { speed: head })], {
      onBehind: (_functions, lagMs) => lags.push(lagMs),
    });
    await done;
    expect(lags).toEqual([30_000]);
  });

  it('waits for some functions only, if told', async () => {
    const { done, asked } = wait([progress({ s0: '9' }, { speed: { s0: '9' }, archive: { s0: null } })], { functions: /speed/ });
    await done;
    expect(asked()).toBe(1);
  });

  it('compares positions as numbers', async () => {
    const { done, asked } = wait([progress({ s0: '100' }, { speed: { s0: '99' } }), progress({ s0: '100' }, { speed: { s0: '100' } })]);
    await done;
    expect(asked()).toBe(2);
  });

  it('fails when nothing moves any more, and not before', async () => {
    const { done, clock } = wait([progress({ s0: '9' }, { speed: { s0: '3' }, archive: { s0: '9' } })]);
    await expect(done).rejects.toThrow('speed did not move on the stream "trades" for 180 s');
    expect(clock.now()).toBe(180_000);
  });

  it('fails for a stream that is not there or that nobody reads', async () => {
    await expect(wait([progress({}, {})], { stream: 'prices' }).done).rejects.toThrow('no stream "prices"; it has trades, readings');
    await expect(wait([progress({ s0: '1' }, {})]).done).rejects.toThrow('no function reads the stream "trades"');
  });

  it('ends at an abort', async () => {
    const { asked, done } = wait([progress({ s0: '9' }, { speed: { s0: '3' } })], { signal: AbortSignal.abort() });
    await done;
    expect(asked()).toBe(1);
  });
});
