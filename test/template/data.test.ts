import { describe, expect, it } from 'vitest';
import { TIMER_INDEX } from '#adapters/timer-slots.ts';
import { at, DISTINCT, type Json, type JsonObject, namesOfType, propertiesOf, synthesize } from './assembly.ts';

const synthesis = synthesize();
const STATEFUL = ['AWS::Kinesis::Stream', 'AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];

describe('what holds data', () => {
  it('keeps its logical ids: another id is another, empty resource', () => {
    const held = Object.entries(synthesis.templates.data.Resources).filter(([, { Type }]) => STATEFUL.includes(Type));
    expect(held.map(([id]) => id)).toEqual([
      'TradesStream8037A2A0',
      'ReadingsStreamF3CB61A1',
      'AlertsStream49D2057E',
      'StateTable9728C7E5',
      'WindowTable28C550FB',
      'AlarmTable68A95781',
      'ArchiveIndexTable1A69524D',
      'LeaseTable473C6DF2',
      'DayTableB8757AB8',
      'BatchTableB4A9AF63',
      'DataBucketE3889A50',
      'FeedToken67E680FC',
    ]);
  });

  it('stands in the data stack, but for the bucket of the deployed files', () => {
    const elsewhere = Object.entries(synthesis.templates.app.Resources).filter(([, { Type }]) => STATEFUL.includes(Type));
    expect(elsewhere.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['DashboardBucket']);
  });

  it('outlives its stack', () => {
    for (const [id, resource] of Object.entries(synthesis.templates.data.Resources)) {
      if (!STATEFUL.includes(resource.Type)) continue;
      expect([id, resource['DeletionPolicy'], resource['UpdateReplacePolicy']]).toEqual([id, 'Retain', 'Retain']);
    }
    for (const table of namesOfType(synthesis, 'AWS::DynamoDB::Table')) {
      expect(propertiesOf(synthesis, table)['DeletionProtectionEnabled']).toBe(true);
    }
  });

  it('has no name of its own, so that a replacement never meets its predecessor', () => {
    for (const type of STATEFUL) {
      for (const name of namesOfType(synthesis, type)) {
        for (const property of ['Name', 'TableName', 'BucketName']) expect(propertiesOf(synthesis, name)[property]).toBeUndefined();
      }
    }
  });
});

describe('streams', () => {
  it.each([
    ['TradesStream', DISTINCT.shards.trades],
    ['ReadingsStream', DISTINCT.shards.readings],
    ['AlertsStream', DISTINCT.shards.alerts],
  ])('%s has its shards, its retention, and is encrypted', (name, shards) => {
    expect(propertiesOf(synthesis, name)).toEqual({
      ShardCount: shards,
      RetentionPeriodHours: DISTINCT.streamRetentionHours,
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
    });
  });
});

describe('tables', () => {
  const keys = (schema: Json | undefined): Record<string, string> =>
    Object.fromEntries((schema as readonly Json[]).map((key) => [String(at(key, 'KeyType')), String(at(key, 'AttributeName'))]));
  const indexes = (table: JsonObject): Json =>
    ((table['GlobalSecondaryIndexes'] ?? []) as readonly Json[]).map((index) => [
      at(index, 'IndexName')!,
      keys(at(index, 'KeySchema')),
      at(index, 'Projection', 'ProjectionType')!,
    ]);

  it.each([
    [
      'StateTable',
      { HASH: 'key' },
      { key: 'S', timerSlot: 'N', timerAt: 'N', source: 'S', name: 'S' },
      [
        [TIMER_INDEX, { HASH: 'timerSlot', RANGE: 'timerAt' }, 'KEYS_ONLY'],
        ['names-by-source', { HASH: 'source', RANGE: 'name' }, 'KEYS_ONLY'],
      ],
      undefined,
    ],
    ['WindowTable', { HASH: 'key', RANGE: 'startMs' }, { key: 'S', startMs: 'N' }, [], 'expiresAt'],
    [
      'AlarmTable',
      { HASH: 'alarmId', RANGE: 'record' },
      { alarmId: 'S', record: 'S', state: 'S', rank: 'S', day: 'S', at: 'S' },
      [
        ['by-state', { HASH: 'state', RANGE: 'rank' }, 'ALL'],
        ['by-day', { HASH: 'day', RANGE: 'at' }, 'ALL'],
      ],
      'expiresAt',
    ],
    ['ArchiveIndexTable', { HASH: 'lane', RANGE: 'object' }, { lane: 'S', object: 'S' }, [], undefined],
    ['LeaseTable', { HASH: 'name' }, { name: 'S' }, [], undefined],
    ['DayTable', { HASH: 'key', RANGE: 'dayGen' }, { key: 'S', dayGen: 'S' }, [], undefined],
    ['BatchTable', { HASH: 'name', RANGE: 'at' }, { name: 'S', at: 'S' }, [], 'expiresAt'],
  ])('%s has its keys, indexes and expiry, and can be restored to a point in time', (name, schema, attributes, secondary, expiry) => {
    const table = propertiesOf(synthesis, name);
    expect(keys(table['KeySchema'])).toEqual(schema);
    const types = (table['AttributeDefinitions'] as readonly Json[]).map((entry) => [
      at(entry, 'AttributeName'),
      at(entry, 'AttributeType'),
    ]);
    expect(Object.fromEntries(types)).toEqual(attributes);
    expect(indexes(table)).toEqual(secondary);
    expect(table['TimeToLiveSpecification']).toEqual(expiry && { AttributeName: expiry, Enabled: true });
    expect(table['BillingMode']).toBe('PAY_PER_REQUEST');
    expect(table['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true });
  });
});

describe('the data bucket', () => {
  it('keeps what Athena answered for a week, and everything else', () => {
    expect(propertiesOf(synthesis, 'DataBucket')['LifecycleConfiguration']).toEqual({
      Rules: [
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
        { ExpirationInDays: 7, Prefix: 'athena-results/', Status: 'Enabled' },
      ],
    });
  });
});
