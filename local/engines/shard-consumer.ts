/** Hands the records of one shard to a function, batch after batch, in order, and never goes on before a batch is done with. */

import { type BatchOutcome, batchOutcome } from './batch-response.ts';
import { invocationRecord } from './invocation-record.ts';
import type { KinesisStream } from './kinesis/stream.ts';
import { EVENT_OVERHEAD_BYTES, kinesisEvent, type PreparedRecord, recordWriter } from './kinesis-event.ts';
import type { InvokeResult } from './lambda-function.ts';
import type { LocalClock } from './local-clock.ts';

export interface MappingSettings {
  /** 1 … 10,000. */
  readonly batchSize: number;
  /** 0 … 300,000; 0 = at once with whatever is there. */
  readonly maximumBatchingWindowMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** 0 … 10,000; -1 = without end. */
  readonly maximumRetryAttempts: number;
  /** 60,000 … 604,800,000; -1 = without end. */
  readonly maximumRecordAgeMs: number;
  readonly reportBatchItemFailures: boolean;
  /** Where a shard without a checkpoint begins. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
}

/** What a mapping needs of a stream. */
export type SourceStream = Pick<KinesisStream, 'arn' | 'shardIds' | 'read' | 'head' | 'onAppend'>;

export interface ConsumerSettings {
  readonly id: string;
  readonly functionName: string;
  readonly stream: SourceStream;
  readonly shardId: string;
  /** Held whenever there is work in hand: always except within a pause. */
  readonly clock: LocalClock;
  readonly settings: MappingSettings;
  /** Rejects when the function could not be invoked at all; that consumes no retry. */
  readonly invoke: (payload: string) => Promise<InvokeResult>;
  readonly onFailure: (invocationRecord: object) => Promise<void>;
  readonly save: (shardId: string, position: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A run of records that is delivered together. */
interface Unit {
  readonly records: readonly PreparedRecord[];
  /** Deliveries that failed and count against the retries. */
  readonly failures: number;
  readonly invocations: number;
  /** Deliveries since the unit last changed, for the back-off. */
  readonly attempts: number;
}

/** Lambda's limit of a synchronous payload. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Data that can become a payload: base64 makes 4 bytes of 3. */
const READ_BYTES = (MAX_PAYLOAD_BYTES / 4) * 3;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

export class ShardConsumer {
  readonly #at: ConsumerSettings;
  readonly #prepare: ReturnType<typeof recordWriter>;
  #position: string | null;
  /** The last record in #buffer, or #position. */
  #readUpTo: string | null;
  #buffer: PreparedRecord[] = [];
  #bufferBytes = 0;
  #hasNews = false;
  #isStopped = false;
  readonly #sleepers = new Set<() => void>();
  /** What lets go of the clock: one for each thing at work. */
  readonly #holds: (() => void)[] = [];

  constructor(settings: ConsumerSettings, position: string | null) {
    this.#at = settings;
    const [, partition, , , account] = settings.stream.arn.split(':');
    this.#prepare = recordWriter(settings.stream.arn, settings.shardId, `arn:${partition}:iam::${account}:role/${settings.functionName}`);
    this.#position = position;
    this.#readUpTo = position;
  }

  /** The last position done with: delivered, or given up and handed to the destination. */
  get position(): string | null {
    return this.#position;
  }

  /** To be called after records were appended to the shard. */
  notify(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Lets the delivery in progress end, begins no other; `run` then resolves. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #wake(): void {
    for (const sleeper of this.#sleepers) sleeper();
  }

  run(): Promise<void> {
    return this.#atWork(() => this.#consume());
  }

  async #consume(): Promise<void> {
    if (this.#position === null && this.#at.settings.startingPosition === 'LATEST') await this.#startAtLatest();
    for (;;) {
      const batch = await this.#nextBatch();
      if (batch === null) return;
      // The function works in a thread of its own: what follows is read meanwhile.
      const works = Promise.all([this.#atWork(() => this.#deliver(batch)), this.#atWork(() => this.#fill())]);
      this.#letClockGo();
      const [isDone] = await works;
      this.#holdClock();
      if (!isDone) return;
    }
  }

  async #atWork<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#holdClock();
    try {
      return await work();
    } finally {
      this.#letClockGo();
    }
  }

  #holdClock(): void {
    this.#holds.push(this.#at.clock.hold());
  }

  #letClockGo(): void {
    this.#holds.pop()?.();
  }

  /** Remembered at once: a restart before the first record must not move the beginning. */
  async #startAtLatest(): Promise<void> {
    const latest = this.#at.stream.head()[this.#at.shardId] ?? '0';
    this.#readUpTo = latest;
    await this.#doneWith(latest);
  }

  /** Null when stopped. */
  async #nextBatch(): Promise<PreparedRecord[] | null> {
    const { clock, settings } = this.#at;
    let windowEndMs: number | null = null;
    for (;;) {
      await this.#fill();
      if (this.#isStopped) return null;
      if (this.#buffer.length > 0) {
        windowEndMs ??= clock.now() + settings.maximumBatchingWindowMs;
        if (this.#isFull() || clock.now() >= windowEndMs) return this.#take();
      }
      if (!this.#hasNews) await this.#pause(windowEndMs === null ? null : windowEndMs - clock.now());
    }
  }

  #isFull(): boolean {
    return this.#buffer.length >= this.#at.settings.batchSize || this.#bufferBytes >= MAX_PAYLOAD_BYTES;
  }

  /** Reads on until a batch is full or the shard has no more. */
  async #fill(): Promise<void> {
    const { stream, shardId, settings } = this.#at;
    this.#hasNews = false;
    while (!this.#isFull() && !this.#isStopped) {
      const limit = { records: settings.batchSize - this.#buffer.length, bytes: READ_BYTES };
      const records = await this.#untilDone(() => stream.read(shardId, this.#readUpTo, limit));
      if (records === undefined || records.length === 0) return;
      for (const record of records) {
        const prepared = this.#prepare(record);
        this.#buffer.push(prepared);
        this.#bufferBytes += prepared.bytes + 1;
        this.#readUpTo = prepared.sequenceNumber;
      }
    }
  }

  /** As much of the buffer as one payload holds; the rest begins the next batch. */
  #take(): PreparedRecord[] {
    let bytes = EVENT_OVERHEAD_BYTES;
    const end = this.#buffer.findIndex((record, index) => {
      bytes += record.bytes + 1;
      return index > 0 && bytes > MAX_PAYLOAD_BYTES;
    });
    const batch = this.#buffer.splice(0, end < 0 ? this.#buffer.length : end);
    for (const record of batch) this.#bufferBytes -= record.bytes + 1;
    return batch;
  }

  /** Works through a batch, in parts where it must; false when stopped before its end. */
  async #deliver(batch: readonly PreparedRecord[]): Promise<boolean> {
    const open: Unit[] = [{ records: batch, failures: 0, invocations: 0, attempts: 0 }];
    for (;;) {
      const unit = open.pop();
      if (unit === undefined) return true;
      if (this.#isStopped) return false;
      const expired = this.#countExpired(unit.records);
      if (expired > 0) {
        await this.#giveUp({ ...unit, records: unit.records.slice(0, expired) }, 'RecordAgeExceeded', null);
        if (expired < unit.records.length) open.push({ ...unit, records: unit.records.slice(expired) });
        continue;
      }
      open.push(...(await this.#attempt(unit)).reverse());
    }
  }

  /** Delivers once; answers with what is still to do, in order. */
  async #attempt(unit: Unit): Promise<Unit[]> {
    let result: InvokeResult;
    try {
      result = await this.#at.invoke(kinesisEvent(unit.records));
    } catch (error) {
      this.#at.onError(error);
      return this.#later({ ...unit, attempts: unit.attempts + 1 });
    }
    const outcome = this.#outcomeOf(result, unit);
    const tried: Unit = { ...unit, invocations: unit.invocations + 1, attempts: unit.attempts + 1 };
    if (outcome.kind === 'success') {
      await this.#doneWith((unit.records.at(-1) as PreparedRecord).sequenceNumber);
      return [];
    }
    // A stop may have ended the invocation from outside: nothing follows from its failure.
    if (this.#isStopped) return [tried];
    const functionError = 'functionError' in result ? result.functionError : null;
    if (outcome.kind === 'partial' && outcome.failedFrom > 0) return this.#goOnFrom(outcome.failedFrom, tried, functionError);
    return this.#failed(tried, functionError);
  }

  #outcomeOf(result: InvokeResult, { records }: Unit): BatchOutcome {
    if ('functionError' in result) return { kind: 'failure' };
    if (!this.#at.settings.reportBatchItemFailures) return { kind: 'success' };
    return batchOutcome(
      result.payload,
      records.map(({ sequenceNumber }) => sequenceNumber),
    );
  }

  /** What lies before the first failed record is done with, the rest is delivered again; splitting there consumes no retry when bisecting. */
  async #goOnFrom(failedFrom: number, unit: Unit, functionError: string | null): Promise<Unit[]> {
    await this.#doneWith((unit.records[failedFrom - 1] as PreparedRecord).sequenceNumber);
    const rest: Unit = { ...unit, records: unit.records.slice(failedFrom), failures: 0, attempts: 0 };
    return this.#at.settings.bisectBatchOnFunctionError ? [rest] : this.#failed(rest, functionError);
  }

  async #failed(unit: Unit, functionError: string | null): Promise<Unit[]> {
    const { bisectBatchOnFunctionError, maximumRetryAttempts } = this.#at.settings;
    if (bisectBatchOnFunctionError && unit.records.length > 1) {
      const middle = Math.ceil(unit.records.length / 2);
      const half = { ...unit, failures: 0, attempts: 0 };
      return [
        { ...half, records: unit.records.slice(0, middle) },
        { ...half, records: unit.records.slice(middle) },
      ];
    }
    const failures = unit.failures + 1;
    if (maximumRetryAttempts < 0 || failures <= maximumRetryAttempts) return this.#later({ ...unit, failures });
    await this.#giveUp(unit, 'RetryAttemptsExhausted', functionError);
    return [];
  }

  async #later(unit: Unit): Promise<Unit[]> {
    await this.#backOff(unit.attempts);
    return [unit];
  }

  /** How many records at the beginning have become older than allowed. */
  #countExpired(records: readonly PreparedRecord[]): number {
    const { clock, settings } = this.#at;
    if (settings.maximumRecordAgeMs < 0) return 0;
    const oldestMs = clock.now() - settings.maximumRecordAgeMs;
    const young = records.findIndex(({ arrivalMs }) => arrivalMs >= oldestMs);
    return young < 0 ? records.length : young;
  }

  async #giveUp(unit: Unit, condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded', functionError: string | null): Promise<void> {
    const { id, functionName, stream, shardId, clock, onFailure } = this.#at;
    const { records, invocations } = unit;
    const given = {
      mappingId: id,
      functionName,
      streamArn: stream.arn,
      shardId,
      records,
      condition,
      invokeCount: invocations,
      functionError,
      nowMs: clock.now(),
    };
    const record = invocationRecord(given);
    const isKept = await this.#untilDone(async () => {
      await onFailure(record);
      return true;
    });
    if (isKept === true) await this.#doneWith((records.at(-1) as PreparedRecord).sequenceNumber);
  }

  async #doneWith(position: string): Promise<void> {
    const isSaved = await this.#untilDone(async () => {
      await this.#at.save(this.#at.shardId, position);
      return true;
    });
    if (isSaved === true) this.#position = position;
  }

  /** Repeats what must not be skipped until it succeeds; undefined when stopped before. */
  async #untilDone<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        this.#at.onError(error);
        if (this.#isStopped) return undefined;
        await this.#backOff(attempt);
        if (this.#isStopped) return undefined;
      }
    }
  }

  async #backOff(attempt: number): Promise<void> {
    const { clock } = this.#at;
    const untilMs = clock.now() + Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(attempt - 1, 30), MAX_BACKOFF_MS);
    while (!this.#isStopped && clock.now() < untilMs) await this.#pause(untilMs - clock.now());
  }

  /** Until somebody wakes it, at most `ms` (null = without end). The clock may move meanwhile, but no further than to the waking. */
  #pause(ms: number | null): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = (): void => {
        this.#sleepers.delete(sleeper);
        this.#holdClock();
        cancel();
        resolve();
      };
      const cancel = ms === null ? () => undefined : this.#at.clock.after(ms, sleeper);
      this.#sleepers.add(sleeper);
      this.#letClockGo();
    });
  }
}
