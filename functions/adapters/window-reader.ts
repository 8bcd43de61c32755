/** Reading the window table: closed windows, each in its newest revision. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import type { WindowOf } from '#domain/key-state.ts';
import type { SourceName } from '#domain/settings.ts';

/** Starts of windows, ms: `fromMs` included, `toMs` excluded. */
export interface StartRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReadingOrder {
  readonly newestFirst?: boolean;
  /** About how many windows a page should have; without it as many as the table gives (1 MB). */
  readonly pageSize?: number;
}

export class WindowReader {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The windows of a key whose start lies in the range, by start, page by page: who has enough stops asking. */
  async *pages<S extends SourceName>(source: S, name: string, range: StartRange, order: ReadingOrder = {}): AsyncGenerator<WindowOf<S>[]> {
    if (range.fromMs >= range.toMs) return;
    const pages = paginateQuery(
      { client: this.#client, ...(order.pageSize ? { pageSize: order.pageSize } : {}) },
      {
        TableName: this.#table,
        KeyConditionExpression: '#key = :key AND #start BETWEEN :from AND :last',
        ExpressionAttributeNames: { '#key': 'key', '#start': 'startMs', '#window': 'window' },
        ExpressionAttributeValues: {
          ':key': { S: stateKey(source, name) },
          ':from': { N: String(range.fromMs) },
          ':last': { N: String(range.toMs - 1) },
        },
        ProjectionExpression: '#window',
        ScanIndexForward: !order.newestFirst,
        ConsistentRead: true,
      },
    );
    for await (const page of pages) yield (page.Items ?? []).map((item) => JSON.parse(item['window']!.S!));
  }
}
