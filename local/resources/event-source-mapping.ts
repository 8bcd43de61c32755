import { EventSourceMapping, type MappingSettings } from '../engines/event-source-mapping.ts';
import type { LocalContext } from './context.ts';
import type { Properties } from './properties.ts';
import { type ResourceType, TAGS } from './resource-type.ts';

/** Lambda's own defaults for a Kinesis stream. */
const DEFAULT_BATCH_SIZE = 100;
const ENDLESS = -1;
const BUCKET_ARN = 'arn:aws:s3:::';

function settingsOf(properties: Properties, where: string): MappingSettings {
  const startingPosition = properties.text('StartingPosition');
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    throw new Error(`${where}: StartingPosition ${startingPosition} is not run locally, only TRIM_HORIZON or LATEST is`);
  }
  const unknown = properties.texts('FunctionResponseTypes').find((kind) => kind !== 'ReportBatchItemFailures');
  if (unknown !== undefined) throw new Error(`${where}: FunctionResponseTypes may be ReportBatchItemFailures, not ${unknown}`);
  const ageS = properties.optionalNumber('MaximumRecordAgeInSeconds') ?? ENDLESS;
  return {
    batchSize: properties.optionalNumber('BatchSize') ?? DEFAULT_BATCH_SIZE,
    maximumBatchingWindowMs: (properties.optionalNumber('MaximumBatchingWindowInSeconds') ?? 0) * 1000,
    bisectBatchOnFunctionError: properties.flag('BisectBatchOnFunctionError'),
    maximumRetryAttempts: properties.optionalNumber('MaximumRetryAttempts') ?? ENDLESS,
    maximumRecordAgeMs: ageS === ENDLESS ? ENDLESS : ageS * 1000,
    reportBatchItemFailures: properties.texts('FunctionResponseTypes').length > 0,
    startingPosition,
  };
}

/** Where Lambda puts an invocation record: `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`. */
function failureKey(mappingId: string, record: object): string {
  const { timestamp, requestContext, KinesisBatchInfo } = record as {
    timestamp: string;
    requestContext: { requestId: string };
    KinesisBatchInfo: { shardId: string };
  };
  const day = timestamp.slice(0, 10);
  const time = timestamp.slice(11, 19).replaceAll(':', '.');
  return `aws/lambda/${mappingId}/${KinesisBatchInfo.shardId}/${day.replaceAll('-', '/')}/${day}T${time}-${requestContext.requestId}`;
}

function onFailureOf(context: LocalContext, properties: Properties, id: string, where: string): (record: object) => Promise<void> {
  const destination = properties.optionalObject('DestinationConfig')?.optionalObject('OnFailure')?.optionalText('Destination');
  if (destination !== undefined && !destination.startsWith(BUCKET_ARN)) {
    throw new Error(`${where}: the on-failure destination ${destination} is not run locally, only a bucket is`);
  }
  return async (record) => {
    context.log.error(id, 'records were given up');
    if (destination === undefined) return;
    await context.s3.putObject(destination.slice(BUCKET_ARN.length), failureKey(id, record), Buffer.from(JSON.stringify(record)));
  };
}

export const EVENT_SOURCE_MAPPING: ResourceType = {
  type: 'AWS::Lambda::EventSourceMapping',
  properties: {
    FunctionName: true,
    EventSourceArn: true,
    Enabled: true,
    BatchSize: true,
    MaximumBatchingWindowInSeconds: true,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: true,
    MaximumRecordAgeInSeconds: true,
    FunctionResponseTypes: true,
    StartingPosition: true,
    DestinationConfig: { OnFailure: { Destination: true } },
    ParallelizationFactor: 'the batches of a shard follow one another: the order of a key is the same, only the speed is not',
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where, logicalId: id } = resource;
    const target = context.functions.find(properties.text('FunctionName'));
    if (!target) throw new Error(`${where}: FunctionName ${properties.text('FunctionName')} is no function of this template`);
    const stream = context.kinesis.stream(properties.text('EventSourceArn'));
    const mapping = new EventSourceMapping({
      id,
      functionName: target.name,
      stream,
      clock: context.clock,
      settings: settingsOf(properties, where),
      invoke: (payload) => target.invoke(payload),
      onFailure: onFailureOf(context, properties, id, where),
      checkpoints: context.checkpointsOf(id),
      onError: (error) => context.log.error(id, error instanceof Error ? error.message : String(error)),
    });
    context.mappings.push({ function: target.name, stream: stream.name, shards: () => mapping.progress() });
    if (properties.values['Enabled'] !== undefined && !properties.flag('Enabled')) return { ref: id, attributes: {} };
    return { ref: id, attributes: {}, start: () => mapping.start(), stop: () => mapping.stop() };
  },
};
