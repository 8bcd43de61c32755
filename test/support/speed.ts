/** The speed layer's processor as the handler makes it, on clients of the test's own. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { OutputWriter } from '#adapters/output-writer.ts';
import { StateStore } from '#adapters/state-store.ts';
import type { Delivery } from '#domain/fold.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import { KeyProcessor } from '../../functions/speed/key-processor.ts';

const TARGETS = { windowTable: 'window', alarmTable: 'alarm', alertsStream: 'alerts' };

export async function noPause(): Promise<void> {}

export function writerOn(dynamo: DynamoDBClient, kinesis: KinesisClient, nowMs: () => number): OutputWriter {
  return new OutputWriter(dynamo, kinesis, TARGETS, DEFAULT_SETTINGS, { nowMs, pause: noPause });
}

export function processorOn(dynamo: DynamoDBClient, kinesis: KinesisClient, nowMs: () => number): KeyProcessor {
  return new KeyProcessor(new StateStore(dynamo, 'state', noPause), writerOn(dynamo, kinesis, nowMs), DEFAULT_SETTINGS);
}

/** Deliveries of one key; throws what went wrong with it. */
export async function processKey(
  processor: KeyProcessor,
  source: SourceName,
  name: string,
  deliveries: readonly Delivery[],
): Promise<void> {
  const { failures } = await processor.process(source, new Map([[name, deliveries]]));
  for (const failure of failures.values()) throw failure;
}
