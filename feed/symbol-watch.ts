import { type Clock, endedWithin } from '#adapters/clock.ts';
import type { SymbolStore } from './symbol-store.ts';
import { parseSymbols } from './symbols.ts';

export interface SymbolWatchOptions {
  readonly symbolStore: Pick<SymbolStore, 'read'>;
  /** Heard while the store names none. */
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Between two looks at the store, ms. */
export const LOOK_EVERY_MS = 10_000;
const READ_TIMEOUT_MS = 3000;

/** What is to be heard: the configured symbols, or those that stand in a store and may change at any time. */
export class SymbolWatch {
  readonly #options: SymbolWatchOptions;
  #symbols: readonly string[];
  /** What the store said last; undefined before it said anything. */
  #text: string | null | undefined;
  /** Looks in a row that failed. */
  #failures = 0;
  #cancel = (): void => {};
  #stopped = false;

  constructor(options: SymbolWatchOptions) {
    this.#options = options;
    this.#symbols = options.symbols;
  }

  /** What is to be heard as of the last look. */
  get symbols(): readonly string[] {
    return this.#symbols;
  }

  /** Looks once. Never rejects: a store that does not answer, or says what is no list of symbols, changes nothing but the log. */
  async look(): Promise<void> {
    const { symbolStore, log } = this.#options;
    try {
      const text = await this.#inTime(symbolStore.read());
      if (this.#failures > 0) log('symbols: read again');
      this.#failures = 0;
      if (text === this.#text) return;
      this.#text = text;
      this.#symbols = text === null ? this.#options.symbols : this.#parsed(text);
    } catch (error) {
      this.#failures++;
      if (this.#failures === 1) log(`symbols: not read (${error instanceof Error ? error.message : String(error)}), trying again`);
    }
  }

  /** Looks every 10 s, and tells of each change. */
  start(onChange: (symbols: readonly string[]) => void): void {
    this.#stopped = false;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => {
      const before = this.#symbols;
      void this.look().then(() => {
        if (this.#stopped) return;
        if (this.#symbols !== before) onChange(this.#symbols);
        this.start(onChange);
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #parsed(text: string): readonly string[] {
    try {
      return parseSymbols(text);
    } catch (error) {
      this.#options.log(`symbols: refused, ${(error as Error).message}; going on with those of before`);
      return this.#symbols;
    }
  }

  async #inTime(reading: Promise<string | null>): Promise<string | null> {
    if (await endedWithin(this.#options.clock, READ_TIMEOUT_MS, reading)) return reading;
    throw new Error(`no answer within ${READ_TIMEOUT_MS} ms`);
  }
}
