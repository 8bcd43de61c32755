/**
 * Time as a sequence of events: it stands still while anybody holds it, then goes straight to the next instant at which something is due.
 * What a day brings happens in seconds, in the order and at the instants at which it would happen on a clock that really runs.
 */

import { DueTasks } from './due-tasks.ts';
import { type Instant, newInstant } from './instant.ts';
import type { LocalClock } from './local-clock.ts';

interface Waiter {
  readonly atMs: number;
  readonly resolve: () => void;
}

export class EventClock implements LocalClock {
  #nowMs: number;
  readonly #due = new DueTasks();
  #waiters: Waiter[] = [];
  #holders = 0;
  #isLooking = false;
  #isStopped = false;
  readonly #instant = newInstant();

  /** Begins at `startMs`, in ms since the epoch, and stays there until `runUntil` lets it go on. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
    this.#instant.set(startMs);
  }

  get instant(): Instant {
    return this.#instant.shared;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const cancel = this.#due.add(this.#nowMs + Math.max(0, delayMs), task);
    this.#look();
    return cancel;
  }

  hold(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders--;
      this.#look();
    };
  }

  /** The next instant at which something is due, ms since the epoch; null when nothing is. */
  get nextDueMs(): number | null {
    return this.#due.nextMs;
  }

  /**
   * Lets it go on to an instant, ms since the epoch (the present one when that has passed). Resolves when it is there, all that was due up to
   * then has happened, and nobody holds it; or when it is stopped. It goes no further than the nearest instant that somebody waits for.
   */
  runUntil(instantMs: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ atMs: Math.max(instantMs, this.#nowMs), resolve });
      this.#waiters.sort((a, b) => a.atMs - b.atMs);
      this.#look();
    });
  }

  /**
   * Moves it to a later instant at once, as a machine that has slept: what was due meanwhile happens there. Throws when somebody holds it.
   */
  leapTo(instantMs: number): void {
    if (this.#holders > 0) throw new Error('the clock cannot leap while somebody holds it');
    this.#moveTo(instantMs);
    this.#look();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** It never moves again, and nothing that is due happens any more. */
  stop(): void {
    this.#isStopped = true;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** Whether it may go on is asked in a later turn of the event loop: who has just heard of new work takes a hold before. */
  #look(): void {
    if (this.#isLooking || this.#isStopped || this.#holders > 0) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      if (!this.#isStopped && this.#holders === 0) this.#step();
    });
  }

  /** Does the one thing that is next, so that holds count between any two. */
  #step(): void {
    const nextMs = this.#due.nextMs;
    const waiter = this.#waiters[0];
    if (nextMs !== null && nextMs <= (waiter?.atMs ?? this.#nowMs)) {
      this.#moveTo(nextMs);
      this.#look();
      this.#due.take()();
    } else if (waiter) {
      this.#moveTo(waiter.atMs);
      this.#waiters.shift();
      this.#look();
      waiter.resolve();
    }
  }

  #moveTo(instantMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, instantMs);
    this.#instant.set(this.#nowMs);
  }
}
