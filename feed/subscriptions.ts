import type { Clock } from '#adapters/clock.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';

/** The vendor refuses a good symbol now and then, or too many while it still counts those of a dead connection: asked again, seldom. */
const RETRY: BackoffSettings = { baseMs: 30_000, capMs: 600_000 };
const TOO_MANY = 'Subscribing to too many symbols';
/** Stands for every symbol; no symbol is empty. */
const ALL = '';
const INVALID_SYMBOL = /^Invalid symbol (.+)$/;

/** Keeps the wanted symbols subscribed on whichever connection is open: one symbol a message. */
export class Subscriptions {
  #symbols: readonly string[];
  readonly #clock: Clock;
  readonly #random: () => number;
  /** Refusals so far, by symbol or ALL. */
  readonly #refusals = new Map<string, number>();
  /** Cancels the retry of a symbol, or of ALL. */
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
    for (const symbol of this.#symbols) this.#say('subscribe', symbol);
  }

  /** Other symbols are wanted from now on: says the difference, first what is wanted no more, so that there is room for what comes. */
  change(symbols: readonly string[]): void {
    const before = this.#symbols;
    this.#symbols = symbols;
    for (const symbol of before.filter((each) => !symbols.includes(each))) {
      this.#retries.get(symbol)?.();
      this.#retries.delete(symbol);
      this.#refusals.delete(symbol);
      this.#say('unsubscribe', symbol);
    }
    for (const symbol of symbols.filter((each) => !before.includes(each))) this.#say('subscribe', symbol);
  }

  /** The connection is gone: nothing is sent until the next one opens. */
  closed(): void {
    this.#send = null;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
  }

  /** Arranges what follows from an error the vendor sent; the answer says it for the log, empty when nothing follows. */
  refused(message: string): string {
    if (message === TOO_MANY) {
      // It does not say which, and says it once for each of them.
      if (this.#retries.has(ALL)) return '';
      return `; asking for all again in ${this.#askLater(ALL)} s`;
    }
    const symbol = INVALID_SYMBOL.exec(message)?.[1];
    if (symbol === undefined || !this.#symbols.includes(symbol)) return '';
    return `; asking for ${symbol} again in ${this.#askLater(symbol)} s`;
  }

  /** The answer says when, in s. */
  #askLater(what: string): number {
    const refusals = (this.#refusals.get(what) ?? 0) + 1;
    this.#refusals.set(what, refusals);
    const delayMs = backoffMs(refusals, RETRY, this.#random);
    this.#retries.get(what)?.();
    const ask = (): void => {
      this.#retries.delete(what);
      for (const symbol of what === ALL ? this.#symbols : [what]) this.#say('subscribe', symbol);
    };
    this.#retries.set(what, this.#clock.after(delayMs, ask));
    return Math.round(delayMs / 1000);
  }

  #say(type: 'subscribe' | 'unsubscribe', symbol: string): void {
    this.#send?.(JSON.stringify({ type, symbol }));
  }
}
