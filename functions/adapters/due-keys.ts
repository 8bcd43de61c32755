/** The sparse index of armed timers. */
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import type { DueKey } from '#domain/timer-record.ts';
import { TIMER_INDEX, TIMER_SLOTS } from './timer-slots.ts';

/** All keys whose timer is at or before `nowMs`. */
export async function dueKeys(client: DynamoDBClient, table: string, nowMs: number): Promise<DueKey[]> {
  const slots = await Promise.all(Array.from({ length: TIMER_SLOTS }, (_, slot) => dueKeysOfSlot(client, table, slot, nowMs)));
  return slots.flat();
}

async function dueKeysOfSlot(client: DynamoDBClient, table: string, slot: number, nowMs: number): Promise<DueKey[]> {
  const due: DueKey[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: TIMER_INDEX,
        KeyConditionExpression: 'timerSlot = :slot AND timerAt <= :now',
        ExpressionAttributeValues: { ':slot': { N: String(slot) }, ':now': { N: String(nowMs) } },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    for (const item of page.Items ?? []) {
      const [source, ...name] = item['key']!.S!.split('#');
      due.push({ source: source as SourceName, name: name.join('#'), dueMs: Number(item['timerAt']!.N) });
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return due;
}
