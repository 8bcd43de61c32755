/** Serve: the reading routes of the HTTP API (payload format 2.0). */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { AlarmReader } from '#adapters/alarm-reader.ts';
import { ArchiveDays } from '#adapters/archive-days.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { AthenaStatements } from '#adapters/athena-statements.ts';
import { DayReader } from '#adapters/day-reader.ts';
import { environmentOf } from '#adapters/environment.ts';
import { LiveAddresses } from '#adapters/live-address.ts';
import { LiveListeners } from '#adapters/live-listeners.ts';
import { PublishedStore } from '#adapters/published-store.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import { RunReader } from '#adapters/run-reader.ts';
import { StateReader } from '#adapters/state-reader.ts';
import { WindowReader } from '#adapters/window-reader.ts';
import { routesOf } from './routes.ts';
import { serverOf } from './serve.ts';

const env = environmentOf(process.env, [
  'AWS_REGION',
  'STATE_TABLE',
  'WINDOW_TABLE',
  'ALARM_TABLE',
  'ARCHIVE_INDEX_TABLE',
  'DAY_TABLE',
  'BATCH_TABLE',
  'DATA_BUCKET',
  'ATHENA_WORKGROUP',
  'GLUE_DATABASE',
  'SETTINGS',
  'LIVE_ROLE',
  'LISTENERS_TABLE',
  'AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY',
]);
/** Two attempts fit into what API Gateway waits for. */
const ANSWERS_WITHIN_MS = 3_000;
const HISTORY_WITHIN_MS = 20_000;
/** One small object: a page waits for it no longer. */
const PUBLISHED_WITHIN_MS = 1_000;
const clock = { nowMs: Date.now, pause };
const client = new DynamoDBClient({});
const bucket = new S3Client({ requestHandler: requestLimits(PUBLISHED_WITHIN_MS), maxAttempts: 2 });
const routes = routesOf({
  states: new StateReader(client, env.STATE_TABLE, pause),
  windows: new WindowReader(client, env.WINDOW_TABLE),
  alarms: new AlarmReader(client, env.ALARM_TABLE),
  archive: new ArchiveProgress(client, env.ARCHIVE_INDEX_TABLE),
  archivedDays: new ArchiveDays(client, env.ARCHIVE_INDEX_TABLE),
  published: new PublishedStore(bucket, env.DATA_BUCKET),
  days: new DayReader(client, env.DAY_TABLE),
  batch: new RunReader(client, env.BATCH_TABLE),
  statements: new AthenaStatements({ workGroup: env.ATHENA_WORKGROUP, database: env.GLUE_DATABASE, timeoutMs: HISTORY_WITHIN_MS }, clock),
  live: new LiveAddresses(new STSClient({ requestHandler: requestLimits(ANSWERS_WITHIN_MS) }), {
    endpoint: env.AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY,
    roleArn: env.LIVE_ROLE,
    region: env.AWS_REGION,
    newId: randomUUID,
    nowMs: Date.now,
    listeners: new LiveListeners(client, env.LISTENERS_TABLE),
  }),
  settings: JSON.parse(env.SETTINGS),
  nowMs: Date.now,
});

export const handler = serverOf(routes, Date.now, console.error);
