/** The archive function: batches of the streams → Parquet in the data bucket. Environment: DATA_BUCKET, ARCHIVE_INDEX_TABLE, *_STREAM, SETTINGS. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { KinesisStreamEvent } from 'aws-lambda';
import { dynamoArchiveIndex } from '#adapters/archive-index.ts';
import { sourceRecords, streamNameOf } from '#adapters/kinesis-records.ts';
import { s3ObjectStore } from '#adapters/object-store.ts';
import type { Settings } from '#domain/settings.ts';
import { archiveBatch, type StreamKind } from './archive-batch.ts';

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the archive function needs the environment variable ${name}`);
  return value;
}

/** Below the function's own timeout, so that a call that hangs is retried within the invocation. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 10_000 };
const ports = {
  objects: s3ObjectStore(new S3Client({ requestHandler }), environment('DATA_BUCKET')),
  index: dynamoArchiveIndex(new DynamoDBClient({ requestHandler }), environment('ARCHIVE_INDEX_TABLE')),
};
const settings = JSON.parse(environment('SETTINGS')) as Settings;
const kinds = new Map<string, StreamKind>([
  [environment('TRADES_STREAM'), 'trades'],
  [environment('READINGS_STREAM'), 'readings'],
  [environment('ALERTS_STREAM'), 'alerts'],
]);

/** Keeps one batch of one stream. It throws when anything is not durable: the mapping then delivers the batch again. */
export async function handler(event: KinesisStreamEvent): Promise<void> {
  const arn = event.Records[0]?.eventSourceARN;
  if (arn === undefined) return;
  const stream = kinds.get(streamNameOf(arn));
  if (!stream) throw new Error(`event source ${arn} is none of the streams ${[...kinds.keys()].join(', ')}`);
  const counts = await archiveBatch(stream, sourceRecords(event), settings, ports);
  console.log(JSON.stringify({ level: 'info', ...counts }));
}
