/** The archive function: batches of the streams → Parquet in the data bucket. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { KinesisStreamEvent } from 'aws-lambda';
import { dynamoArchiveIndex } from '#adapters/archive-index.ts';
import { environmentOf } from '#adapters/environment.ts';
import { roleOfStream, sourceRecords, streamNameOf } from '#adapters/kinesis-records.ts';
import { metricsLine } from '#adapters/metrics.ts';
import { s3ObjectStore } from '#adapters/object-store.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import type { Settings } from '#domain/settings.ts';
import { archiveBatch } from './archive-batch.ts';

const env = environmentOf(process.env, [
  'DATA_BUCKET',
  'ARCHIVE_INDEX_TABLE',
  'TRADES_STREAM',
  'READINGS_STREAM',
  'ALERTS_STREAM',
  'SETTINGS',
]);
/** Below the function's own timeout, so that a call that hangs is retried within the invocation. */
const requestHandler = requestLimits(10_000);
const ports = {
  objects: s3ObjectStore(new S3Client({ requestHandler }), env.DATA_BUCKET),
  index: dynamoArchiveIndex(new DynamoDBClient({ requestHandler }), env.ARCHIVE_INDEX_TABLE, { newMarker: randomUUID, pause }),
};
const settings = JSON.parse(env.SETTINGS) as Settings;
const streams = { trades: env.TRADES_STREAM, readings: env.READINGS_STREAM, alerts: env.ALERTS_STREAM };

/** Keeps one batch of one stream. It throws when anything is not durable: the mapping then delivers the batch again. */
export async function handler(event: KinesisStreamEvent): Promise<void> {
  const arn = event.Records[0]?.eventSourceARN;
  if (arn === undefined) return;
  const { stream, ...counts } = await archiveBatch(roleOfStream(streamNameOf(arn), streams), sourceRecords(event), settings, ports);
  console.log(metricsLine(Date.now(), { layer: 'archive', source: stream }, { ...counts }));
}
