/** Sequence numbers of a shard: 56 decimal digits as AWS writes them, so that they also sort as text. */

const PREFIX = '49';
const MS_DIGITS = 14;
const COUNT_DIGITS = 30;
const SHARD_DIGITS = 10;
const SEQUENCE_NUMBER = /^49\d{54}$/;

/**
 * `ms` is the arrival time, never less than that of the record before; `count` numbers the records of a shard and millisecond.
 * The time inside makes a stream that was deleted and created again continue upward, and finds records by time without an index.
 */
export function sequenceNumber(ms: number, count: number, shardIndex: number): string {
  return PREFIX + digits(ms, MS_DIGITS) + digits(count, COUNT_DIGITS) + digits(shardIndex, SHARD_DIGITS);
}

/** The arrival time inside a sequence number, ms since the epoch. */
export function sequenceMs(sequence: string): number {
  return Number(sequence.slice(PREFIX.length, PREFIX.length + MS_DIGITS));
}

/** The count inside a sequence number. */
export function sequenceCount(sequence: string): number {
  return Number(sequence.slice(PREFIX.length + MS_DIGITS, PREFIX.length + MS_DIGITS + COUNT_DIGITS));
}

/** The position right before the first record that arrived at `ms` or later. */
export function positionBeforeMs(ms: number): string {
  return positionBefore(PREFIX + digits(ms, MS_DIGITS) + '0'.repeat(COUNT_DIGITS + SHARD_DIGITS));
}

/** The position right before a sequence number. */
export function positionBefore(sequence: string): string {
  return (BigInt(sequence) - 1n).toString().padStart(sequence.length, '0');
}

/** Whether it can be a sequence number of the shard. */
export function isSequenceNumberOf(sequence: string, shardIndex: number): boolean {
  return SEQUENCE_NUMBER.test(sequence) && sequence.endsWith(digits(shardIndex, SHARD_DIGITS));
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
