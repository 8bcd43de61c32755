/** The speed layer: decode → fold → commit → emit, for each key of a batch of trades or readings. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { forEachLimited } from '#adapters/concurrency.ts';
import { environmentOf } from '#adapters/environment.ts';
import { roleOfStream, sourceRecords, streamNameOf } from '#adapters/kinesis-records.ts';
import { metricsLine } from '#adapters/metrics.ts';
import { OutputWriter } from '#adapters/output-writer.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import { StateStore } from '#adapters/state-store.ts';
import { comparePositions } from '#domain/events.ts';
import { deliveriesByName } from './deliveries.ts';
import { KeyProcessor } from './key-processor.ts';

const KEYS_IN_FLIGHT = 16;
const env = environmentOf(process.env, [
  'STATE_TABLE',
  'WINDOW_TABLE',
  'ALARM_TABLE',
  'TRADES_STREAM',
  'READINGS_STREAM',
  'ALERTS_STREAM',
  'SETTINGS',
]);
const settings = JSON.parse(env.SETTINGS);
/** Below the function's own timeout, so that a call that hangs is tried again within the invocation. */
const ANSWER_WITHIN_MS = 10_000;
const dynamo = new DynamoDBClient({ requestHandler: requestLimits(ANSWER_WITHIN_MS) });
/** Its handler speaks HTTP/2, whose time limit is an error by itself. */
const kinesis = new KinesisClient({ requestHandler: { requestTimeout: ANSWER_WITHIN_MS } });
const targets = { windowTable: env.WINDOW_TABLE, alarmTable: env.ALARM_TABLE, alertsStream: env.ALERTS_STREAM };
const writer = new OutputWriter(dynamo, kinesis, targets, settings, Date.now);
const processor = new KeyProcessor(new StateStore(dynamo, env.STATE_TABLE), writer, settings);

/** Whatever is retryable stops its key; other keys go on, and the stream delivers again from the lowest position that failed. */
export async function handler(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
  const source = roleOfStream(streamNameOf(event.Records[0]!.eventSourceARN), { trades: env.TRADES_STREAM, readings: env.READINGS_STREAM });
  const deliveries = deliveriesByName(source, sourceRecords(event), settings);
  const names = [...deliveries.keys()];
  await processor.prepare(source, names);
  const failed: string[] = [];
  await forEachLimited(names, KEYS_IN_FLIGHT, async (name) => {
    try {
      await processor.process(source, name, deliveries.get(name)!);
    } catch (error) {
      failed.push(deliveries.get(name)![0]!.position);
      console.error(JSON.stringify({ level: 'error', source, key: name, message: String(error) }));
    }
  });
  processor.trim();
  const lowest = failed.sort(comparePositions)[0];
  const counts = { ...processor.takeCommitted(), records: event.Records.length, keys: names.length, failed_keys: failed.length };
  console.log(metricsLine(Date.now(), { layer: 'speed', source }, counts));
  return { batchItemFailures: lowest === undefined ? [] : [{ itemIdentifier: lowest }] };
}
