import type { Clock } from '#adapters/clock.ts';

/** The longest wait a timer takes, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves `delayMs` from now, or when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(Math.min(delayMs, LONGEST_TIMER_MS), done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
