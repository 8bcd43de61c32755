/** A clock that jumps to the next due task whenever everybody waits: time costs nothing, and only waiting moves it. */
import type { Clock } from '#adapters/clock.ts';

export interface JumpingClock extends Clock {
  readonly pauses: readonly number[];
}

export function jumpingClock(startMs: number): JumpingClock {
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
