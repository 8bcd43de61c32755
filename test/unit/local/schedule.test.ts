import { describe, expect, it } from 'vitest';
import { intervalMsOf, startSchedule } from '../../../local/engines/schedule.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
  ])('%s fires every %i ms', (expression, intervalMs) => {
    expect(intervalMsOf(expression)).toBe(intervalMs);
  });

  it.each(['rate(0 minutes)', 'rate(1 week)', 'cron(0 * * * ? *)', 'at(2026-01-01T00:00:00)', ''])(
    'refuses %s, naming it',
    (expression) => {
      expect(() => intervalMsOf(expression)).toThrow(`schedule expression ${expression}`);
    },
  );

  it('fires at once and then at fixed instants, told which, and a firing that takes long delays no other', async () => {
    const clock = new ManualClock(1_000);
    const firedMs: number[] = [];
    const toldMs: number[] = [];
    const schedule = startSchedule({
      expression: 'rate(1 minute)',
      clock,
      run: (dueMs) => {
        firedMs.push(clock.now());
        toldMs.push(dueMs);
        return new Promise(() => {});
      },
    });
    expect(firedMs).toEqual([]);
    clock.advance(0);
    clock.advance(59_999);
    expect(firedMs).toEqual([1_000]);
    clock.advance(1);
    clock.advance(150_000);
    expect(firedMs).toEqual([1_000, 61_000, 121_000, 181_000]);
    expect(toldMs).toEqual(firedMs);
    void schedule;
  });

  it('fires not at all when it is stopped at once', async () => {
    const clock = new ManualClock(0);
    let fired = 0;
    await startSchedule({ expression: 'rate(1 minute)', clock, run: async () => fired++ }).stop();
    clock.advance(600_000);
    expect(fired).toBe(0);
  });

  it('fires no more once stopped, and stops when the firing under way has ended', async () => {
    const clock = new ManualClock(0);
    let fired = 0;
    let end = () => {};
    const schedule = startSchedule({
      expression: 'rate(1 minute)',
      clock,
      run: () => {
        fired++;
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    clock.advance(59_999);
    let stopped = false;
    const stopping = schedule.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    end();
    await stopping;
    clock.advance(600_000);
    expect([fired, stopped]).toEqual([1, true]);
  });

  it('goes on after a firing that failed', async () => {
    const clock = new ManualClock(0);
    let fired = 0;
    const schedule = startSchedule({ expression: 'rate(1 minute)', clock, run: () => Promise.reject(new Error(String(++fired))) });
    clock.advance(60_000);
    expect(fired).toBe(2);
    // Long enough for Node to complain about a rejection that nobody has taken.
    await new Promise((resolve) => setImmediate(resolve));
    await schedule.stop();
  });

  it('after the machine has slept fires once, and then at the instants it would have had', () => {
    let nowMs = 0;
    let waiting: { delayMs: number; task: () => void } | undefined;
    const clock = {
      now: () => nowMs,
      hold: () => () => {},
      after(delayMs: number, task: () => void) {
        waiting = { delayMs, task };
        return () => {};
      },
    };
    let fired = 0;
    startSchedule({ expression: 'rate(1 minute)', clock, run: async () => fired++ });
    waiting?.task();
    nowMs = 8 * 3_600_000 + 10_000;
    waiting?.task();
    expect([fired, waiting?.delayMs]).toEqual([2, 50_000]);
  });
});
