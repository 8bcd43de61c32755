import type { Clock } from '#adapters/clock.ts';

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Silence that is one too long, ms. */
  readonly limitMs: number;
  /** The first moment at or after this one, ms since the epoch, at which silence counts. */
  readonly firstOpenMs: (fromMs: number) => number;
  /** Called once a watch, with how long nothing was heard, ms. */
  readonly onSilence: (silentMs: number) => void;
}

/**
 * Notices that nothing is heard any more. While silence is to be expected it waits: the verdict then falls when the expected
 * silence ends, so that a connection which died at night is found out when the market opens.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #lastHeardMs = 0;
  #cancel: () => void = () => {};

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Starts to watch, as if something were heard now. */
  start(): void {
    this.stop();
    this.heard();
    this.#arm();
  }

  /** Costs nothing: the timer that is set looks at it when it is due. */
  heard(): void {
    this.#lastHeardMs = this.#options.clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    const { clock, limitMs, firstOpenMs, onSilence } = this.#options;
    const dueMs = firstOpenMs(this.#lastHeardMs + limitMs);
    this.#cancel = clock.after(dueMs - clock.now(), () => {
      const silentMs = clock.now() - this.#lastHeardMs;
      // Timers may come early by a fraction of a ms; and something may have been heard since this one was set.
      if (firstOpenMs(this.#lastHeardMs + limitMs) > clock.now()) this.#arm();
      else onSilence(silentMs);
    });
  }
}
