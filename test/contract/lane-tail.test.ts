/** Whether a stream's archive has passed an instant, seen through the stock Kinesis client. */
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reached } from '#adapters/archive-index.ts';
import { archivedThroughMs } from '#adapters/lane-tail.ts';
import { KinesisEngine } from '../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../local/engines/kinesis/server.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const SHARDS = ['shardId-000000000000', 'shardId-000000000001'];

let clock: ManualClock;
let engine: KinesisEngine;
let client: KinesisClient;
let close: () => Promise<void>;

beforeEach(async () => {
  clock = new ManualClock(START_MS);
  engine = new KinesisEngine({ clock, folder: null });
  await engine.createStream({ name: 'trades', shardCount: SHARDS.length, retentionHours: 24 });
  const server = await startKinesisServer(engine, { port: 0 });
  client = new KinesisClient({ endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  close = async () => {
    client.destroy();
    await server.close();
    await engine.close();
  };
});
afterEach(() => close());

/** The middle of the hash keys of each shard. */
const HASH_KEYS = [2n ** 126n, 2n ** 127n + 2n ** 126n].map(String);

/** Puts a record into a shard and answers with what the archive reaches with it. */
async function put(shard: number): Promise<Reached> {
  const entry = { partitionKey: 'k', explicitHashKey: HASH_KEYS[shard]!, data: Buffer.from('x') };
  const [appended] = await engine.stream('trades').append([entry]);
  expect(appended!.shardId).toBe(SHARDS[shard]);
  return { lane: SHARDS[shard]!, position: appended!.sequenceNumber, arrivalMs: clock.now() };
}

const through = (...reached: Reached[]) =>
  archivedThroughMs(client, 'trades', new Map(reached.map((each) => [each.lane, each])), () => clock.now());

describe('the archive of a stream', () => {
  it('has passed now where no lane has anything behind what it is done with', async () => {
    expect(await through()).toBe(START_MS);
    const reached = await put(0);
    clock.advance(60_000);
    expect(await through(reached)).toBe(START_MS + 60_000);
  });

  it('has come to the first record that it is not done with, in whatever lane', async () => {
    const done = await put(0);
    clock.advance(1_000);
    await put(0);
    clock.advance(1_000);
    await put(0);
    clock.advance(60_000);
    expect(await through(done)).toBe(START_MS + 1_000);
    // Nothing is reached of the other lane: its oldest record counts.
    const other = await put(1);
    const newest = await put(0);
    clock.advance(60_000);
    expect(await through(newest)).toBe(other.arrivalMs);
    expect(await through(newest, other)).toBe(clock.now());
  });

  it('counts from the oldest record where it is done with none', async () => {
    await put(1);
    clock.advance(1_000);
    await put(1);
    expect(await through()).toBe(START_MS);
  });
});
