import { describe, expect, it } from 'vitest';
import { dueRuns, type Pace } from '../../../cli/replay/pace.ts';
import { pause } from '../../../cli/shared/pause.ts';
import { jumpingClock } from '../../support/jumping-clock.ts';

const START = 1_000_000;

function paceOf(speed: number | null, overrides: Partial<Pace> = {}): Pace {
  return { clock: jumpingClock(START), speed, originMs: 0, startMs: START, signal: new AbortController().signal, ...overrides };
}

async function sentAt(times: number[], maxRun: number, pace: Pace): Promise<[number, number[]][]> {
  const runs: [number, number[]][] = [];
  for await (const run of dueRuns(times, (time) => time, maxRun, pace)) runs.push([pace.clock.now() - START, [...run]]);
  return runs;
}

describe('pace of a replay', () => {
  it('is everything at once, in runs, without a speed', async () => {
    expect(await sentAt([5, 9_999_999, 1, 7], 3, paceOf(null))).toEqual([
      [0, [5, 9_999_999, 1]],
      [0, [7]],
    ]);
  });

  it('sends each row at its own time on the faster clock', async () => {
    expect(await sentAt([0, 1_000, 1_000, 60_000], 10, paceOf(20))).toEqual([
      [0, [0]],
      [50, [1_000, 1_000]],
      [3_000, [60_000]],
    ]);
  });

  it('slower than it happened, too', async () => {
    expect((await sentAt([0, 100], 10, paceOf(0.5))).at(-1)).toEqual([200, [100]]);
  });

  it('sends a row whose time lies before that of the row in front with it: order is the file’s', async () => {
    expect(await sentAt([0, 5_000, 2_000, 6_000], 10, paceOf(1))).toEqual([
      [0, [0]],
      [5_000, [5_000, 2_000]],
      [6_000, [6_000]],
    ]);
  });

  it('ends at an abort, also in the middle of a wait', async () => {
    const abort = new AbortController();
    const clock = { now: () => START, after: () => () => {} };
    const runs = sentAt([0, 1_000], 10, paceOf(1, { clock, signal: abort.signal }));
    setImmediate(() => abort.abort());
    expect(await runs).toEqual([[0, [0]]]);
  });

  it('waits no longer at a time than a timer can', async () => {
    const clock = jumpingClock(START);
    await pause(clock, 2 ** 40, new AbortController().signal);
    expect(clock.pauses).toEqual([2 ** 31 - 1]);
  });
});
