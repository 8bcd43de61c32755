/** Reading the day table: the rows of each key and day that the batch has written, in every generation that is kept. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';

/** Calendar days `YYYY-MM-DD`: `from` included, `to` excluded. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** A row of one generation: who reads it asks `published` whether the generation stands. */
export interface GenerationRow {
  readonly day: string;
  readonly gen: string;
  /** The row of the curated table, with its names. */
  readonly row: Row;
}

export class DayReader {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The rows of a key by day, page by page (1 MB each): who has enough stops asking. */
  async *pages(source: SourceName, name: string, { from, to }: DayRange, newestFirst = false): AsyncGenerator<GenerationRow[]> {
    if (from >= to) return;
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        // A day's rows sort behind the day itself and before the next one.
        KeyConditionExpression: '#key = :key AND #dayGen BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#key': 'key', '#dayGen': 'dayGen', '#row': 'row' },
        ExpressionAttributeValues: { ':key': { S: stateKey(source, name) }, ':from': { S: from }, ':to': { S: to } },
        ProjectionExpression: '#dayGen, #row',
        ScanIndexForward: !newestFirst,
        ConsistentRead: true,
      },
    );
    for await (const page of pages) yield (page.Items ?? []).map((item) => rowOf(item['dayGen']!.S!, item['row']!.S!));
  }
}

function rowOf(dayGen: string, row: string): GenerationRow {
  const hash = dayGen.indexOf('#');
  return { day: dayGen.slice(0, hash), gen: dayGen.slice(hash + 1), row: JSON.parse(row) };
}
