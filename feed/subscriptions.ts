import type { Clock } from '#adapters/clock.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';

/** The vendor refuses a good symbol now and then: it is asked for again, seldom. */
const RETRY: BackoffSettings = { baseMs: 30_000, capMs: 600_000 };
const INVALID_SYMBOL = /^Invalid symbol (.+)$/;

/** Keeps the wanted symbols subscribed on whichever connection is open: one symbol a message. */
export class Subscriptions {
  readonly #symbols: readonly string[];
  readonly #clock: Clock;
  readonly #random: () => number;
  /** Refusals so far, by symbol. */
  readonly #refusals = new Map<string, number>();
  /** Cancels the retry of a symbol. */
  readonly #retries = new Map<string, () => void>();
  #send: ((message: string) => void) | null = null;

  constructor(symbols: readonly string[], clock: Clock, random: () => number) {
    this.#symbols = symbols;
    this.#clock = clock;
    this.#random = random;
  }

  /** A connection opened: subscribes everything on it. */
  opened(send: (message: string) => void): void {
    this.#send = send;
    for (const symbol of this.#symbols) this.#subscribe(symbol);
  }

  /** The connection is gone: nothing is sent until the next one opens. */
  closed(): void {
    this.#send = null;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
  }

  /** Arranges what follows from an error the vendor sent; the answer says it for the log, empty when nothing follows. */
  refused(message: string): string {
    const symbol = INVALID_SYMBOL.exec(message)?.[1];
    if (symbol === undefined || !this.#symbols.includes(symbol)) return '';
    const refusals = (this.#refusals.get(symbol) ?? 0) + 1;
    this.#refusals.set(symbol, refusals);
    const delayMs = backoffMs(refusals, RETRY, this.#random);
    this.#retries.get(symbol)?.();
    this.#retries.set(
      symbol,
      this.#clock.after(delayMs, () => this.#subscribe(symbol)),
    );
    return `; asking for ${symbol} again in ${Math.round(delayMs / 1000)} s`;
  }

  #subscribe(symbol: string): void {
    this.#retries.delete(symbol);
    this.#send?.(JSON.stringify({ type: 'subscribe', symbol }));
  }
}
