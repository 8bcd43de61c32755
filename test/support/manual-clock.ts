/** A clock that only the test moves. */
import type { LocalClock } from '../../local/engines/local-clock.ts';

export class ManualClock implements LocalClock {
  #nowMs: number;
  /** How many hold it: that keeps the test from nothing. */
  holders = 0;
  #tasks: { dueMs: number; task: () => void }[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { dueMs: this.#nowMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  hold(): () => void {
    this.holders++;
    return () => {
      this.holders--;
    };
  }

  /** When the next task is due, ms since the epoch; null when nobody waits. */
  get nextDueMs(): number | null {
    return this.#tasks.length === 0 ? null : Math.min(...this.#tasks.map(({ dueMs }) => dueMs));
  }

  /** Moves the clock and runs what became due, in the order of time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.nextDueMs;
      if (due === null || due > untilMs) break;
      const index = this.#tasks.findIndex(({ dueMs }) => dueMs === due);
      const [entry] = this.#tasks.splice(index, 1);
      this.#nowMs = Math.max(this.#nowMs, due);
      entry?.task();
    }
    this.#nowMs = untilMs;
  }
}
