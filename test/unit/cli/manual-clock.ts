/** A clock that jumps to the next due task whenever everybody waits: time costs nothing, and only waiting moves it. */
import type { Clock } from '../../../feed/clock.ts';

export interface ManualClock extends Clock {
  readonly pauses: readonly number[];
}

export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => nowMs,
    after(delayMs, task) {
      const dueMs = nowMs + delayMs;
      pauses.push(delayMs);
      const immediate = setImmediate(() => {
        nowMs = Math.max(nowMs, dueMs);
        task();
      });
      return () => clearImmediate(immediate);
    },
  };
}
