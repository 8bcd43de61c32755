/** A mapping over a stream in memory, for tests: the function behind it is the test's own, and only the test moves its clock. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { type Checkpoints, memoryCheckpoints } from '../../../local/engines/checkpoints.ts';
import { EventSourceMapping, type MappingSettings } from '../../../local/engines/event-source-mapping.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import type { KinesisStream } from '../../../local/engines/kinesis/stream.ts';
import type { InvokeResult } from '../../../local/engines/lambda-function.ts';
import type { SourceStream } from '../../../local/engines/shard-consumer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const SHARD = 'shardId-000000000000';
export const START_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 123);
export const DEFAULTS: MappingSettings = {
  batchSize: 100,
  maximumBatchingWindowMs: 0,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeMs: -1,
  reportBatchItemFailures: false,
  startingPosition: 'TRIM_HORIZON',
};
export const SUCCESS: InvokeResult = { payload: 'null' };
export const ERROR: InvokeResult = { functionError: 'Unhandled', payload: '{"errorType":"Error","errorMessage":"no"}' };

/** A mapping over a stream in memory whose function is the test's. */
export class Rig {
  readonly clock = new ManualClock(START_MS);
  readonly checkpoints: Checkpoints;
  readonly settings: MappingSettings;
  stream!: KinesisStream;
  mapping!: EventSourceMapping;
  /** The texts of each delivery. */
  readonly deliveries: string[][] = [];
  readonly payloads: string[] = [];
  readonly givenUp: Record<string, unknown>[] = [];
  readonly errors: unknown[] = [];
  /** The function: gets the texts and the event, and answers. */
  answer: (texts: string[], event: KinesisStreamEvent) => InvokeResult | Promise<InvokeResult> = () => SUCCESS;
  onFailure: (record: object) => Promise<void> = async (record) => {
    this.givenUp.push(record as Record<string, unknown>);
  };

  constructor(settings: Partial<MappingSettings> = {}, checkpoints: Checkpoints = memoryCheckpoints()) {
    this.settings = { ...DEFAULTS, ...settings };
    this.checkpoints = checkpoints;
  }

  async open(shardCount = 1): Promise<this> {
    this.stream = await new KinesisEngine({ clock: this.clock, folder: null }).createStream({
      name: 'trades',
      shardCount,
      retentionHours: 168,
    });
    this.renew();
    return this;
  }

  /** A mapping as after a restart of the process: it knows what the checkpoints know. */
  renew(stream: SourceStream = this.stream): void {
    const { clock, settings, checkpoints } = this;
    this.mapping = new EventSourceMapping({
      ...{ id: 'mapping-1', functionName: 'speed', stream, clock, settings, checkpoints },
      invoke: async (payload) => {
        const event: KinesisStreamEvent = JSON.parse(payload);
        const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
        this.payloads.push(payload);
        this.deliveries.push(texts);
        return this.answer(texts, event);
      },
      onFailure: (record) => this.onFailure(record),
      onError: (error) => this.errors.push(error),
    });
  }

  async put(...texts: string[]): Promise<string[]> {
    const appended = await this.stream.append(texts.map((text) => ({ partitionKey: 'IBM', data: Buffer.from(text) })));
    return appended.map(({ sequenceNumber }) => sequenceNumber);
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate);
  }

  /** Lets time pass, from one due instant to the next, until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      await this.settle();
      if (condition()) return;
      const dueMs = this.clock.nextDueMs;
      if (dueMs !== null) this.clock.advance(dueMs - this.clock.now());
    }
  }

  get position(): string | null {
    return this.mapping.progress()[SHARD] ?? null;
  }

  /** The records in the destination, as texts. */
  givenUpTexts(): string[][] {
    return this.givenUp.map(({ payload }) =>
      (JSON.parse(payload as string) as KinesisStreamEvent).Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
    );
  }
}

export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

/** A response naming the records with these texts, in this order. */
export function failing(event: KinesisStreamEvent, ...texts: string[]): InvokeResult {
  const named = texts.flatMap((text) => event.Records.filter(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString() === text));
  return { payload: JSON.stringify({ batchItemFailures: named.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) }) };
}
