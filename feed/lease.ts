import { type Clock, endedWithin } from '#adapters/clock.ts';
import type { LeaseItem, LeaseStore } from './lease-store.ts';

export interface LeaseOptions {
  readonly store: LeaseStore;
  /** Who wants it, for people. */
  readonly holder: string;
  /** Never used twice: it is what tells holders apart. */
  readonly session: string;
  /** Need not agree with anybody's, only run as fast; it must not be set back. */
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Gives up waiting for the lease. */
  readonly signal: AbortSignal;
}

export interface HeldLease {
  /** Whether a write that starts now ends before anyone else can hold the lease. */
  mayDeliver(): boolean;
  /** Resolves when the lease is lost, with the reason; pending while it is held. */
  readonly lost: Promise<string>;
  /** Lets the next one have it at once; only when no write is under way any more. */
  release(): Promise<void>;
  /** Delivers and renews no more: the lease passes on when its time is over. */
  abandon(): void;
}

/** A lease that was not renewed for so long may pass to another, ms. */
export const LEASE_MS = 30_000;
/** Delivery ends so long before that, ms: more than a write to the stream may take (10 s) and a socket to close (0.5 s). */
export const FENCE_MS = 12_000;
const RENEW_EVERY_MS = 5000;
const RETRY_MS = 1000;
const REQUEST_TIMEOUT_MS = 3000;

/**
 * Waits until the lease is free, takes it, and keeps it renewed. Someone else's lease is free when it was seen unchanged for
 * LEASE_MS by our own clock; ours counts from the start of the request that renewed it. So two clocks may differ by hours.
 * @returns null when the signal came first
 */
export async function acquireLease(options: LeaseOptions): Promise<HeldLease | null> {
  const { store, holder, session, clock, log, signal } = options;
  let seen = null as LeaseItem | null;
  let seenSinceMs = 0;
  while (!signal.aborted) {
    try {
      const found = await inTime(clock, store.read());
      if (found?.session !== seen?.session || found?.expiresMs !== seen?.expiresMs) {
        if (found && found.session !== seen?.session) log(`lease: held by ${found.holder} (session ${found.session}), waiting`);
        seen = found;
        seenSinceMs = clock.now();
      }
      // It is ours already when the answer to an earlier request was lost.
      const isFree = found === null || found.session === session || clock.now() - seenSinceMs >= LEASE_MS;
      const startedMs = clock.now();
      const item = { holder, session, expiresMs: startedMs + LEASE_MS };
      if (isFree && (await inTime(clock, store.replace(found, item)))) {
        if (signal.aborted) await inTime(clock, store.remove(session));
        else return new Holding(options, startedMs);
      }
    } catch (error) {
      log(`lease: not read or not taken (${textOf(error)}), trying again`);
    }
    await pause(clock, signal);
  }
  return null;
}

class Holding implements HeldLease {
  readonly #options: LeaseOptions;
  readonly #lost = Promise.withResolvers<string>();
  #untilMs = 0;
  #ended = false;
  #cancelDeadline = (): void => {};
  #cancelRenewal = (): void => {};

  constructor(options: LeaseOptions, takenMs: number) {
    this.#options = options;
    this.#extend(takenMs);
  }

  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  mayDeliver(): boolean {
    return !this.#ended && this.#options.clock.now() < this.#untilMs;
  }

  async release(): Promise<void> {
    this.#end('released');
    const { store, session, clock, log } = this.#options;
    try {
      await inTime(clock, store.remove(session));
    } catch (error) {
      log(`lease: not released (${textOf(error)}); it passes on after ${LEASE_MS / 1000} s`);
    }
  }

  abandon(): void {
    this.#end('abandoned');
  }

  #extend(startedMs: number): void {
    const { clock } = this.#options;
    this.#untilMs = startedMs + LEASE_MS - FENCE_MS;
    this.#cancelDeadline();
    this.#cancelDeadline = clock.after(this.#untilMs - clock.now(), () => this.#end('it was not renewed in time'));
    this.#renewIn(RENEW_EVERY_MS);
  }

  #renewIn(delayMs: number): void {
    this.#cancelRenewal = this.#options.clock.after(delayMs, () => void this.#renew());
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    const { store, holder, session, clock, log } = this.#options;
    const startedMs = clock.now();
    try {
      const isOurs = await inTime(clock, store.renew({ holder, session, expiresMs: startedMs + LEASE_MS }));
      if (this.#ended) return;
      if (isOurs) this.#extend(startedMs);
      else this.#end('another feed holds it');
    } catch (error) {
      if (this.#ended) return;
      log(`lease: not renewed (${textOf(error)}), trying again`);
      this.#renewIn(RETRY_MS);
    }
  }

  #end(reason: string): void {
    this.#ended = true;
    this.#cancelDeadline();
    this.#cancelRenewal();
    this.#lost.resolve(reason);
  }
}

/** A store that does not answer must not hold up what comes next. */
async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  if (await endedWithin(clock, REQUEST_TIMEOUT_MS, work)) return work;
  throw new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`);
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(RETRY_MS, end);
    signal.addEventListener('abort', end);
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
