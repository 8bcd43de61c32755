/** One shard: numbers records, writes those of one turn of the event loop together, and keeps the newest in memory. */

import type { Clock } from '#adapters/clock.ts';
import { comparePositions } from '#domain/events.ts';
import { frameBytes, type KinesisRecord, writeFrame } from './frame.ts';
import type { ReadLimit } from './segment.ts';
import type { SegmentFiles } from './segment-files.ts';
import { sequenceCount, sequenceMs, sequenceNumber } from './sequence-number.ts';

export interface Entry {
  /** 1 … 256 characters. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When it arrived, ms since the epoch, for a source that hands over what came since its last turn. @default the moment of writing */
  readonly arrivalMs?: number;
}

interface Waiting {
  readonly entries: readonly Entry[];
  readonly bytes: number;
  readonly resolve: (sequenceNumbers: string[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface ShardSettings {
  readonly index: number;
  readonly clock: Clock;
  /** Null: in memory only, everything within the retention. */
  readonly files: SegmentFiles | null;
  /** Bound of the records held in memory beside the files. */
  readonly tailBytes: number;
  readonly retentionMs: () => number;
  /** Called after each write. */
  readonly onWritten: () => void;
}

/** Longest single write. */
const GROUP_BYTES = 8 * 1024 * 1024;
/** What an object and its two strings take beside the data. */
const RECORD_OVERHEAD_BYTES = 400;
const FORGOTTEN_BEFORE_COMPACTION = 4096;

export class Shard {
  readonly #settings: ShardSettings;
  #waiting: Waiting[] = [];
  #tail: KinesisRecord[] = [];
  /** Records at the beginning of #tail that no longer count. */
  #tailStart = 0;
  #tailBytes = 0;
  /** The record right before the tail: readers that have passed it never touch the disk. */
  #tailFloor: string | null;
  #last: string | null;
  #lastMs: number;
  /** Number of the next record within #lastMs. */
  #count: number;

  constructor(settings: ShardSettings) {
    this.#settings = settings;
    this.#last = settings.files?.last?.sequenceNumber ?? null;
    this.#tailFloor = this.#last;
    this.#lastMs = this.#last === null ? 0 : sequenceMs(this.#last);
    this.#count = this.#last === null ? 0 : sequenceCount(this.#last) + 1;
  }

  /** Sequence number of the newest record; null before the first. */
  get last(): string | null {
    return this.#last;
  }

  /** Resolves with the sequence numbers once the records would survive the process; rejects when none of them was kept. */
  append(entries: readonly Entry[]): Promise<string[]> {
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const entry of entries) bytes += frameBytes(entry.partitionKey.length * 3, entry.data.length);
      this.#waiting.push({ entries, bytes, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    let from = 0;
    while (from < waiting.length) {
      let to = from;
      let bytes = 0;
      do bytes += (waiting[to++] as Waiting).bytes;
      while (to < waiting.length && bytes + (waiting[to] as Waiting).bytes <= GROUP_BYTES);
      this.#write(waiting.slice(from, to), bytes);
      from = to;
    }
    this.#settings.onWritten();
  }

  #write(group: readonly Waiting[], maxBytes: number): void {
    const { clock, files, index } = this.#settings;
    const writtenMs = Math.floor(clock.now());
    let numberMs = this.#lastMs;
    const frames = Buffer.allocUnsafe(maxBytes);
    const records: KinesisRecord[] = [];
    const offsets: number[] = [];
    let count = this.#count;
    let end = 0;
    for (const { entries } of group) {
      for (const { partitionKey, data, arrivalMs = writtenMs } of entries) {
        if (arrivalMs > numberMs) {
          numberMs = arrivalMs;
          count = 0;
        }
        const head = { arrivalMs, sequenceMs: numberMs, count: count++ };
        const keyBytes = Buffer.byteLength(partitionKey);
        const dataAt = writeFrame(frames, end, head, partitionKey, keyBytes, data);
        offsets.push(end);
        end = dataAt + data.length;
        records.push({
          sequenceNumber: sequenceNumber(numberMs, head.count, index),
          partitionKey,
          data: frames.subarray(dataAt, end),
          arrivalMs,
        });
      }
    }
    try {
      if (records.length > 0) files?.write(frames.subarray(0, end), records, offsets);
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    this.#lastMs = numberMs;
    this.#count = count;
    this.#last = records.at(-1)?.sequenceNumber ?? this.#last;
    this.#remember(records);
    let at = 0;
    for (const { entries, resolve } of group) {
      resolve(records.slice(at, at + entries.length).map((record) => record.sequenceNumber));
      at += entries.length;
    }
  }

  #remember(records: readonly KinesisRecord[]): void {
    for (const record of records) {
      this.#tail.push(record);
      this.#tailBytes += record.data.length + RECORD_OVERHEAD_BYTES;
    }
    if (this.#settings.files !== null) while (this.#tailBytes > this.#settings.tailBytes) this.#forgetOldest();
    this.#trim();
  }

  #forgetOldest(): void {
    const oldest = this.#tail[this.#tailStart++] as KinesisRecord;
    this.#tailBytes -= oldest.data.length + RECORD_OVERHEAD_BYTES;
    this.#tailFloor = oldest.sequenceNumber;
    if (this.#tailStart < FORGOTTEN_BEFORE_COMPACTION || this.#tailStart * 2 < this.#tail.length) return;
    this.#tail = this.#tail.slice(this.#tailStart);
    this.#tailStart = 0;
  }

  #trim(): void {
    const expiredMs = this.#settings.clock.now() - this.#settings.retentionMs();
    if (this.#settings.files !== null) {
      this.#settings.files.trim(expiredMs);
      return;
    }
    while (this.#tailStart < this.#tail.length && (this.#tail[this.#tailStart] as KinesisRecord).arrivalMs <= expiredMs)
      this.#forgetOldest();
  }

  /** Records behind `after` (null = from the oldest kept), in order: as many as the limit allows, at least one if there is one. */
  read(after: string | null, limit: ReadLimit): KinesisRecord[] {
    this.#trim();
    const { files } = this.#settings;
    const isBehindTail = this.#tailFloor !== null && (after === null || comparePositions(after, this.#tailFloor) < 0);
    if (isBehindTail && files !== null) return files.read(after, limit);
    const found: KinesisRecord[] = [];
    let bytes = 0;
    for (let index = this.#firstInTail(after); index < this.#tail.length && found.length < limit.records; index++) {
      const record = this.#tail[index] as KinesisRecord;
      bytes += record.data.length + record.partitionKey.length;
      if (found.length > 0 && bytes > limit.bytes) break;
      found.push(record);
    }
    return found;
  }

  #firstInTail(after: string | null): number {
    let low = this.#tailStart;
    let high = this.#tail.length;
    while (after !== null && low < high) {
      const middle = (low + high) >>> 1;
      if (comparePositions((this.#tail[middle] as KinesisRecord).sequenceNumber, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Writes what is waiting, then refuses to write more. */
  close(): void {
    this.#flush();
    this.#settings.files?.close();
  }
}
