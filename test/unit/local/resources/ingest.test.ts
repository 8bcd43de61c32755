import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed();
});
afterEach(() => bed.stop());

const stream = { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'readings', ShardCount: 1 } };
const bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'data' } };
const ruleWith = (more: object) => ({
  Type: 'AWS::IoT::TopicRule',
  Properties: {
    RuleName: 'r',
    TopicRulePayload: {
      Sql: "SELECT topic(2) AS device_id FROM 'dht22/+/telemetry'",
      Actions: [{ Kinesis: { StreamName: { Ref: 'Stream' }, PartitionKey: '$'.concat('{topic(2)}'), RoleArn: 'r' } }],
      ErrorAction: { S3: { BucketName: { Ref: 'Bucket' }, Key: `failed/${'$'.concat('{topic(2)}')}`, RoleArn: 'r' } },
      ...more,
    },
  },
});
const message = { topic: 'dht22/attic/telemetry', payload: Buffer.from('{}'), clientId: 'attic', nowMs: Date.now(), traceId: 't' };

describe('a topic rule of the template', () => {
  it('puts what it selects into its stream, under the partition key of its template', async () => {
    await bed.create({ Stream: stream, Bucket: bucket, Rule: ruleWith({}) } as never);
    const [rule] = bed.context.iot.rules;
    expect(rule?.name).toBe('r');
    await rule?.run(message);
    const readings = bed.context.kinesis.stream('readings');
    const [record] = await readings.read(readings.shardIds()[0]!, null, { records: 10, bytes: 1e6 });
    expect(record?.partitionKey).toBe('attic');
    expect(JSON.parse(Buffer.from(record!.data).toString())).toEqual({ device_id: 'attic' });
  });

  it('puts what an action does not take into its error bucket', async () => {
    const lost = ruleWith({ Actions: [{ S3: { BucketName: 'nobodys', Key: 'x', RoleArn: 'r' } }] });
    await bed.create({ Stream: stream, Bucket: bucket, Rule: lost } as never);
    await bed.context.iot.rules[0]?.run(message);
    const { objects } = await bed.context.s3.listObjects('data');
    expect(objects.map(({ key }) => key)).toEqual(['failed/attic']);
  });

  it('does nothing when it is disabled', async () => {
    await bed.create({ Stream: stream, Bucket: bucket, Rule: ruleWith({ RuleDisabled: true }) } as never);
    expect(bed.context.iot.rules).toEqual([]);
  });

  it('fails on SQL that is not understood, naming the rule', async () => {
    const created = bed.create({ Stream: stream, Bucket: bucket, Rule: ruleWith({ Sql: 'SELECT FROM' }) } as never);
    await expect(created).rejects.toThrow('Rule (AWS::IoT::TopicRule, stack S): ');
  });

  it('fails on an action of another service', async () => {
    const created = bed.create({ Stream: stream, Bucket: bucket, Rule: ruleWith({ Actions: [{ Sqs: { QueueUrl: 'q' } }] }) } as never);
    await expect(created).rejects.toThrow('the local runtime does not know the property TopicRulePayload.Actions.Sqs');
  });
});

describe('a device policy of the template', () => {
  const policy = (condition: object) => ({
    Type: 'AWS::IoT::Policy',
    Properties: { PolicyDocument: { Statement: { Effect: 'Allow', Action: 'iot:Connect', Resource: '*', Condition: condition } } },
  });

  it('is taken as it is', async () => {
    await bed.create({ Policy: policy({}) } as never);
    expect(bed.context.iot.policies).toHaveLength(1);
  });

  it('fails on a condition that is not understood, naming the policy', async () => {
    const created = bed.create({ Policy: policy({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }) } as never);
    await expect(created).rejects.toThrow('Policy (AWS::IoT::Policy, stack S): ');
  });
});
