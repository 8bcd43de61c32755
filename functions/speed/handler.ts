/** The speed layer: decode → fold → commit → emit, for each key of a batch of trades or readings. */
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { environmentOf } from '#adapters/environment.ts';
import { roleOfStream, sourceRecords, streamNameOf } from '#adapters/kinesis-records.ts';
import { LiveListeners } from '#adapters/live-listeners.ts';
import { LIVE_BUDGET_MS, LivePublisher } from '#adapters/live-publisher.ts';
import { metricsLine } from '#adapters/metrics.ts';
import { OutputWriter } from '#adapters/output-writer.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import { StateStore } from '#adapters/state-store.ts';
import { WindowReader } from '#adapters/window-reader.ts';
import { comparePositions } from '#domain/events.ts';
import { deliveriesByName } from './deliveries.ts';
import { KeyProcessor } from './key-processor.ts';

const env = environmentOf(process.env, [
  'STATE_TABLE',
  'WINDOW_TABLE',
  'ALARM_TABLE',
  'TRADES_STREAM',
  'READINGS_STREAM',
  'ALERTS_STREAM',
  'LISTENERS_TABLE',
  'AWS_ENDPOINT_URL_IOT_DATA_PLANE',
  'SETTINGS',
]);
const settings = JSON.parse(env.SETTINGS);
/** Below the function's own timeout, so that a call that hangs is tried again within the invocation. */
const ANSWER_WITHIN_MS = 10_000;
const dynamo = new DynamoDBClient({ requestHandler: requestLimits(ANSWER_WITHIN_MS) });
/** Its handler speaks HTTP/2, whose time limit is an error by itself. */
const kinesis = new KinesisClient({ requestHandler: { requestTimeout: ANSWER_WITHIN_MS } });
// It prepares a log entry of every request, also where nothing is logged.
for (const { middlewareStack } of [dynamo, kinesis]) middlewareStack.remove('loggerMiddleware');
const targets = { windowTable: env.WINDOW_TABLE, alarmTable: env.ALARM_TABLE, alertsStream: env.ALERTS_STREAM };
const writer = new OutputWriter(dynamo, kinesis, targets, settings, { nowMs: Date.now, pause });
const broker = new IoTDataPlaneClient({ requestHandler: requestLimits(LIVE_BUDGET_MS), maxAttempts: 1 });
const listeners = new LiveListeners(dynamo, env.LISTENERS_TABLE);
const live = new LivePublisher(broker, new WindowReader(dynamo, env.WINDOW_TABLE), {
  settings,
  listeners,
  clock: REAL_CLOCK,
  log: console.log,
});
const processor = new KeyProcessor(new StateStore(dynamo, env.STATE_TABLE, pause), writer, settings);

/** Whatever is retryable stops its key; other keys go on, and the stream delivers again from the lowest position that failed. */
export async function handler(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  const source = roleOfStream(streamNameOf(event.Records[0]!.eventSourceARN), { trades: env.TRADES_STREAM, readings: env.READINGS_STREAM });
  const deliveries = deliveriesByName(source, sourceRecords(event), settings);
  const { failures, states, alarms, counts } = await processor.process(source, deliveries);
  for (const [key, error] of failures) console.error(JSON.stringify({ level: 'error', source, key, message: String(error) }));
  const lowest = [...failures.keys()].map((name) => deliveries.get(name)![0]!.position).sort(comparePositions)[0];
  const batch = { records: event.Records.length, keys: deliveries.size, failed_keys: failures.size };
  console.log(metricsLine(Date.now(), { layer: 'speed', source }, { ...counts, ...batch }));
  await live.publish(states, alarms, Date.now());
  return { batchItemFailures: lowest === undefined ? [] : [{ itemIdentifier: lowest }] };
}
