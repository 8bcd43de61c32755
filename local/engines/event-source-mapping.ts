/**
 * Lambda's event-source mapping for a stream, with its failure semantics: batches and windows, retries and record age, bisecting, partial
 * failures, on-failure destination, checkpoints. It waits for appends instead of polling, and delivers at least once.
 */

import type { Checkpoints } from './checkpoints.ts';
import type { InvokeResult } from './lambda-function.ts';
import type { LocalClock } from './local-clock.ts';
import { type MappingSettings, ShardConsumer, type SourceStream } from './shard-consumer.ts';

export type { MappingSettings } from './shard-consumer.ts';

export interface EventSourceMappingOptions {
  /** Names the mapping in what the destination gets. */
  readonly id: string;
  readonly functionName: string;
  readonly stream: SourceStream;
  readonly clock: LocalClock;
  readonly settings: MappingSettings;
  /** Rejects only when the function could not be invoked; that is tried again without consuming a retry. */
  readonly invoke: (payload: string) => Promise<InvokeResult>;
  /** Gets the invocation record, with the payload, of records that are given up; it is called until it succeeds. */
  readonly onFailure: (invocationRecord: object) => Promise<void>;
  readonly checkpoints: Checkpoints;
  /** Told of everything that is tried again: failed reads, checkpoints, invocations, destinations. @default nobody */
  readonly onError?: (error: unknown) => void;
}

export class EventSourceMapping {
  readonly #stream: SourceStream;
  readonly #consumers: ReadonlyMap<string, ShardConsumer>;
  #running: Promise<unknown> | null = null;
  #unsubscribe: () => void = () => undefined;

  /** @throws RangeError naming the setting that is out of AWS's range */
  constructor({ checkpoints, stream, onError = () => undefined, ...options }: EventSourceMappingOptions) {
    checkSettings(options.id, options.settings);
    this.#stream = stream;
    const positions = checkpoints.load();
    const save = checkpoints.save.bind(checkpoints);
    this.#consumers = new Map(
      stream
        .shardIds()
        .map((shardId) => [shardId, new ShardConsumer({ ...options, stream, shardId, save, onError }, positions[shardId] ?? null)]),
    );
  }

  /** Starts reading every shard from its checkpoint; only once. */
  start(): void {
    if (this.#running !== null) throw new Error('an event-source mapping starts only once');
    this.#unsubscribe = this.#stream.onAppend((shardId) => this.#consumers.get(shardId)?.notify());
    this.#running = Promise.all([...this.#consumers.values()].map((consumer) => consumer.run()));
  }

  /** Lets the deliveries in flight end, and what they did be remembered. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    for (const consumer of this.#consumers.values()) consumer.stop();
    await this.#running;
  }

  /** The last position done with in each shard, null before the first. */
  progress(): Record<string, string | null> {
    return Object.fromEntries([...this.#consumers].map(([shardId, consumer]) => [shardId, consumer.position]));
  }
}

function checkSettings(id: string, settings: MappingSettings): void {
  const check = (name: keyof MappingSettings, least: number, most: number, alsoEndless: boolean): void => {
    const value = settings[name] as number;
    if (Number.isInteger(value) && ((value >= least && value <= most) || (alsoEndless && value === -1))) return;
    throw new RangeError(
      `event-source mapping ${id}: ${name} is ${value}; allowed are whole numbers from ${least} to ${most}${alsoEndless ? ', or -1' : ''}`,
    );
  };
  check('batchSize', 1, 10_000, false);
  check('maximumBatchingWindowMs', 0, 300_000, false);
  check('maximumRetryAttempts', 0, 10_000, true);
  check('maximumRecordAgeMs', 60_000, 604_800_000, true);
}
