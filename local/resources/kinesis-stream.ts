import { localName, type ResourceType, TAGS } from './resource-type.ts';

/** What an on-demand stream starts with. */
const ON_DEMAND_SHARDS = 4;
const DEFAULT_RETENTION_HOURS = 24;

export const KINESIS_STREAM: ResourceType = {
  type: 'AWS::Kinesis::Stream',
  properties: {
    Name: true,
    ShardCount: true,
    RetentionPeriodHours: true,
    StreamModeDetails: { StreamMode: true },
    StreamEncryption: 'nothing leaves this machine; the data folder is as protected as any file of its owner',
    Tags: TAGS,
  },
  async create(context, resource) {
    const { properties } = resource;
    const onDemand = properties.optionalObject('StreamModeDetails')?.optionalText('StreamMode') === 'ON_DEMAND';
    const stream = await context.kinesis.createStream({
      name: properties.optionalText('Name') ?? localName(resource, 'Stream'),
      shardCount: properties.optionalNumber('ShardCount') ?? (onDemand ? ON_DEMAND_SHARDS : 1),
      retentionHours: properties.optionalNumber('RetentionPeriodHours') ?? DEFAULT_RETENTION_HOURS,
    });
    return { ref: stream.name, attributes: { Arn: stream.arn } };
  },
};
