/** What reconciliation found of each published day: one item a source and day of the batch table. */
import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import type { DayGeneration } from './day-rows.ts';

export interface DriftRecord {
  readonly checkedMs: number;
  /** Keys that either layer has the day of. */
  readonly keys: number;
  readonly differing: number;
  /** Events that one layer counts and the other does not. */
  readonly difference: number;
  /** Of these, how many have a reason. */
  readonly explained: number;
  /** Reason → events, `UNEXPLAINED` among them. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Keys with a difference of which no reason is known, in count or in value. */
  readonly unexplainedKeys: number;
}

/** Of which generation a day was checked, and whether something stayed unexplained. */
export interface Checked {
  readonly gen: string;
  readonly unexplainedKeys: number;
}

export class DriftStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Event day → what was checked of it. */
  async checked(source: SourceName): Promise<Map<string, Checked>> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: '#name = :name',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':name': { S: partitionOf(source) } },
        ConsistentRead: true,
      },
    );
    const checked = new Map<string, Checked>();
    for await (const { Items = [] } of pages) {
      for (const { at, gen, unexplainedKeys } of Items) {
        checked.set(at!.S!, { gen: gen!.S!, unexplainedKeys: Number(unexplainedKeys!.N) });
      }
    }
    return checked;
  }

  async put({ source, day, gen }: DayGeneration, drift: DriftRecord): Promise<void> {
    const { checkedMs, keys, differing, difference, explained, reasons, unexplainedKeys } = drift;
    const counts = { checkedMs, keys, differing, difference, explained, unexplainedKeys };
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: {
          name: { S: partitionOf(source) },
          at: { S: day },
          gen: { S: gen },
          ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { N: String(count) }])),
          reasons: { S: JSON.stringify(reasons) },
        },
      }),
    );
  }
}

function partitionOf(source: SourceName): string {
  return `drift#${source}`;
}
