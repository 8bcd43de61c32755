import { type Clock, delay, endedWithin } from '#adapters/clock.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';
import { RecordLanes } from './record-lanes.ts';
import { type PutRecord, PutRefusedError, type PutResult, type RecordsPort } from './records-port.ts';

export interface StreamWriterOptions {
  readonly port: RecordsPort;
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** `write` asks its caller to wait above this many queued bytes. @default 16 MiB */
  readonly maxQueuedBytes?: number;
}

/** Records handed in = written + still queued. */
export interface StreamWriterCounters {
  written: number;
  /** Records put once more after the stream refused them. */
  retried: number;
  requests: number;
}

const RETRY: BackoffSettings = { baseMs: 100, capMs: 10_000 };
const DEFAULT_MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/**
 * Writes records to a stream, each partition key's in the order they were handed in. PutRecords promises no order and may
 * refuse some records and take others, so a request carries at most one record of a key, and the next of that key goes out
 * only when it is taken. One request at a time: what comes in meanwhile makes up the next one, so that nothing waits to be
 * batched. A record may be written twice when an answer is lost.
 */
export class StreamWriter {
  readonly counters: StreamWriterCounters = { written: 0, retried: 0, requests: 0 };
  readonly #options: StreamWriterOptions;
  readonly #maxQueuedBytes: number;
  readonly #lanes: RecordLanes;
  #pumping: Promise<void> | null = null;
  /** Ends the rest the pump may take. */
  #wake: () => void = () => {};
  readonly #failed = Promise.withResolvers<never>();
  #failure: Error | null = null;
  /** Requests in a row that failed whole. */
  #failures = 0;
  /** Those who wait for room. */
  #waiting: PromiseWithResolvers<void> | null = null;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES;
    this.#lanes = new RecordLanes((attempt) => backoffMs(attempt, RETRY, options.random));
    // Whoever does not await it hears of a failure from `write` and `flush`.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects with a PutRefusedError as soon as the stream refuses for good; else pending. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Records handed in that are not written. */
  get queued(): number {
    return this.#lanes.records;
  }

  /** Whether the queue is full: a caller that can wait should. */
  get full(): boolean {
    return this.#lanes.bytes > this.#maxQueuedBytes;
  }

  /**
   * Takes the records at once, whatever the queue holds; resolves when the queue has room for more.
   * @throws PutRefusedError when the stream refuses for good; nothing can be written any more
   */
  async write(records: readonly PutRecord[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    for (const record of records) this.#lanes.add(record);
    this.#wake();
    this.#pumping ??= this.#pump();
    if (!this.full) return;
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
  }

  /**
   * Resolves when everything handed in is written.
   * @param timeoutMs waits no longer than this; without it, as long as it takes
   * @throws Error that says how many records are not written, when the time is over: they are given up then, and nothing more
   *   is tried; PutRefusedError as `write`
   */
  async flush(timeoutMs?: number): Promise<void> {
    const pumping = this.#pumping ?? Promise.resolve();
    if (timeoutMs === undefined) await pumping;
    else if (!(await endedWithin(this.#options.clock, timeoutMs, pumping))) {
      this.#failure ??= new Error(`${this.#lanes.records} records are not written after ${timeoutMs} ms`);
    }
    if (this.#failure) throw this.#failure;
  }

  /** Runs while there is something to write; never rejects. */
  async #pump(): Promise<void> {
    // Everything handed in during this turn goes out together.
    await Promise.resolve();
    while (this.#lanes.records > 0 && !this.#failure) {
      const batch = this.#lanes.take(this.#options.clock.now());
      if (batch.length > 0) await this.#put(batch);
      else await this.#rest(this.#lanes.nextDueMs() - this.#options.clock.now());
    }
    this.#pumping = null;
  }

  /** Every queued key rests after a refusal; a record of another key does not wait for them. */
  #rest(restMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(Math.max(0, restMs), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async #put(batch: readonly PutRecord[]): Promise<void> {
    this.counters.requests++;
    let results: readonly PutResult[];
    try {
      results = await this.#options.port.putRecords(batch);
    } catch (error) {
      await this.#failedWhole(batch, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#failures = 0;
    const refused = this.#lanes.settle(batch, results, this.#options.clock.now());
    this.counters.written += batch.length - refused;
    this.counters.retried += refused;
    if (refused > 0) {
      const first = results.find((result) => result !== null);
      this.#options.log(`stream: ${refused} of ${batch.length} records refused, trying again (${first?.code}: ${first?.message})`);
    }
    this.#wakeIfRoom();
  }

  /** A whole request failed: nothing is known of its records. They are still the first of their keys and go out again. */
  async #failedWhole(batch: readonly PutRecord[], error: Error): Promise<void> {
    if (error instanceof PutRefusedError) {
      this.#failure = error;
      this.#failed.reject(error);
      this.#waiting?.reject(error);
      this.#waiting = null;
      return;
    }
    this.counters.retried += batch.length;
    this.#failures++;
    const delayMs = backoffMs(this.#failures, RETRY, this.#options.random);
    this.#options.log(`stream: a request failed (${error.name}: ${error.message}); trying again in ${Math.round(delayMs)} ms`);
    await delay(this.#options.clock, delayMs);
  }

  #wakeIfRoom(): void {
    if (this.full) return;
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
