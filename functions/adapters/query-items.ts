import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** The first `limit` items (1 or more) of a query, after the key `after`, over as many pages as it takes. */
export async function queryItems(
  client: DynamoDBClient,
  input: Omit<QueryCommandInput, 'Limit' | 'ExclusiveStartKey'>,
  limit: number,
  after?: Item,
): Promise<Item[]> {
  const items: Item[] = [];
  let startKey = after;
  do {
    const page = { Limit: limit - items.length, ...(startKey ? { ExclusiveStartKey: startKey } : {}) };
    const answer: QueryCommandOutput = await client.send(new QueryCommand({ ...input, ...page } as QueryCommandInput));
    items.push(...(answer.Items ?? []));
    startKey = answer.LastEvaluatedKey;
  } while (startKey && items.length < limit);
  return items;
}
