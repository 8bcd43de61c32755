/** Reading the archive's index: how far the archive is done with each lane. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import { INDEX_PARTITIONS, type Reached } from './archive-index.ts';

export class ArchiveProgress {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The newest record that the archive is done with, by lane; a lane without any is left out. */
  async reached(source: SourceName): Promise<Map<string, Reached>> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'lane = :lane',
        ExpressionAttributeValues: { ':lane': { S: INDEX_PARTITIONS.reached(source) } },
        ConsistentRead: true,
      },
    );
    const reached = new Map<string, Reached>();
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        const lane = item['object']!.S!;
        reached.set(lane, { lane, position: item['position']!.S!, arrivalMs: Number(item['arrivalMs']!.N) });
      }
    }
    return reached;
  }
}
