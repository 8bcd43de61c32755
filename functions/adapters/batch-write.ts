/** Items written or deleted without a condition, 25 a request. */
import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { forEachLimited } from './concurrency.ts';

export type Item = Record<string, AttributeValue>;

const ITEMS_A_REQUEST = 25;
const REQUESTS_IN_FLIGHT = 8;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 25;

/** The table kept on leaving writes undone: it is throttled. */
export class UnprocessedItemsError extends Error {
  override name = 'UnprocessedItemsError';
}

/**
 * Puts the items, no two of one key, in any order. Resolved = all of them are durable. What a throttled table leaves undone is
 * tried again after a `pause`. Throws UnprocessedItemsError; some of the items may be in the table then.
 */
export function putItems(
  client: DynamoDBClient,
  table: string,
  items: readonly Item[],
  pause: (ms: number) => Promise<unknown>,
): Promise<void> {
  return writeAll(
    client,
    table,
    items.map((Item) => ({ PutRequest: { Item } })),
    pause,
  );
}

/** Deletes the items of the keys, no key twice; one that is not there is none. Throws as `putItems` does. */
export function deleteItems(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  pause: (ms: number) => Promise<unknown>,
): Promise<void> {
  return writeAll(
    client,
    table,
    keys.map((Key) => ({ DeleteRequest: { Key } })),
    pause,
  );
}

function writeAll(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
  pause: (ms: number) => Promise<unknown>,
): Promise<void> {
  const starts = Array.from({ length: Math.ceil(requests.length / ITEMS_A_REQUEST) }, (_, index) => index * ITEMS_A_REQUEST);
  return forEachLimited(starts, REQUESTS_IN_FLIGHT, async (start) => {
    let open = requests.slice(start, start + ITEMS_A_REQUEST);
    for (let attempt = 1; open.length > 0; attempt++) {
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: open } }));
      const undone = answer.UnprocessedItems?.[table] ?? [];
      if (undone.length < open.length) attempt = 0;
      else if (attempt === ATTEMPTS) throw new UnprocessedItemsError(`${table}: ${undone.length} writes undone after ${attempt} attempts`);
      open = undone;
      if (open.length > 0) await pause(FIRST_PAUSE_MS * 2 ** attempt);
    }
  });
}
