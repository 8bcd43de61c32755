/** Holds the clock for an execution while anything in it works, and lets it go while all of it only waits. */
import type { LocalClock } from '../local-clock.ts';

export class ClockHold {
  readonly #clock: LocalClock;
  #release: (() => void) | null;
  #working = 0;
  #waiting = 0;
  #isEnded = false;

  /** Begins holding: the execution has started. */
  constructor(clock: LocalClock) {
    this.#clock = clock;
    this.#release = clock.hold();
  }

  /** Counts `work` as work in hand until it has ended, its own waits apart. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#working++;
    try {
      return await work();
    } finally {
      this.#working--;
      this.#look();
    }
  }

  /** Inside of `during`: resolves `ms` later on the clock, or when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    this.#working--;
    this.#waiting++;
    this.#look();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        if (!this.#isEnded) this.#release ??= this.#clock.hold();
        this.#waiting--;
        this.#working++;
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, ms), done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  /** The execution has ended. */
  end(): void {
    this.#isEnded = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#release?.();
    this.#release = null;
  }

  /** From one state to the next no turn of the event loop passes: whoever works after one is counted by then. */
  #look(): void {
    setImmediate(() => {
      if (this.#working === 0 && this.#waiting > 0) this.#letGo();
    });
  }
}
