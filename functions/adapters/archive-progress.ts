/** Reading the archive's index: how far the archive of each lane has come. */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';

export class ArchiveProgress {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Newest arrival in the newest object of a lane, ms since the epoch; null when nothing of the lane is archived. */
  async archivedThroughMs(source: SourceName, lane: string): Promise<number | null> {
    const answer = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'lane = :lane',
        ExpressionAttributeValues: { ':lane': { S: `${source}#${lane}` } },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    const newest = answer.Items?.[0]?.['lastArrivalMs']?.N;
    return newest === undefined ? null : Number(newest);
  }
}
