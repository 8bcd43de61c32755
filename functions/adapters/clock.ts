/** Time, for sources and local engines: they ask the clock they are given, and only an entry file gives them the machine's. */
export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Calls `task` once, `delayMs` from now (0 = as soon as possible); the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves `delayMs` from now. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Whether `work` ended within `timeoutMs`; it goes on if not, and its error is passed on if it fails in time. */
export function endedWithin(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
