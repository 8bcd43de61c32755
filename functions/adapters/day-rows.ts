/** Writing the day table: the rows of one generation of an event day, for the API. Reading belongs to day-reader.ts. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import { deleteItems, putItems } from './batch-write.ts';

export interface DayGeneration {
  readonly source: SourceName;
  /** Event day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly gen: string;
}

export class DayRows {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #pause: (ms: number) => Promise<unknown>;

  /** `pause` is waited for before what a throttled table left undone is tried again. */
  constructor(client: DynamoDBClient, table: string, pause: (ms: number) => Promise<unknown>) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
  }

  /** Writes the row of each key (symbol or sensor id). Resolved = all of them are durable; the same again changes nothing. */
  put(generation: DayGeneration, rows: ReadonlyMap<string, Row>): Promise<void> {
    const items = [...rows].map(([name, row]) => ({ ...keyOf(generation, name), row: { S: JSON.stringify(row) } }));
    return putItems(this.#client, this.#table, items, this.#pause);
  }

  /** Removes the rows of these keys. */
  remove(generation: DayGeneration, names: readonly string[]): Promise<void> {
    const keys = names.map((name) => keyOf(generation, name));
    return deleteItems(this.#client, this.#table, keys, this.#pause);
  }
}

function keyOf({ source, day, gen }: DayGeneration, name: string) {
  return { key: { S: stateKey(source, name) }, dayGen: { S: `${day}#${gen}` } };
}
