/** One file of a shard's log, named by the sequence number of its first record. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { comparePositions } from '#domain/events.ts';
import { type FrameAt, type KinesisRecord, readFrame } from './frame.ts';
import { sequenceMs, sequenceNumber } from './sequence-number.ts';

/** How much of a read is asked for: it ends at whichever comes first, but always holds one record if there is one. */
export interface ReadLimit {
  readonly records: number;
  /** Bytes of data and partition keys. */
  readonly bytes: number;
}

/** A place in the file from which reading can begin. */
export interface IndexEntry {
  readonly sequenceNumber: string;
  readonly offset: number;
}

export const SEGMENT_SUFFIX = '.log';
/** Distance of two index entries: what a read scans in vain at most. */
const INDEX_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

type Frame = Extract<FrameAt, { kind: 'frame' }>;
/** Where a scan ended early, and why. */
export interface ScanStop {
  readonly kind: 'cut' | 'damaged';
  readonly offset: number;
}

export class Segment {
  readonly path: string;
  readonly firstSequence: string;
  readonly shardIndex: number;
  /** Length that has been written whole; what lies behind it is never read. */
  bytes: number;
  /** Null until somebody reads a file that was found on the disk. */
  #index: IndexEntry[] | null;

  constructor(path: string, shardIndex: number, bytes: number, isNew: boolean) {
    this.path = path;
    this.firstSequence = basename(path, SEGMENT_SUFFIX);
    this.shardIndex = shardIndex;
    this.bytes = bytes;
    this.#index = isNew ? [] : null;
  }

  /** Arrival of the first record, ms since the epoch. */
  get firstMs(): number {
    return sequenceMs(this.firstSequence);
  }

  /** Notes a frame that was written at `offset`. */
  note(sequence: string, offset: number): void {
    if (this.#index !== null) note(this.#index, sequence, offset);
  }

  /** Reads the file from its beginning and builds the index; answers with the last record and where whole frames end. */
  load(): { last: KinesisRecord | null; stop: ScanStop | null } {
    const index: IndexEntry[] = [];
    const frames = scanFrames(this.path, 0, this.bytes);
    let last: KinesisRecord | null = null;
    for (;;) {
      const step = frames.next();
      if (step.done) {
        this.#index = index;
        return { last, stop: step.value };
      }
      last = this.#record(step.value.frame);
      note(index, last.sequenceNumber, step.value.offset);
    }
  }

  /**
   * Appends the records behind `after` to `found` until the limit is reached; answers whether it was.
   * @throws Error naming file and byte where the file is damaged.
   */
  read(after: string | null, limit: ReadLimit, found: { records: KinesisRecord[]; bytes: number }): boolean {
    if (this.#index === null) this.#fail(this.load().stop);
    const frames = scanFrames(this.path, this.#offsetBefore(after), this.bytes);
    try {
      for (;;) {
        const step = frames.next();
        if (step.done) {
          this.#fail(step.value);
          return false;
        }
        const record = this.#record(step.value.frame);
        if (after !== null && comparePositions(record.sequenceNumber, after) <= 0) continue;
        const bytes = record.data.length + record.partitionKey.length;
        if (found.records.length >= limit.records || (found.records.length > 0 && found.bytes + bytes > limit.bytes)) return true;
        found.records.push(record);
        found.bytes += bytes;
      }
    } finally {
      frames.return(null);
    }
  }

  #offsetBefore(after: string | null): number {
    const index = this.#index ?? [];
    if (after === null) return 0;
    let low = 0;
    let high = index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePositions((index[middle] as IndexEntry).sequenceNumber, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return index[low - 1]?.offset ?? 0;
  }

  #record({ head, key, data }: Frame): KinesisRecord {
    return {
      sequenceNumber: sequenceNumber(head.sequenceMs, head.count, this.shardIndex),
      partitionKey: key,
      data,
      arrivalMs: head.arrivalMs,
    };
  }

  #fail(stop: ScanStop | null): void {
    if (stop !== null) throw damage(this.path, stop);
  }
}

/** The error for a file whose bytes are not what was written. */
export function damage(path: string, stop: ScanStop): Error {
  return new Error(
    `${path}: ${stop.kind} at byte ${stop.offset}: the record there fails its checksum, so what follows cannot be read. Move this file away to go on without its records.`,
  );
}

function note(index: IndexEntry[], sequence: string, offset: number): void {
  const newest = index.at(-1);
  if (newest === undefined || offset - newest.offset >= INDEX_BYTES) index.push({ sequenceNumber: sequence, offset });
}

/**
 * The frames between two bytes of a file; answers with where and why it stopped before `end`, or null.
 * Reads synchronously: only consumers that lag by more than the tail in memory come here, and nothing can be trimmed under a read.
 */
function* scanFrames(path: string, from: number, end: number): Generator<{ frame: Frame; offset: number }, ScanStop | null, undefined> {
  const file = openSync(path, 'r');
  try {
    let position = from;
    let chunkBytes = CHUNK_BYTES;
    while (position < end) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
      const filled = readFully(file, chunk, position);
      let offset = 0;
      let at: FrameAt = { kind: 'cut' };
      while (offset < filled.length) {
        at = readFrame(filled, offset);
        if (at.kind !== 'frame') break;
        yield { frame: at, offset: position + offset };
        offset = at.end;
      }
      if (offset > 0) position += offset;
      else if (at.kind === 'cut' && filled.length === chunkBytes && position + filled.length < end) chunkBytes *= 2;
      else return { kind: at.kind === 'damaged' ? 'damaged' : 'cut', offset: position };
    }
    return null;
  } finally {
    closeSync(file);
  }
}

function readFully(file: number, target: Buffer, position: number): Buffer {
  let done = 0;
  while (done < target.length) {
    const bytes = readSync(file, target, done, target.length - done, position + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return target.subarray(0, done);
}
