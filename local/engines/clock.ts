/** The one clock of a local runtime: every engine asks it, none asks the machine. */
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
