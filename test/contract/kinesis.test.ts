/** What every Kinesis endpoint must do, seen through the stock SDK client. CONTRACT_KINESIS_URL runs it against another endpoint. */

import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KinesisEngine } from '../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../local/engines/kinesis/server.ts';
import { ManualClock } from '../support/manual-clock.ts';

const remote = process.env['CONTRACT_KINESIS_URL'];
const STREAM = `contract-${process.pid}`;
const SHARDS = 3;
const MIB = 1024 * 1024;
let client: KinesisClient;
let endpoint: string;
let close: () => Promise<void>;
const clock = new ManualClock(Date.now());

beforeAll(async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  if (remote !== undefined) {
    endpoint = remote;
    client = new KinesisClient({ endpoint, region: 'us-east-1', credentials });
    await client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: SHARDS }));
    while (
      (await client.send(new DescribeStreamSummaryCommand({ StreamName: STREAM }))).StreamDescriptionSummary?.StreamStatus !== 'ACTIVE'
    )
      await pause(200);
    close = async () => {
      await client.send(new DeleteStreamCommand({ StreamName: STREAM }));
      client.destroy();
    };
    return;
  }
  const engine = new KinesisEngine({ clock, folder: null });
  await engine.createStream({ name: STREAM, shardCount: SHARDS, retentionHours: 24 });
  const server = await startKinesisServer(engine, { port: 0 });
  endpoint = server.url;
  client = new KinesisClient({ endpoint, region: 'us-east-1', credentials });
  close = async () => {
    client.destroy();
    await server.close();
    await engine.close();
  };
});

afterAll(() => close());

/** Lets time pass on the endpoint: another one's can only be waited for. */
async function passTime(ms: number): Promise<void> {
  if (remote === undefined) clock.advance(ms);
  else await pause(ms);
}

function now(): number {
  return remote === undefined ? clock.now() : Date.now();
}

/** The shard that AWS documents for a key: its MD5 in the evenly divided 128-bit space. */
function shardOf(key: string): string {
  const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
  return `shardId-${String(hash / ((1n << 128n) / BigInt(SHARDS))).padStart(12, '0')}`;
}

async function iterator(input: Omit<GetShardIteratorCommandInput, 'StreamName'>): Promise<string> {
  return (await client.send(new GetShardIteratorCommand({ StreamName: STREAM, ...input }))).ShardIterator as string;
}

async function texts(shardIterator: string): Promise<string[]> {
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator: shardIterator }));
  return (Records ?? []).map((record) => Buffer.from(record.Data as Uint8Array).toString());
}

async function put(key: string, text: string): Promise<{ shardId: string; sequenceNumber: string }> {
  const { ShardId, SequenceNumber } = await client.send(
    new PutRecordCommand({ StreamName: STREAM, PartitionKey: key, Data: Buffer.from(text) }),
  );
  return { shardId: ShardId as string, sequenceNumber: SequenceNumber as string };
}

function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => error.name,
  );
}

describe('a Kinesis endpoint', () => {
  it('puts a record into the shard of its partition key and numbers it with 56 digits', async () => {
    for (const key of ['a', 'BINANCE:BTCUSDT', 'ключ', 'x'.repeat(256)]) {
      const { shardId, sequenceNumber } = await put(key, key);
      expect(shardId).toBe(shardOf(key));
      expect(sequenceNumber).toMatch(/^\d{56}$/);
    }
  });

  it('reads a record back byte for byte with its key and time of arrival', async () => {
    const data = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const before = now();
    const { ShardId, SequenceNumber } = await client.send(new PutRecordCommand({ StreamName: STREAM, PartitionKey: 'bytes', Data: data }));
    const at = await iterator({ ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: SequenceNumber });
    const { Records, NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: at, Limit: 1 }));
    expect(Records).toHaveLength(1);
    expect(Buffer.from(Records?.[0]?.Data as Uint8Array)).toEqual(data);
    expect(Records?.[0]).toMatchObject({ PartitionKey: 'bytes', SequenceNumber });
    const arrival = Records?.[0]?.ApproximateArrivalTimestamp?.getTime() ?? 0;
    expect(arrival).toBeGreaterThanOrEqual(before - 1);
    expect(NextShardIterator).toBeTypeOf('string');
  });

  it('keeps the order of a batch within a shard and answers in the order of the request', async () => {
    const keys = Array.from({ length: 500 }, (_, index) => `key-${index % 7}`);
    const { Records, FailedRecordCount } = await client.send(
      new PutRecordsCommand({
        StreamName: STREAM,
        Records: keys.map((PartitionKey, index) => ({ PartitionKey, Data: Buffer.from(String(index)) })),
      }),
    );
    expect(FailedRecordCount).toBe(0);
    expect(Records?.map((record) => record.ShardId)).toEqual(keys.map(shardOf));
    for (const shardId of new Set(keys.map(shardOf))) {
      const places = keys.flatMap((key, index) => (shardOf(key) === shardId ? [index] : []));
      const numbers = places.map((place) => Records?.[place]?.SequenceNumber as string);
      expect(numbers).toEqual([...new Set(numbers)].sort());
      const from = await iterator({ ShardId: shardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: numbers[0] });
      expect(await texts(from)).toEqual(places.map(String));
    }
  });

  it('starts a reader where the iterator type says', async () => {
    const key = 'iterators';
    const first = await put(key, 'first');
    const latest = await iterator({ ShardId: first.shardId, ShardIteratorType: 'LATEST' });
    await passTime(20);
    const between = new Date(now());
    await passTime(20);
    const second = await put(key, 'second');
    const ShardId = first.shardId;
    expect(await texts(latest)).toEqual(['second']);
    expect(
      await texts(await iterator({ ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: second.sequenceNumber })),
    ).toEqual(['second']);
    expect(
      await texts(await iterator({ ShardId, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: first.sequenceNumber })),
    ).toEqual(['second']);
    expect(await texts(await iterator({ ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: between }))).toEqual(['second']);
    expect((await texts(await iterator({ ShardId, ShardIteratorType: 'TRIM_HORIZON' }))).slice(-2)).toEqual(['first', 'second']);
  });

  it('goes on from NextShardIterator and says how far it lags', async () => {
    const one = await put('paging', 'one');
    await passTime(5);
    await put('paging', 'two');
    const at = await iterator({
      ShardId: one.shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: one.sequenceNumber,
    });
    const first = await client.send(new GetRecordsCommand({ ShardIterator: at, Limit: 1 }));
    expect(first.MillisBehindLatest).toBeGreaterThanOrEqual(0);
    const second = await client.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }));
    expect(second.Records?.map((record) => Buffer.from(record.Data as Uint8Array).toString())).toEqual(['two']);
    expect(second.MillisBehindLatest).toBe(0);
    const third = await client.send(new GetRecordsCommand({ ShardIterator: second.NextShardIterator }));
    expect(third.Records).toEqual([]);
  });

  it('accepts empty data', async () => {
    const { shardId, sequenceNumber } = await put('empty', '');
    expect(
      await texts(await iterator({ ShardId: shardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: sequenceNumber })),
    ).toEqual(['']);
  });

  it('takes a record of exactly 1 MiB with its key and refuses one byte more', async () => {
    await client.send(new PutRecordCommand({ StreamName: STREAM, PartitionKey: 'k', Data: Buffer.alloc(MIB - 1) }));
    const tooLarge = new PutRecordCommand({ StreamName: STREAM, PartitionKey: 'k', Data: Buffer.alloc(MIB) });
    expect(await failure(client.send(tooLarge))).toBe('ValidationException');
  });

  it('refuses 501 records, none, and more than 10 MiB together', async () => {
    const putRecords = (count: number, bytes: number): Promise<string> =>
      failure(
        client.send(
          new PutRecordsCommand({
            StreamName: STREAM,
            Records: Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(bytes) })),
          }),
        ),
      );
    expect(await putRecords(501, 1)).toBe('ValidationException');
    expect(await putRecords(0, 1)).toBe('ValidationException');
    expect(await putRecords(11, MIB - 1)).toBe('InvalidArgumentException');
    expect(await putRecords(10, MIB - 1)).toBe('no error');
  });

  it('refuses partition keys of 0 and 257 characters', async () => {
    for (const key of ['', 'x'.repeat(257)]) expect(await failure(put(key, 'x'))).toBe('ValidationException');
  });

  it('names an unknown stream, shard and iterator as AWS does', async () => {
    expect(await failure(client.send(new PutRecordCommand({ StreamName: 'nobody', PartitionKey: 'k', Data: Buffer.from('x') })))).toBe(
      'ResourceNotFoundException',
    );
    expect(await failure(iterator({ ShardId: 'shardId-000000000099', ShardIteratorType: 'LATEST' }))).toBe('ResourceNotFoundException');
    expect(await failure(client.send(new GetRecordsCommand({ ShardIterator: 'AAAA' })))).toBe('InvalidArgumentException');
    const [shardId] = [shardOf('k')];
    expect(await failure(iterator({ ShardId: shardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '12' }))).toBe(
      'InvalidArgumentException',
    );
    expect(await failure(iterator({ ShardId: shardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(now() + 3_600_000) }))).toBe(
      'InvalidArgumentException',
    );
    expect(
      await failure(
        client.send(
          new GetRecordsCommand({ ShardIterator: await iterator({ ShardId: shardId, ShardIteratorType: 'LATEST' }), Limit: 10_001 }),
        ),
      ),
    ).toBe('ValidationException');
  });

  it('describes the stream by name and by ARN, with shards that divide the hash space', async () => {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: STREAM }));
    expect(StreamDescription).toMatchObject({ StreamName: STREAM, StreamStatus: 'ACTIVE', RetentionPeriodHours: 24, HasMoreShards: false });
    const StreamARN = StreamDescription?.StreamARN as string;
    expect(StreamARN).toMatch(new RegExp(`^arn:aws:kinesis:us-east-1:\\d{12}:stream/${STREAM}$`));
    const { Shards } = await client.send(new ListShardsCommand({ StreamARN }));
    expect(Shards?.map((shard) => shard.ShardId)).toEqual(['shardId-000000000000', 'shardId-000000000001', 'shardId-000000000002']);
    const ranges = (Shards ?? []).map(
      ({ HashKeyRange }) => [BigInt(HashKeyRange?.StartingHashKey as string), BigInt(HashKeyRange?.EndingHashKey as string)] as const,
    );
    expect(ranges[0]?.[0]).toBe(0n);
    expect(ranges[1]?.[0]).toBe((ranges[0]?.[1] as bigint) + 1n);
    expect(ranges[2]?.[0]).toBe((ranges[1]?.[1] as bigint) + 1n);
    expect(ranges[2]?.[1]).toBe((1n << 128n) - 1n);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamARN }));
    expect(StreamDescriptionSummary?.OpenShardCount).toBe(SHARDS);
    expect(Math.abs((StreamDescriptionSummary?.StreamCreationTimestamp?.getTime() ?? 0) - now())).toBeLessThan(600_000);
    const { StreamNames } = await client.send(new ListStreamsCommand({}));
    expect(StreamNames).toContain(STREAM);
    const byArn = await client.send(new PutRecordCommand({ StreamARN, PartitionKey: 'arn', Data: Buffer.from('x') }));
    expect(byArn.ShardId).toBe(shardOf('arn'));
  });

  it('honours an explicit hash key', async () => {
    const input = { StreamName: STREAM, PartitionKey: 'a', Data: Buffer.from('x') };
    const { ShardId } = await client.send(new PutRecordCommand({ ...input, ExplicitHashKey: ((1n << 128n) - 1n).toString() }));
    expect(ShardId).toBe('shardId-000000000002');
    expect(await failure(client.send(new PutRecordCommand({ ...input, ExplicitHashKey: (1n << 128n).toString() })))).toBe(
      'InvalidArgumentException',
    );
  });

  it('answers HTTP/1.1 on the same port', async () => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.DescribeStreamSummary' },
      body: JSON.stringify({ StreamName: 'nobody' }),
    });
    expect(response.status).toBe(400);
    expect((await response.json()) as object).toMatchObject({ __type: expect.stringContaining('ResourceNotFoundException') });
  });
});
