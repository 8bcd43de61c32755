import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awakePollers, Poller, pauseAfter } from '../../../web/poller.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A poller whose requests the test answers; times are since the start. */
function polled() {
  const startMs = Date.now();
  const startedMs: number[] = [];
  const open: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const changes = { count: 0 };
  const live = { connected: false };
  const poller = new Poller<string>(
    'things',
    () => {
      startedMs.push(Date.now() - startMs);
      return new Promise((resolve, reject) => open.push({ resolve, reject }));
    },
    () => changes.count++,
    () => live.connected,
  );
  async function settle(settling: (request: (typeof open)[number]) => void): Promise<void> {
    settling(open.shift()!);
    await vi.advanceTimersByTimeAsync(0);
  }
  return {
    poller,
    startedMs,
    open,
    changes,
    live,
    answer: (value: string) => settle(({ resolve }) => resolve(value)),
    fail: () => settle(({ reject }) => reject(new Error('no'))),
  };
}

describe('polling', () => {
  it('asks every second from start to start, and keeps the newest answer', async () => {
    const { poller, startedMs, answer, changes } = polled();
    poller.wake();
    await vi.advanceTimersByTimeAsync(300);
    await answer('one');
    expect(poller.answer).toBe('one');
    expect(poller.answeredMs).toBe(Date.now());
    await vi.advanceTimersByTimeAsync(700);
    await answer('two');
    expect(poller.answer).toBe('two');
    expect(startedMs).toEqual([0, 1000]);
    expect(changes.count).toBe(2);
  });

  it('has one request under way at most, however long it takes and whoever wakes it', async () => {
    const { poller, startedMs, open, answer } = polled();
    poller.wake();
    await vi.advanceTimersByTimeAsync(5000);
    poller.wake();
    poller.rest();
    poller.wake();
    await vi.advanceTimersByTimeAsync(5000);
    expect(open).toHaveLength(1);
    await answer('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(startedMs).toEqual([0, 10_000]);
  });

  it('asks more and more rarely while it fails, keeps the last answer, and is back to a second after a good one', async () => {
    const { poller, startedMs, answer, fail } = polled();
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    await answer('good');
    await vi.advanceTimersByTimeAsync(1000);
    for (const pauseMs of [2000, 4000, 8000, 15_000, 15_000]) {
      await fail();
      await vi.advanceTimersByTimeAsync(pauseMs);
    }
    expect(startedMs).toEqual([0, 1000, 3000, 7000, 15_000, 30_000, 45_000]);
    expect(poller.failures).toBe(5);
    expect(poller.error?.message).toBe('no');
    expect(poller.answer).toBe('good');
    await answer('again');
    expect([poller.failures, poller.error]).toEqual([0, null]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(startedMs.at(-1)).toBe(46_000);
  });

  it('pauses 2, 4, 8 and then 15 s after failures in a row', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((failures) => pauseAfter(failures))).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  it('asks every 10 s while its rows are pushed, and is as quick as ever after a failure or when woken', async () => {
    const { poller, startedMs, answer, fail, live } = polled();
    live.connected = true;
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    await answer('one');
    expect(poller.intervalMs).toBe(10_000);
    await vi.advanceTimersByTimeAsync(10_000);
    await fail();
    await vi.advanceTimersByTimeAsync(2000);
    await answer('two');
    live.connected = false;
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    await answer('three');
    await vi.advanceTimersByTimeAsync(1000);
    expect(startedMs).toEqual([0, 10_000, 12_000, 12_000, 13_000]);
  });

  it('is among those that make the picture while it is awake', () => {
    const { poller } = polled();
    expect(awakePollers()).not.toContain(poller);
    poller.wake();
    expect(awakePollers()).toContain(poller);
    poller.rest();
    expect(awakePollers()).not.toContain(poller);
  });

  it('says when it asks next', async () => {
    const { poller, fail } = polled();
    expect(poller.nextMs).toBeNull();
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(poller.nextMs).toBeNull();
    await fail();
    expect(poller.nextMs).toBe(Date.now() + 2000);
  });

  it('sends nothing while it rests, and asks at once when woken', async () => {
    const { poller, startedMs, answer, fail } = polled();
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    poller.rest();
    await fail();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(startedMs).toEqual([0]);
    poller.wake();
    expect(poller.wokenMs).toBe(Date.now());
    await vi.advanceTimersByTimeAsync(0);
    await answer('fresh');
    expect(startedMs).toEqual([0, 3_600_000]);
    expect(poller.answer).toBe('fresh');
  });
});
