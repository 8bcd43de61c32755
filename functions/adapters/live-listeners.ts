/** Whether a page may be listening: who gives out an address says so, who publishes asks. Without listeners nothing is published. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

/** The item of the table of small agreements (the feed's lease is another one). */
const KEY = { name: { S: 'listeners' } };

export class LiveListeners {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Somebody may listen until then, ms since the epoch; what was said before ends earlier. */
  async expectUntil(untilMs: number): Promise<void> {
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item: { ...KEY, untilMs: { N: String(untilMs) } } }));
  }

  /** Until when somebody may listen, ms since the epoch; 0 when nobody ever did. */
  async expectedUntilMs(): Promise<number> {
    const { Item: item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: KEY }));
    return Number(item?.['untilMs']?.N ?? 0);
  }
}
