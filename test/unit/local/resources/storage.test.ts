import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed();
});
afterEach(() => bed.stop());

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'state',
    KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'key', AttributeType: 'S' },
      { AttributeName: 'slot', AttributeType: 'N' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      { IndexName: 'by-slot', KeySchema: [{ AttributeName: 'slot', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  },
};

describe('a stream of the template', () => {
  it('has its shards and the name its author gave it, without the hash', async () => {
    await bed.create({ TradesStream8037A2A0: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 3 } } });
    expect(bed.context.kinesis.stream('trades').shardIds()).toHaveLength(3);
  });

  it('has four shards when it is on demand', async () => {
    const properties = { Name: 'x', StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
    await bed.create({ S: { Type: 'AWS::Kinesis::Stream', Properties: properties } });
    expect(bed.context.kinesis.stream('x').shardIds()).toHaveLength(4);
  });
});

describe('a table of the template', () => {
  const client = (): DynamoDBClient =>
    new DynamoDBClient({
      endpoint: bed.context.dynamodb.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });

  it('answers the stock client, its index too', async () => {
    await bed.create({ Table: TABLE });
    const dynamo = client();
    await dynamo.send(new PutItemCommand({ TableName: 'state', Item: { key: { S: 'a' }, slot: { N: '3' }, more: { S: 'x' } } }));
    await dynamo.send(new PutItemCommand({ TableName: 'state', Item: { key: { S: 'b' } } }));
    const { Item } = await dynamo.send(new GetItemCommand({ TableName: 'state', Key: { key: { S: 'a' } } }));
    expect(Item?.['more']).toEqual({ S: 'x' });
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName: 'state',
        IndexName: 'by-slot',
        KeyConditionExpression: 'slot = :slot',
        ExpressionAttributeValues: { ':slot': { N: '3' } },
      }),
    );
    expect(Items).toEqual([{ key: { S: 'a' }, slot: { N: '3' } }]);
    dynamo.destroy();
  });

  it('is found again as it was, and refused when its keys or indexes changed', async () => {
    await bed.create({ Table: TABLE });
    await bed.create({ Table: TABLE });
    const [index] = TABLE.Properties.GlobalSecondaryIndexes;
    const indexes = [{ ...index!, Projection: { ProjectionType: 'ALL' } }];
    const changed = { ...TABLE, Properties: { ...TABLE.Properties, GlobalSecondaryIndexes: indexes } };
    await expect(bed.create({ Table: changed })).rejects.toThrow('created with other keys or indexes');
  });

  it('fails on a definition that DynamoDB refuses, naming the logical id', async () => {
    const wrong = { ...TABLE, Properties: { ...TABLE.Properties, AttributeDefinitions: [] } };
    await expect(bed.create({ Table: wrong })).rejects.toThrow('Table (AWS::DynamoDB::Table, stack S): ');
  });

  it('answers no web page', async () => {
    const refused = await fetch(bed.context.dynamodb.url, { method: 'POST', headers: { origin: 'http://evil.example' }, body: '{}' });
    expect(refused.status).toBe(403);
  });
});

describe('a bucket deployment of the template', () => {
  it('copies its files with their types, and removes what is no longer among them', async () => {
    const files = bed.asset('site');
    mkdirSync(path.join(files, 'src'));
    writeFileSync(path.join(files, 'index.html'), '<p>');
    writeFileSync(path.join(files, 'src', 'main.js'), '1');
    const resources = {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'dashboard' } },
      Deployment: {
        Type: 'Custom::CDKBucketDeployment',
        Properties: {
          ServiceToken: 't',
          SourceObjectKeys: ['site.zip'],
          DestinationBucketName: { Ref: 'Bucket' },
          Prune: true,
          SystemMetadata: { 'cache-control': 'no-cache' },
        },
      },
    };
    await bed.context.s3.createBucket('dashboard');
    await bed.context.s3.putObject('dashboard', 'old/gone.js', Buffer.from('0'));
    await bed.create(resources);
    const { objects } = await bed.context.s3.listObjects('dashboard');
    expect(objects.map(({ key, headers }) => [key, headers.contentType, headers.cacheControl])).toEqual([
      ['index.html', 'text/html; charset=utf-8', 'no-cache'],
      ['src/main.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ]);
  });

  it('fails when its source is no asset', async () => {
    const properties = { SourceObjectKeys: ['none.zip'], DestinationBucketName: 'b' };
    const created = bed.create({ D: { Type: 'Custom::CDKBucketDeployment', Properties: properties } });
    await expect(created).rejects.toThrow('its source none.zip is no folder of this assembly');
  });
});
