/**
 * One record in a log file:
 * `body length u32 · CRC-32 of the body u32 · arrival ms f64 · ms in the sequence number f64 · count f64 · key length u16 · key · data`, little endian.
 * The checksum tells a frame that was written whole from one that a crash cut off.
 */
import { crc32 } from 'node:zlib';

/** One record of a shard. `data` is a view into memory the stream owns: read it, never write it. */
export interface KinesisRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** ms since the epoch. */
  readonly arrivalMs: number;
}

export interface FrameHead {
  readonly arrivalMs: number;
  readonly sequenceMs: number;
  readonly count: number;
}

const PREAMBLE_BYTES = 8;
const FIXED_BODY_BYTES = 26;
/** No frame is longer: 10 MiB of data, the most that AWS lets one configure, and a key. */
const MAX_BODY_BYTES = FIXED_BODY_BYTES + 10 * 1024 * 1024 + 1024;

/** Bytes that a record takes in the log; `keyBytes` is the length of its partition key in UTF-8. */
export function frameBytes(keyBytes: number, dataBytes: number): number {
  return PREAMBLE_BYTES + FIXED_BODY_BYTES + keyBytes + dataBytes;
}

/** Writes one frame at `offset`; answers with where its data begins in `target`. */
export function writeFrame(target: Buffer, offset: number, head: FrameHead, key: string, keyBytes: number, data: Uint8Array): number {
  const bodyAt = offset + PREAMBLE_BYTES;
  const bodyBytes = FIXED_BODY_BYTES + keyBytes + data.length;
  target.writeUInt32LE(bodyBytes, offset);
  target.writeDoubleLE(head.arrivalMs, bodyAt);
  target.writeDoubleLE(head.sequenceMs, bodyAt + 8);
  target.writeDoubleLE(head.count, bodyAt + 16);
  target.writeUInt16LE(keyBytes, bodyAt + 24);
  target.write(key, bodyAt + FIXED_BODY_BYTES, 'utf8');
  const dataAt = bodyAt + FIXED_BODY_BYTES + keyBytes;
  target.set(data, dataAt);
  target.writeUInt32LE(crc32(target.subarray(bodyAt, bodyAt + bodyBytes)), offset + 4);
  return dataAt;
}

/** What lies at `offset`: a whole frame, the beginning of one (`cut`), or bytes that never were one (`damaged`). */
export type FrameAt =
  | { readonly kind: 'frame'; readonly head: FrameHead; readonly key: string; readonly data: Buffer; readonly end: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'damaged' };

/** Reads the frame at `offset` of `source`; `data` is a view. */
export function readFrame(source: Buffer, offset: number): FrameAt {
  const rest = source.length - offset;
  if (rest < PREAMBLE_BYTES) return { kind: 'cut' };
  const bodyBytes = source.readUInt32LE(offset);
  if (bodyBytes < FIXED_BODY_BYTES || bodyBytes > MAX_BODY_BYTES) return { kind: 'damaged' };
  if (rest < PREAMBLE_BYTES + bodyBytes) return { kind: 'cut' };
  const bodyAt = offset + PREAMBLE_BYTES;
  const end = bodyAt + bodyBytes;
  if (crc32(source.subarray(bodyAt, end)) !== source.readUInt32LE(offset + 4)) return { kind: 'damaged' };
  const dataAt = bodyAt + FIXED_BODY_BYTES + source.readUInt16LE(bodyAt + 24);
  return {
    kind: 'frame',
    head: { arrivalMs: source.readDoubleLE(bodyAt), sequenceMs: source.readDoubleLE(bodyAt + 8), count: source.readDoubleLE(bodyAt + 16) },
    key: source.toString('utf8', bodyAt + FIXED_BODY_BYTES, dataAt),
    data: source.subarray(dataAt, end),
    end,
  };
}
