/** Reading the archive's index: which event days there are, and what each is made of. */
import { type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { IndexedObject } from '#domain/publication.ts';
import type { SourceName } from '#domain/settings.ts';
import { INDEX_PARTITIONS } from './archive-index.ts';

export class ArchiveDays {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * Each event day of a source that has rows → its marker, ascending. A marker that changed says that rows of the day may have; who wants
   * to know reads the marker first and the objects second.
   */
  async markers(source: SourceName): Promise<Map<string, string>> {
    const markers = new Map<string, string>();
    for await (const items of this.#pages(INDEX_PARTITIONS.days(source))) {
      for (const item of items) markers.set(item['object']!.S!, item['marker']!.S!);
    }
    return markers;
  }

  /** The objects that hold rows of an event day, by key. */
  async objects(source: SourceName, day: string): Promise<IndexedObject[]> {
    const objects: IndexedObject[] = [];
    for await (const items of this.#pages(INDEX_PARTITIONS.day(source, day))) {
      objects.push(...items.map((item) => ({ key: item['object']!.S!, rows: Number(item['rows']!.N) })));
    }
    return objects;
  }

  /** The first key among the objects of an event day, thus of the first arrival day; null when there is none. */
  async firstObject(source: SourceName, day: string): Promise<string | null> {
    const query = { ...this.#query(INDEX_PARTITIONS.day(source, day)), Limit: 1 };
    const { Items = [] } = await this.#client.send(new QueryCommand(query));
    return Items[0]?.['object']?.S ?? null;
  }

  async *#pages(lane: string) {
    for await (const { Items = [] } of paginateQuery({ client: this.#client }, this.#query(lane))) yield Items;
  }

  #query(lane: string) {
    return {
      TableName: this.#table,
      KeyConditionExpression: 'lane = :lane',
      ExpressionAttributeValues: { ':lane': { S: lane } },
      ConsistentRead: true,
    };
  }
}
