import { compileTemplate } from '../engines/iot/rule-sql.ts';
import { createTopicRule, type RuleAction } from '../engines/iot/topic-rule.ts';
import type { LocalContext } from './context.ts';
import type { Properties } from './properties.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

const PERMISSIONS = 'whoever may start this runtime may do everything in it';
const ACTION = {
  Kinesis: { StreamName: true, PartitionKey: true, RoleArn: PERMISSIONS },
  S3: { BucketName: true, Key: true, RoleArn: PERMISSIONS },
} as const;

function kinesisAction(context: LocalContext, properties: Properties): RuleAction {
  const stream = context.kinesis.stream(properties.text('StreamName'));
  const partitionKey = compileTemplate(properties.text('PartitionKey'));
  return {
    action: 'KinesisAction',
    resource: stream.name,
    async deliver(message, bytes) {
      await stream.append([{ partitionKey: partitionKey(message), data: bytes, arrivalMs: message.nowMs }]);
    },
  };
}

function s3Action(context: LocalContext, properties: Properties): RuleAction {
  const bucket = properties.text('BucketName');
  const key = compileTemplate(properties.text('Key'));
  return {
    action: 'S3Action',
    resource: bucket,
    async deliver(message, bytes) {
      await context.s3.putObject(bucket, key(message), bytes);
    },
  };
}

function actionOf(context: LocalContext, action: Properties, where: string): RuleAction {
  const kinesis = action.optionalObject('Kinesis');
  const s3 = action.optionalObject('S3');
  if (kinesis && !s3) return kinesisAction(context, kinesis);
  if (s3 && !kinesis) return s3Action(context, s3);
  throw new Error(`${where}: an action must have either Kinesis or S3`);
}

export const TOPIC_RULE: ResourceType = {
  type: 'AWS::IoT::TopicRule',
  properties: {
    RuleName: true,
    TopicRulePayload: {
      Sql: true,
      AwsIotSqlVersion: 'the local SQL is that of 2016-03-23',
      RuleDisabled: true,
      Description: 'for people only',
      Actions: ACTION,
      ErrorAction: ACTION,
    },
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where } = resource;
    const name = properties.optionalText('RuleName') ?? localName(resource, 'Rule').replaceAll('-', '_');
    const payload = properties.object('TopicRulePayload');
    const errorAction = payload.optionalObject('ErrorAction');
    const actions = payload.objects('Actions').map((action) => actionOf(context, action, where));
    try {
      const rule = createTopicRule(name, payload.text('Sql'), actions, errorAction ? actionOf(context, errorAction, where) : null);
      if (!payload.flag('RuleDisabled')) context.iot.rules.push(rule);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    return { ref: name, attributes: { Arn: `arn:aws:iot:${context.region}:${context.accountId}:rule/${name}` } };
  },
};
