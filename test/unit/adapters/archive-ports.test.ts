import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type ArchiveIndexRow, dynamoArchiveIndex } from '#adapters/archive-index.ts';
import { s3ObjectStore } from '#adapters/object-store.ts';

const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };

/** Stops each command of a client before it is sent, keeps its input, and answers or fails as told. */
function intercept(client: S3Client | DynamoDBClient, error?: Error): object[] {
  const inputs: object[] = [];
  const middleware = () => async (args: { input: object }) => {
    inputs.push(args.input);
    if (error) throw error;
    return { output: { $metadata: {} }, response: {} };
  };
  (client as S3Client).middlewareStack.add(middleware, { step: 'initialize' });
  return inputs;
}

const ROW: ArchiveIndexRow = {
  stream: 'trades',
  lane: 'shardId-000000000001',
  key: 'raw/trades/dt=2026-03-05/hr=10/shardId-000000000001-99-100.parquet',
  rows: 2,
  quarantined: 1,
  eventDays: { '2026-03-04': 1, '2026-03-05': 1 },
  firstPosition: '99',
  lastPosition: '100',
  lastArrivalMs: 1772708399999,
};

describe('object store', () => {
  it('puts the whole object under its key', async () => {
    const client = new S3Client(ACCESS);
    const inputs = intercept(client);
    await s3ObjectStore(client, 'data').put('raw/x.parquet', new Uint8Array([1, 2]));
    expect(inputs).toEqual([
      { Bucket: 'data', Key: 'raw/x.parquet', Body: new Uint8Array([1, 2]), ContentType: 'application/vnd.apache.parquet' },
    ]);
  });

  it('fails when the bucket fails', async () => {
    const client = new S3Client(ACCESS);
    intercept(client, new Error('SlowDown'));
    await expect(s3ObjectStore(client, 'data').put('x', new Uint8Array())).rejects.toThrow('SlowDown');
  });
});

describe('archive index', () => {
  it('puts one item an object, whose sort key follows the order of the lane', async () => {
    const client = new DynamoDBClient(ACCESS);
    const inputs = intercept(client);
    const index = dynamoArchiveIndex(client, 'archive-index');
    await index.put(ROW);
    await index.put({ ...ROW, firstPosition: '100' });
    expect(inputs[0]).toEqual({
      TableName: 'archive-index',
      Item: {
        lane: { S: 'trades#shardId-000000000001' },
        object: { S: `${'0'.repeat(54)}99-${ROW.key}` },
        key: { S: ROW.key },
        rows: { N: '2' },
        quarantined: { N: '1' },
        eventDays: { S: '{"2026-03-04":1,"2026-03-05":1}' },
        firstPosition: { S: '99' },
        lastPosition: { S: '100' },
        lastArrivalMs: { N: '1772708399999' },
      },
    });
    const sortKeys = inputs.map((input) => (input as { Item: { object: { S: string } } }).Item.object.S);
    expect([...sortKeys].sort()).toEqual(sortKeys);
  });

  it('fails when the table fails', async () => {
    const client = new DynamoDBClient(ACCESS);
    intercept(client, new Error('ProvisionedThroughputExceeded'));
    await expect(dynamoArchiveIndex(client, 'archive-index').put(ROW)).rejects.toThrow('ProvisionedThroughputExceeded');
  });
});
