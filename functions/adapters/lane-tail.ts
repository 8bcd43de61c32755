/** How far the archive of a whole stream is: the first record of each lane that it is not done with. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';
import type { Reached } from './archive-index.ts';
import { forEachLimited } from './concurrency.ts';

const SHARDS_IN_FLIGHT = 8;

/**
 * The instant before which everything that a stream ever took is archived, ms since the epoch, no later than now: the arrival of the first
 * record behind what is reached in any of its lanes. A lane without any such record has nothing that arrived before now; one that nothing is
 * reached of counts from the oldest record that is kept.
 */
export async function archivedThroughMs(
  client: KinesisClient,
  stream: string,
  reached: ReadonlyMap<string, Reached>,
  nowMs: () => number,
): Promise<number> {
  let throughMs = nowMs();
  await forEachLimited(await shardsOf(client, stream), SHARDS_IN_FLIGHT, async (shard) => {
    const firstMs = await firstArrivalMs(client, stream, shard, reached.get(shard)?.position);
    throughMs = Math.min(throughMs, firstMs ?? Number.POSITIVE_INFINITY);
  });
  return throughMs;
}

/** All shards of which records are kept, closed ones too. */
async function shardsOf(client: KinesisClient, stream: string): Promise<string[]> {
  const shards: string[] = [];
  let token: string | undefined;
  do {
    const answer: ListShardsCommandOutput = await client.send(
      new ListShardsCommand(token === undefined ? { StreamName: stream } : { NextToken: token }),
    );
    shards.push(...(answer.Shards ?? []).map(({ ShardId }) => ShardId!));
    token = answer.NextToken;
  } while (token !== undefined);
  return shards;
}

/** The arrival of the first record behind a position, or of the oldest one; null when the lane has none. */
async function firstArrivalMs(client: KinesisClient, stream: string, shard: string, position: string | undefined): Promise<number | null> {
  const behind = position === undefined ? { ShardIteratorType: 'TRIM_HORIZON' as const } : after(position);
  const { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ...behind }));
  for (let iterator = ShardIterator; iterator !== undefined; ) {
    const {
      Records = [],
      MillisBehindLatest,
      NextShardIterator,
    } = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 1 }));
    if (Records[0]) return Records[0].ApproximateArrivalTimestamp!.getTime();
    // An empty answer is not the end of the lane: records may lie far behind one another.
    if (MillisBehindLatest === 0) return null;
    iterator = NextShardIterator;
  }
  return null;
}

function after(position: string) {
  return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber: position };
}
