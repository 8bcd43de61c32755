/** The sparse index of armed timers. */
import { type AttributeValue, type DynamoDBClient, ExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import type { DueKey } from '#domain/timer-record.ts';
import { TIMER_INDEX, TIMER_SLOTS } from './timer-slots.ts';

const SLOTS: AttributeValue[] = Array.from({ length: TIMER_SLOTS }, (_, slot) => ({ N: String(slot) }));

/**
 * All keys whose timer is at or before `nowMs`. One statement asks every slot: nearly always nothing is due, and a query a slot would be
 * most of what a minute costs. IN on the partition key reads just these partitions, it is no scan.
 */
export async function dueKeys(client: DynamoDBClient, table: string, nowMs: number): Promise<DueKey[]> {
  const statement = `SELECT "key", "timerAt" FROM "${table}"."${TIMER_INDEX}" WHERE "timerSlot" IN [${SLOTS.map(() => '?').join(', ')}] AND "timerAt" <= ?`;
  const due: DueKey[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ExecuteStatementCommand({
        Statement: statement,
        Parameters: [...SLOTS, { N: String(nowMs) }],
        ...(next === undefined ? {} : { NextToken: next }),
      }),
    );
    for (const item of page.Items ?? []) {
      const [source, ...name] = item['key']!.S!.split('#');
      due.push({ source: source as SourceName, name: name.join('#'), dueMs: Number(item['timerAt']!.N) });
    }
    next = page.NextToken;
  } while (next !== undefined);
  return due;
}
