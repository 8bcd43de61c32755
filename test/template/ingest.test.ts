import { describe, expect, it } from 'vitest';
import { at, type Json, propertiesOf, readable, synthesize } from './assembly.ts';
import { grantsOf, statementsOf } from './statements.ts';

const synthesis = synthesize();
const THING = `\${iot:Connection.Thing.ThingName}`;
const IOT = 'arn:<Partition>:iot:<Region>:<AccountId>';
const rule = at(propertiesOf(synthesis, 'IngestRule'), 'TopicRulePayload')!;

describe('IoT rule', () => {
  it('wraps the payload whole, and takes every other field from the broker', () => {
    expect(at(rule, 'Sql')).toBe(
      "SELECT encode(*, 'base64') AS payload, 1 AS v, 'readings' AS type, topic(2) AS device_id, clientid() AS client_id, " +
        "timestamp() AS ingest_ms, traceid() AS trace_id FROM 'dht22/+/telemetry'",
    );
    expect(at(rule, 'AwsIotSqlVersion')).toBe('2016-03-23');
    expect(at(rule, 'RuleDisabled')).toBe(false);
  });

  it('puts the readings of a device behind each other into the stream of readings', () => {
    expect(at(rule, 'Actions')).toHaveLength(1);
    const action = at(rule, 'Actions', 0, 'Kinesis');
    expect(readable(at(action, 'StreamName'))).toBe('ReadingsStream');
    expect(at(action, 'PartitionKey')).toBe(`\${topic(2)}`);
    expect(readable(at(action, 'RoleArn'))).toBe('IngestStreamRole.Arn');
    expect(grantsOf(synthesis, 'IngestStreamRole')).toEqual(['kinesis:PutRecord on ReadingsStream.Arn']);
  });

  it('keeps a message that the stream does not take, under a key that its role may write', () => {
    const action = at(rule, 'ErrorAction', 'S3');
    expect(readable(at(action, 'BucketName'))).toBe('DataBucket');
    expect(at(action, 'Key')).toBe(`failed/ingest/\${timestamp()}-\${newuuid()}`);
    expect(readable(at(action, 'RoleArn'))).toBe('IngestErrorRole.Arn');
    expect(grantsOf(synthesis, 'IngestErrorRole')).toEqual(['s3:PutObject on DataBucket.Arn/failed/ingest/*']);
  });

  it('is named by the stage, with the letters that AWS IoT allows', () => {
    expect(propertiesOf(synthesize({ stage: 'a-b' }), 'IngestRule')['RuleName']).toBe('tidemark_a_b_readings');
  });
});

describe('device policy', () => {
  const statements = statementsOf(synthesis).filter(({ of }) => of === 'IngestDevicePolicy');

  it('lets a device connect under its own name and publish to its own topics, in both forms, and nothing else', () => {
    expect(statements.map(({ effect, actions, resources }) => ({ effect, actions, resources }))).toEqual([
      { effect: 'Allow', actions: ['iot:Connect'], resources: [`${IOT}:client/${THING}`] },
      {
        effect: 'Allow',
        actions: ['iot:Publish'],
        resources: [`${IOT}:topic/$aws/rules/IngestRule/dht22/${THING}/telemetry`, `${IOT}:topic/dht22/${THING}/telemetry`],
      },
    ]);
  });

  it('holds only while a thing is attached to the certificate', () => {
    const attached: Json = { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } };
    expect(statements.map(({ condition }) => condition)).toEqual([attached, attached]);
  });

  it('allows exactly the topics that the rule reads', () => {
    const filter = String(at(rule, 'Sql')).match(/FROM '(.*)'$/)![1]!;
    const topics = statements[1]!.resources.map((resource) => resource.slice(`${IOT}:topic/`.length));
    const forms = topics.map((topic) => topic.replace('$aws/rules/IngestRule/', '').replace(THING, '+'));
    expect(forms).toEqual([filter, filter]);
  });
});
