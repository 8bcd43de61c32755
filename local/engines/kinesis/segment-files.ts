/** The log of one shard on disk: append-only files, the newest one open for writing. Written bytes are with the operating system: they survive kill -9, not a power cut. */
import { closeSync, mkdirSync, openSync, readdirSync, statSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { comparePositions } from '#domain/events.ts';
import type { KinesisRecord } from './frame.ts';
import { damage, type ReadLimit, SEGMENT_SUFFIX, Segment } from './segment.ts';

export interface SegmentSettings {
  /** A file is closed once it is longer than this. */
  readonly segmentBytes: number;
  /** A file is closed once its first record is older than this: trimming removes whole files. */
  readonly segmentSpanMs: number;
}

export const DEFAULT_SEGMENTS: SegmentSettings = { segmentBytes: 16 * 1024 * 1024, segmentSpanMs: 3_600_000 };

export class SegmentFiles {
  readonly #folder: string;
  readonly #shardIndex: number;
  readonly #settings: SegmentSettings;
  #segments: Segment[];
  #file: number | null = null;
  readonly #onFailure: (error: Error) => void;
  /** Set by the first write that failed: what comes later must not come to stand before what was refused, and half a record ends the file. */
  #broken: Error | null = null;
  /** The newest record found when the log was opened; null in an empty log. */
  readonly last: KinesisRecord | null;

  /**
   * Opens or creates the log; `onFailure` hears of the write that could not be made. A record that a crash cut off was never acknowledged: it is removed.
   * @throws Error naming file and byte when the newest file is damaged otherwise.
   */
  constructor(folder: string, shardIndex: number, settings: SegmentSettings, onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
    this.#folder = folder;
    this.#shardIndex = shardIndex;
    this.#settings = settings;
    mkdirSync(folder, { recursive: true });
    this.#segments = readdirSync(folder)
      .filter((name) => name.endsWith(SEGMENT_SUFFIX))
      .sort()
      .map((name) => new Segment(join(folder, name), shardIndex, statSync(join(folder, name)).size, false));
    this.last = this.#recover();
  }

  #recover(): KinesisRecord | null {
    for (;;) {
      const newest = this.#segments.at(-1);
      if (newest === undefined) return null;
      const { last, stop } = newest.load();
      if (stop?.kind === 'damaged') throw damage(newest.path, stop);
      if (stop !== null) {
        truncateSync(newest.path, stop.offset);
        newest.bytes = stop.offset;
      }
      if (last !== null) return last;
      unlinkSync(newest.path);
      this.#segments.pop();
    }
  }

  /**
   * Hands the frames of `records` to the operating system; `offsets` says where in `frames` each begins.
   * @throws Error with the system's (a full disk, say); then none of them is in the log, and no later write is accepted.
   */
  write(frames: Buffer, records: readonly KinesisRecord[], offsets: readonly number[]): void {
    if (this.#broken !== null) throw this.#broken;
    try {
      this.#append(frames, records, offsets);
    } catch (error) {
      this.#broken = new Error(`${this.#folder}: cannot append ${frames.length} bytes: ${String(error)}`, { cause: error });
      this.#onFailure(this.#broken);
      throw this.#broken;
    }
  }

  #append(frames: Buffer, records: readonly KinesisRecord[], offsets: readonly number[]): void {
    const segment = this.#segmentFor(records[0] as KinesisRecord);
    this.#file ??= openSync(segment.path, 'a');
    for (let done = 0; done < frames.length; ) done += writeSync(this.#file, frames, done);
    for (let index = 0; index < records.length; index++) {
      segment.note((records[index] as KinesisRecord).sequenceNumber, segment.bytes + (offsets[index] as number));
    }
    segment.bytes += frames.length;
  }

  #segmentFor(first: KinesisRecord): Segment {
    const newest = this.#segments.at(-1);
    if (
      newest !== undefined &&
      newest.bytes < this.#settings.segmentBytes &&
      first.arrivalMs - newest.firstMs < this.#settings.segmentSpanMs
    )
      return newest;
    const path = join(this.#folder, `${first.sequenceNumber}${SEGMENT_SUFFIX}`);
    const file = openSync(path, 'a');
    if (this.#file !== null) closeSync(this.#file);
    this.#file = file;
    const segment = new Segment(path, this.#shardIndex, 0, true);
    this.#segments.push(segment);
    return segment;
  }

  /** Records behind `after` (null = from the oldest), in order. */
  read(after: string | null, limit: ReadLimit): KinesisRecord[] {
    const found = { records: [] as KinesisRecord[], bytes: 0 };
    for (let index = this.#firstSegmentFor(after); index < this.#segments.length; index++) {
      if ((this.#segments[index] as Segment).read(after, limit, found)) break;
    }
    return found.records;
  }

  #firstSegmentFor(after: string | null): number {
    if (after === null) return 0;
    const behind = this.#segments.findLastIndex((segment) => comparePositions(segment.firstSequence, after) <= 0);
    return Math.max(behind, 0);
  }

  /** Removes the files that hold nothing that arrived after `untilMs`; the newest file stays, it carries the numbering. */
  trim(untilMs: number): void {
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.firstMs > untilMs) return;
      unlinkSync(oldest.path);
      this.#segments.shift();
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#broken = new Error(`${this.#folder}: the stream is closed`);
  }
}
