/** Serve: the reading routes of the HTTP API (payload format 2.0). */
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AlarmReader } from '#adapters/alarm-reader.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { environmentOf } from '#adapters/environment.ts';
import { StateReader } from '#adapters/state-reader.ts';
import { WindowReader } from '#adapters/window-reader.ts';
import { routesOf } from './routes.ts';
import { serverOf } from './serve.ts';

const env = environmentOf(process.env, ['STATE_TABLE', 'WINDOW_TABLE', 'ALARM_TABLE', 'ARCHIVE_INDEX_TABLE', 'SETTINGS']);
const client = new DynamoDBClient({});
const routes = routesOf({
  states: new StateReader(client, env.STATE_TABLE, pause),
  windows: new WindowReader(client, env.WINDOW_TABLE),
  alarms: new AlarmReader(client, env.ALARM_TABLE),
  archive: new ArchiveProgress(client, env.ARCHIVE_INDEX_TABLE),
  settings: JSON.parse(env.SETTINGS),
  nowMs: Date.now,
});

export const handler = serverOf(routes, Date.now, console.error);
