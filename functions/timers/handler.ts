/** Once a minute: a timer record for every key that is due, in the key's own stream, behind the data that arrived before it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { dueKeys } from '#adapters/due-keys.ts';
import { environmentOf } from '#adapters/environment.ts';
import { putAll } from '#adapters/stream-records.ts';
import { timerRecord } from '#domain/timer-record.ts';

const env = environmentOf(process.env, ['STATE_TABLE', 'TRADES_STREAM', 'READINGS_STREAM']);
const dynamo = new DynamoDBClient({});
const kinesis = new KinesisClient({});

export async function handler(): Promise<void> {
  const due = await dueKeys(dynamo, env.STATE_TABLE, Date.now());
  const trades = due.filter(({ source }) => source === 'trades').map(timerRecord);
  const readings = due.filter(({ source }) => source === 'readings').map(timerRecord);
  await Promise.all([putAll(kinesis, env.TRADES_STREAM, trades), putAll(kinesis, env.READINGS_STREAM, readings)]);
  console.log(JSON.stringify({ level: 'info', timers: due.length }));
}
