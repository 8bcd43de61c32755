/** Serve: the reading routes of the HTTP API (payload format 2.0). */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STSClient } from '@aws-sdk/client-sts';
import { AlarmReader } from '#adapters/alarm-reader.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { environmentOf } from '#adapters/environment.ts';
import { LiveAddresses } from '#adapters/live-address.ts';
import { LiveListeners } from '#adapters/live-listeners.ts';
import { requestLimits } from '#adapters/request-limits.ts';
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
  'SETTINGS',
  'LIVE_ROLE',
  'LISTENERS_TABLE',
  'AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY',
]);
/** Two attempts fit into the function's own timeout. */
const STS_ANSWERS_WITHIN_MS = 3_000;
const client = new DynamoDBClient({});
const routes = routesOf({
  states: new StateReader(client, env.STATE_TABLE, pause),
  windows: new WindowReader(client, env.WINDOW_TABLE),
  alarms: new AlarmReader(client, env.ALARM_TABLE),
  archive: new ArchiveProgress(client, env.ARCHIVE_INDEX_TABLE),
  live: new LiveAddresses(new STSClient({ requestHandler: requestLimits(STS_ANSWERS_WITHIN_MS) }), {
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
