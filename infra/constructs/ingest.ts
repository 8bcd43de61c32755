import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow } from './role-function.ts';

/** The device's own name: AWS IoT knows it from the certificate's thing, and only while the client id is the thing's name. */
const THING_NAME = `\${iot:Connection.Thing.ThingName}`;

/** The payload whole, as base64, and beside it what the broker knows: nothing that the device says can overwrite it. */
const RULE_SQL =
  "SELECT encode(*, 'base64') AS payload, 1 AS v, 'readings' AS type, topic(2) AS device_id, clientid() AS client_id, " +
  "timestamp() AS ingest_ms, traceid() AS trace_id FROM 'dht22/+/telemetry'";

export interface IngestProps {
  readonly stage: string;
  readonly readings: Stream;
  /** Receives, under `failed/ingest/`, the messages that the rule could not put into the stream. */
  readonly failedMessages: Bucket;
}

/**
 * MQTT → stream `readings`. Devices publish to `dht22/<device>/telemetry` or, without the broker's charge, to
 * `$aws/rules/<rule>/dht22/<device>/telemetry`: the same rule, where `topic(2)` is the device in both forms since
 * AWS IoT does not count the prefix. A message by the second form is not compared with FROM: the policy alone keeps its form.
 */
export class Ingest extends Construct {
  readonly ruleName: string;
  /** Policy to attach to each device's certificate. */
  readonly devicePolicyName: string;

  constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const { readings, failedMessages } = props;
    const roleFor = (roleId: string, action: string, resource: string) =>
      new Role(this, roleId, {
        assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
        inlinePolicies: { Allowed: new PolicyDocument({ statements: [allow([action], [resource])] }) },
      });
    const rule = new CfnTopicRule(this, 'Rule', {
      // Named, since the firmware of devices holds it.
      ruleName: `tidemark_${props.stage.replaceAll('-', '_')}_readings`,
      topicRulePayload: {
        awsIotSqlVersion: '2016-03-23',
        sql: RULE_SQL,
        ruleDisabled: false,
        actions: [
          {
            kinesis: {
              streamName: readings.streamName,
              // The device: its readings stay in their order.
              partitionKey: `\${topic(2)}`,
              roleArn: roleFor('StreamRole', 'kinesis:PutRecord', readings.streamArn).roleArn,
            },
          },
        ],
        errorAction: {
          s3: {
            bucketName: failedMessages.bucketName,
            key: `failed/ingest/\${timestamp()}-\${newuuid()}`,
            roleArn: roleFor('ErrorRole', 's3:PutObject', failedMessages.arnForObjects('failed/ingest/*')).roleArn,
          },
        },
      },
    });
    this.ruleName = rule.ref;
    const arn = (resource: string, resourceName: string) => Stack.of(this).formatArn({ service: 'iot', resource, resourceName });
    // Without a thing attached to the certificate, or under another client id, nothing is allowed.
    const isAttached = { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } };
    const topics = [`dht22/${THING_NAME}/telemetry`, `$aws/rules/${rule.ref}/dht22/${THING_NAME}/telemetry`];
    const policyDocument = new PolicyDocument({
      statements: [
        allow(['iot:Connect'], [arn('client', THING_NAME)], isAttached),
        allow(
          ['iot:Publish'],
          topics.map((topic) => arn('topic', topic)),
          isAttached,
        ),
      ],
    });
    this.devicePolicyName = new CfnPolicy(this, 'DevicePolicy', { policyDocument }).ref;
  }
}
