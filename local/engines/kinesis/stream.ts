/** One stream: shards that divide the partition keys among them. */
import { join } from 'node:path';
import type { Clock } from '#adapters/clock.ts';
import type { KinesisRecord } from './frame.ts';
import type { ReadLimit } from './segment.ts';
import { SegmentFiles, type SegmentSettings } from './segment-files.ts';
import { type Entry, Shard } from './shard.ts';
import { type HashKeyRange, hashKeyRanges, shardOfHash, shardOfKey } from './shard-map.ts';

export interface AppendEntry extends Entry {
  /** Decimal digits, 0 … 2^128 - 1: chooses the shard in place of the partition key. */
  readonly explicitHashKey?: string | undefined;
}

/** Where a record came to lie. */
export interface Appended {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

export interface StreamSettings {
  readonly name: string;
  readonly arn: string;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly retentionHours: number;
  readonly createdMs: number;
  /** Null: in memory. */
  readonly folder: string | null;
  readonly tailBytes: number;
  readonly segments: SegmentSettings;
  /** Hears of a shard that cannot be written any more. */
  readonly onFailure: (error: Error) => void;
}

export class KinesisStream {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly hashKeyRanges: readonly HashKeyRange[];
  retentionHours: number;
  readonly #shardIds: readonly string[];
  readonly #shards: readonly Shard[];
  readonly #indexOfKey: (partitionKey: string) => number;
  readonly #listeners = new Set<(shardId: string) => void>();

  constructor(settings: StreamSettings) {
    const { name, arn, clock, shardCount, folder, onFailure } = settings;
    this.name = name;
    this.arn = arn;
    this.createdMs = settings.createdMs;
    this.retentionHours = settings.retentionHours;
    this.hashKeyRanges = hashKeyRanges(shardCount);
    this.#shardIds = this.hashKeyRanges.map((_, index) => `shardId-${String(index).padStart(12, '0')}`);
    this.#indexOfKey = shardOfKey(shardCount);
    this.#shards = this.#shardIds.map((shardId, index) => {
      const files = folder === null ? null : new SegmentFiles(join(folder, shardId), index, settings.segments, onFailure);
      const onWritten = (): void => {
        for (const listener of this.#listeners) listener(shardId);
      };
      const tailBytes = settings.tailBytes / shardCount;
      return new Shard({ index, clock, files, tailBytes, retentionMs: () => this.retentionHours * 3_600_000, onWritten });
    });
  }

  /** In ascending order. */
  shardIds(): string[] {
    return [...this.#shardIds];
  }

  /** Answers with the index of the shard, -1 for an unknown one. */
  shardIndex(shardId: string): number {
    return this.#shardIds.indexOf(shardId);
  }

  /**
   * Appends in the given order within each shard. Resolved = the records survive kill -9 of the process.
   * Rejects when a shard could not write its share, which is then not in the stream; shares of other shards may be.
   */
  async append(entries: readonly AppendEntry[]): Promise<Appended[]> {
    const shares = new Map<number, { entries: AppendEntry[]; places: number[] }>();
    for (const [place, entry] of entries.entries()) {
      const index = this.#indexOf(entry);
      let share = shares.get(index);
      if (share === undefined) {
        share = { entries: [], places: [] };
        shares.set(index, share);
      }
      share.entries.push(entry);
      share.places.push(place);
    }
    const appended = new Array<Appended>(entries.length);
    const writes = [...shares].map(async ([index, share]) => {
      const sequenceNumbers = await (this.#shards[index] as Shard).append(share.entries);
      const shardId = this.#shardIds[index] as string;
      for (const [at, place] of share.places.entries()) appended[place] = { shardId, sequenceNumber: sequenceNumbers[at] as string };
    });
    for (const outcome of await Promise.allSettled(writes)) if (outcome.status === 'rejected') throw outcome.reason;
    return appended;
  }

  #indexOf({ explicitHashKey, partitionKey }: AppendEntry): number {
    return explicitHashKey === undefined ? this.#indexOfKey(partitionKey) : shardOfHash(BigInt(explicitHashKey), this.#shards.length);
  }

  /** Records of a shard behind `after` (null = from the oldest kept), at least one if there is one. Rejects for an unknown shard. */
  async read(shardId: string, after: string | null, limit: ReadLimit): Promise<KinesisRecord[]> {
    const shard = this.#shards[this.shardIndex(shardId)];
    if (shard === undefined) throw new RangeError(`stream ${this.name} has no shard ${shardId}; it has ${this.#shardIds.join(', ')}`);
    return shard.read(after, limit);
  }

  /** Sequence number of the newest record of each shard, null where there was none yet. */
  head(): Record<string, string | null> {
    return Object.fromEntries(this.#shardIds.map((shardId, index) => [shardId, (this.#shards[index] as Shard).last]));
  }

  /** Calls `listener` after records were written to a shard; the answer ends that. */
  onAppend(listener: (shardId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    for (const shard of this.#shards) shard.close();
  }
}
