import type { Clock } from '#adapters/clock.ts';

const SUMMARY_EVERY_MS = 5000;

/** Tells of troubles without a line for each of a thousand devices: the first at once, what follows as one line every 5 s. */
export class TroubleLog {
  readonly #clock: Clock;
  readonly #log: (line: string) => void;
  /** Trouble → how often since the last line. */
  #counts = new Map<string, number>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, log: (line: string) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  note(trouble: string): void {
    this.#counts.set(trouble, (this.#counts.get(trouble) ?? 0) + 1);
    if (!this.#cancel) this.#tell();
  }

  /** Tells what is left to tell. */
  close(): void {
    this.#write();
    this.#cancel?.();
    this.#cancel = null;
  }

  #tell(): void {
    this.#cancel = null;
    if (this.#counts.size === 0) return;
    this.#write();
    this.#cancel = this.#clock.after(SUMMARY_EVERY_MS, () => this.#tell());
  }

  #write(): void {
    if (this.#counts.size === 0) return;
    this.#log(`devices: ${[...this.#counts].map(([trouble, count]) => (count > 1 ? `${trouble} (${count} times)` : trouble)).join('; ')}`);
    this.#counts = new Map();
  }
}
