/** Once a minute: a timer record for every key that is due, in the key's own stream, behind the data that arrived before it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { dueKeys } from '#adapters/due-keys.ts';
import { environmentOf } from '#adapters/environment.ts';
import { requestLimits } from '#adapters/request-limits.ts';
import { putAll } from '#adapters/stream-records.ts';
import { timerRecord } from '#domain/timer-record.ts';

const env = environmentOf(process.env, ['STATE_TABLE', 'TRADES_STREAM', 'READINGS_STREAM']);
/** Below the function's own timeout, so that a call that hangs is tried again within the invocation. */
const ANSWER_WITHIN_MS = 10_000;
const dynamo = new DynamoDBClient({ requestHandler: requestLimits(ANSWER_WITHIN_MS) });
const kinesis = new KinesisClient({ requestHandler: { requestTimeout: ANSWER_WITHIN_MS } });

export async function handler(): Promise<void> {
  const due = await dueKeys(dynamo, env.STATE_TABLE, Date.now());
  if (due.length === 0) return;
  const trades = due.filter(({ source }) => source === 'trades').map(timerRecord);
  const readings = due.filter(({ source }) => source === 'readings').map(timerRecord);
  await Promise.all([putAll(kinesis, env.TRADES_STREAM, trades), putAll(kinesis, env.READINGS_STREAM, readings)]);
  console.log(JSON.stringify({ level: 'info', timers: due.length }));
}
