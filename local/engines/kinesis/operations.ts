/** The operations of the Kinesis API that Tidemark and its tools use, from JSON to JSON. */
import { AwsError } from '../aws-error.ts';
import type { KinesisEngine } from './engine.ts';
import { type Input, optionalInteger, optionalText, putEntries, putEntry, requiredText } from './input.ts';
import { isSequenceNumberOf, positionBefore, positionBeforeMs, sequenceNumber } from './sequence-number.ts';
import { decodeIterator, encodeIterator } from './shard-iterator.ts';
import type { KinesisStream } from './stream.ts';

type Operation = (engine: KinesisEngine, input: Input) => object | Promise<object>;

const GET_RECORDS_BYTES = 10 * 1024 * 1024;
const MAX_RECORDS = 10_000;

/** By the name behind `Kinesis_20131202.` in X-Amz-Target. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['PutRecord', putRecord],
  ['PutRecords', putRecords],
  ['GetShardIterator', getShardIterator],
  ['GetRecords', getRecords],
  ['ListShards', listShards],
  ['DescribeStream', describeStream],
  ['DescribeStreamSummary', describeStreamSummary],
  ['ListStreams', listStreams],
]);

async function putRecord(engine: KinesisEngine, input: Input): Promise<object> {
  const entry = putEntry(input);
  const [appended] = await streamOf(engine, input).append([entry]);
  return { ShardId: appended?.shardId, SequenceNumber: appended?.sequenceNumber, EncryptionType: 'NONE' };
}

async function putRecords(engine: KinesisEngine, input: Input): Promise<object> {
  const entries = putEntries(input);
  const appended = await streamOf(engine, input).append(entries);
  return {
    FailedRecordCount: 0,
    Records: appended.map(({ shardId, sequenceNumber: number }) => ({ SequenceNumber: number, ShardId: shardId })),
    EncryptionType: 'NONE',
  };
}

function getShardIterator(engine: KinesisEngine, input: Input): object {
  const stream = streamOf(engine, input);
  const shardId = requiredText(input, 'ShardId');
  const shardIndex = stream.shardIndex(shardId);
  if (shardIndex < 0) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Shard ${shardId} in stream ${stream.name} under account ${engine.account} does not exist`,
    );
  }
  const after = startOf(engine, stream, shardId, shardIndex, input);
  return { ShardIterator: encodeIterator({ stream: stream.name, shardId, after, issuedMs: engine.clock.now() }) };
}

function startOf(engine: KinesisEngine, stream: KinesisStream, shardId: string, shardIndex: number, input: Input): string | null {
  const type = requiredText(input, 'ShardIteratorType');
  switch (type) {
    case 'TRIM_HORIZON':
      return null;
    case 'LATEST':
      return stream.head()[shardId] ?? null;
    case 'AT_SEQUENCE_NUMBER':
      return positionBefore(startingSequenceNumber(input, shardIndex));
    case 'AFTER_SEQUENCE_NUMBER':
      return startingSequenceNumber(input, shardIndex);
    case 'AT_TIMESTAMP':
      return positionBeforeMs(startingMs(engine, input));
    default:
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${type}' at 'shardIteratorType' failed to satisfy constraint: ` +
          'Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]',
      );
  }
}

function startingSequenceNumber(input: Input, shardIndex: number): string {
  const value = optionalText(input, 'StartingSequenceNumber');
  if (value === undefined) throw new AwsError('InvalidArgumentException', 'Must either specify timestamp or startingSequenceNumber.');
  if (!isSequenceNumberOf(value, shardIndex)) {
    throw new AwsError(
      'InvalidArgumentException',
      `StartingSequenceNumber ${value.slice(0, 128)} used in GetShardIterator is invalid for this shard.`,
    );
  }
  return value;
}

function startingMs(engine: KinesisEngine, input: Input): number {
  const seconds = input['Timestamp'];
  if (typeof seconds !== 'number' || !(seconds >= 0))
    throw new AwsError('InvalidArgumentException', 'Must specify timestamp parameter for iterator of type AT_TIMESTAMP.');
  const ms = Math.round(seconds * 1000);
  if (ms > engine.clock.now()) {
    throw new AwsError('InvalidArgumentException', 'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.');
  }
  return ms;
}

async function getRecords(engine: KinesisEngine, input: Input): Promise<object> {
  const limit = optionalInteger(input, 'Limit', 1, MAX_RECORDS, MAX_RECORDS);
  const nowMs = engine.clock.now();
  const position = decodeIterator(requiredText(input, 'ShardIterator'), nowMs);
  const stream = engine.stream(position.stream);
  const records = await stream.read(position.shardId, position.after, { records: limit, bytes: GET_RECORDS_BYTES });
  const after = records.at(-1)?.sequenceNumber ?? position.after;
  const [next] = await stream.read(position.shardId, after, { records: 1, bytes: 0 });
  return {
    Records: records.map((record) => ({
      SequenceNumber: record.sequenceNumber,
      ApproximateArrivalTimestamp: record.arrivalMs / 1000,
      Data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.length).toString('base64'),
      PartitionKey: record.partitionKey,
      EncryptionType: 'NONE',
    })),
    NextShardIterator: encodeIterator({ ...position, after, issuedMs: nowMs }),
    MillisBehindLatest: next === undefined ? 0 : Math.max(nowMs - next.arrivalMs, 0),
  };
}

function listShards(engine: KinesisEngine, input: Input): object {
  const token = optionalText(input, 'NextToken');
  const [name, from] = token === undefined ? [null, optionalText(input, 'ExclusiveStartShardId')] : token.split('|', 2);
  const stream = name === null ? streamOf(engine, input) : engine.stream(name as string);
  const most = optionalInteger(input, 'MaxResults', 1, MAX_RECORDS, 1000);
  const shards = shardsOf(stream).filter(({ ShardId }) => from === undefined || ShardId > from);
  const page = shards.slice(0, most);
  return page.length < shards.length ? { Shards: page, NextToken: `${stream.name}|${page.at(-1)?.ShardId}` } : { Shards: page };
}

function describeStream(engine: KinesisEngine, input: Input): object {
  const stream = streamOf(engine, input);
  const from = optionalText(input, 'ExclusiveStartShardId');
  const shards = shardsOf(stream).filter(({ ShardId }) => from === undefined || ShardId > from);
  const page = shards.slice(0, optionalInteger(input, 'Limit', 1, MAX_RECORDS, 100));
  return { StreamDescription: { ...description(stream), Shards: page, HasMoreShards: page.length < shards.length } };
}

function describeStreamSummary(engine: KinesisEngine, input: Input): object {
  const stream = streamOf(engine, input);
  return { StreamDescriptionSummary: { ...description(stream), OpenShardCount: stream.shardIds().length, ConsumerCount: 0 } };
}

function listStreams(engine: KinesisEngine, input: Input): object {
  const from = optionalText(input, 'NextToken') ?? optionalText(input, 'ExclusiveStartStreamName');
  const streams = engine.streams().filter(({ name }) => from === undefined || name > from);
  const page = streams.slice(0, optionalInteger(input, 'Limit', 1, MAX_RECORDS, 100));
  const more = page.length < streams.length ? { NextToken: page.at(-1)?.name } : {};
  return {
    StreamNames: page.map(({ name }) => name),
    HasMoreStreams: page.length < streams.length,
    StreamSummaries: page.map(({ name, arn, createdMs }) => ({
      StreamName: name,
      StreamARN: arn,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: createdMs / 1000,
    })),
    ...more,
  };
}

function description(stream: KinesisStream): object {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdMs / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  };
}

function shardsOf(stream: KinesisStream): { ShardId: string; HashKeyRange: object; SequenceNumberRange: object }[] {
  return stream.shardIds().map((shardId, index) => ({
    ShardId: shardId,
    HashKeyRange: stream.hashKeyRanges[index] as object,
    SequenceNumberRange: { StartingSequenceNumber: sequenceNumber(stream.createdMs, 0, index) },
  }));
}

function streamOf(engine: KinesisEngine, input: Input): KinesisStream {
  const nameOrArn = optionalText(input, 'StreamARN') ?? optionalText(input, 'StreamName');
  if (nameOrArn === undefined) throw new AwsError('InvalidArgumentException', 'Either StreamName or StreamARN must be specified.');
  return engine.stream(nameOrArn);
}
