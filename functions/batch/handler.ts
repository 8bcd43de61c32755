/** The batch function: one step of the state machine `daily` a call. */
import { setTimeout as pause } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environmentOf } from '#adapters/environment.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import checkReadings from '../../sql/check-readings.sql';
import checkTrades from '../../sql/check-trades.sql';
import dailySensorStats from '../../sql/daily-sensor-stats.sql';
import dailyTradeStats from '../../sql/daily-trade-stats.sql';
import deduplicateReadings from '../../sql/deduplicate-readings.sql';
import deduplicateTrades from '../../sql/deduplicate-trades.sql';
import { batchPorts } from './batch-ports.ts';
import type { StepEvent } from './state.ts';
import { runStep } from './steps.ts';

const env = environmentOf(process.env, [
  'ARCHIVE_INDEX_TABLE',
  'BATCH_TABLE',
  'DAY_TABLE',
  'STATE_TABLE',
  'WINDOW_TABLE',
  'TRADES_STREAM',
  'READINGS_STREAM',
  'DATA_BUCKET',
  'DATABASE',
  'LEASE_MS',
  'GRACE_MS',
  'SETTINGS',
]);
/** Below the function's own timeout, so that a call that hangs is tried again within the invocation. */
const ANSWER_WITHIN_MS = 20_000;
const requestHandler = requestLimits(ANSWER_WITHIN_MS);

const ports = batchPorts(env, {
  dynamo: new DynamoDBClient({ requestHandler }),
  s3: new S3Client({ requestHandler }),
  kinesis: new KinesisClient({ requestHandler: { requestTimeout: ANSWER_WITHIN_MS } }),
  glue: new GlueClient({ requestHandler }),
  athena: new AthenaClient({ requestHandler }),
  sfn: new SFNClient({ requestHandler }),
  statements: {
    trades: { deduplicate: deduplicateTrades, aggregate: dailyTradeStats, check: checkTrades },
    readings: { deduplicate: deduplicateReadings, aggregate: dailySensorStats, check: checkReadings },
  },
  pause,
  nowMs: () => Date.now(),
  log: (line) => console.log(line),
});

export function handler(event: StepEvent): Promise<unknown> {
  return runStep(ports, event);
}
