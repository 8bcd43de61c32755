/** Which shard a partition key belongs to: AWS maps its MD5 into the 128-bit space that the shards divide evenly. */
import { hash } from 'node:crypto';

const HASH_SPACE = 1n << 128n;
/** Enough for every key of a large fleet; beyond it the cache starts anew. */
const CACHED_KEYS = 50_000;

export interface HashKeyRange {
  /** Decimal digits, inclusive. */
  readonly StartingHashKey: string;
  /** Decimal digits, inclusive. */
  readonly EndingHashKey: string;
}

/** The ranges of `shardCount` shards, without gap or overlap, the first from 0, the last to 2^128 - 1. */
export function hashKeyRanges(shardCount: number): HashKeyRange[] {
  const width = HASH_SPACE / BigInt(shardCount);
  return Array.from({ length: shardCount }, (_, index) => ({
    StartingHashKey: (BigInt(index) * width).toString(),
    EndingHashKey: (index === shardCount - 1 ? HASH_SPACE - 1n : BigInt(index + 1) * width - 1n).toString(),
  }));
}

/** Answers with the index of the shard of an explicit hash key, 0 … 2^128 - 1. */
export function shardOfHash(hashKey: bigint, shardCount: number): number {
  return Math.min(Number(hashKey / (HASH_SPACE / BigInt(shardCount))), shardCount - 1);
}

/** A function that answers with the index of the shard of a partition key. */
export function shardOfKey(shardCount: number): (partitionKey: string) => number {
  if (shardCount === 1) return () => 0;
  const cache = new Map<string, number>();
  return (partitionKey) => {
    const known = cache.get(partitionKey);
    if (known !== undefined) return known;
    const index = shardOfHash(BigInt(`0x${hash('md5', partitionKey, 'hex')}`), shardCount);
    if (cache.size >= CACHED_KEYS) cache.clear();
    cache.set(partitionKey, index);
    return index;
  };
}
