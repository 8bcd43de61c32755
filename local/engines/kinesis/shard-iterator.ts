/** Shard iterators: where a reader stands, written into the token itself, so that the server keeps nothing. */
import { AwsError } from '../aws-error.ts';

export interface ShardPosition {
  readonly stream: string;
  readonly shardId: string;
  /** Sequence number behind which reading goes on; null = from the oldest. */
  readonly after: string | null;
  /** When the token was made, ms since the epoch. */
  readonly issuedMs: number;
}

/** AWS's life of a token. */
const ITERATOR_LIFE_MS = 300_000;

export function encodeIterator({ stream, shardId, after, issuedMs }: ShardPosition): string {
  return Buffer.from(JSON.stringify([stream, shardId, after, issuedMs])).toString('base64');
}

/** @throws AwsError InvalidArgumentException for what was never a token, ExpiredIteratorException after 5 minutes */
export function decodeIterator(token: string, nowMs: number): ShardPosition {
  const position = parse(token);
  if (position === null) throw new AwsError('InvalidArgumentException', 'Invalid ShardIterator.');
  if (nowMs - position.issuedMs > ITERATOR_LIFE_MS) {
    throw new AwsError(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at ${new Date(position.issuedMs).toISOString()}; its life is 5 minutes.`,
    );
  }
  return position;
}

function parse(token: string): ShardPosition | null {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(token, 'base64').toString());
  } catch {
    return null;
  }
  if (!Array.isArray(fields)) return null;
  const [stream, shardId, after, issuedMs] = fields as unknown[];
  if (typeof stream !== 'string' || typeof shardId !== 'string' || typeof issuedMs !== 'number') return null;
  if (after !== null && (typeof after !== 'string' || !/^\d+$/.test(after))) return null;
  return { stream, shardId, after, issuedMs };
}
