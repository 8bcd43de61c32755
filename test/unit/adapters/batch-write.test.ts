import type { BatchWriteItemCommand, DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { deleteItems, type Item, putItems, UnprocessedItemsError } from '#adapters/batch-write.ts';

const itemsOf = (count: number): Item[] => Array.from({ length: count }, (_, index) => ({ key: { S: `k${index}` } }));

/** A table that leaves undone what `undone` says of a request; remembers requests and pauses. */
function tableOf(undone: (requests: WriteRequest[], call: number) => WriteRequest[]) {
  const requests: WriteRequest[][] = [];
  const pausesMs: number[] = [];
  const client = {
    async send({ input }: BatchWriteItemCommand) {
      const writes = input.RequestItems!['t']!;
      requests.push(writes);
      const left = undone(writes, requests.length);
      return left.length === 0 ? {} : { UnprocessedItems: { t: left } };
    },
  } as unknown as DynamoDBClient;
  return { client, requests, pausesMs, pause: async (ms: number) => void pausesMs.push(ms) };
}

describe('items in batches', () => {
  it('are all written once, at most 25 a request', async () => {
    const table = tableOf(() => []);
    await putItems(table.client, 't', itemsOf(51), table.pause);
    expect(table.requests.map(({ length }) => length)).toEqual([25, 25, 1]);
    expect(table.requests.flat().map(({ PutRequest }) => PutRequest!.Item)).toEqual(itemsOf(51));
    await putItems(table.client, 't', [], table.pause);
    await deleteItems(table.client, 't', itemsOf(1), table.pause);
    expect(table.requests[3]).toEqual([{ DeleteRequest: { Key: { key: { S: 'k0' } } } }]);
    expect(table.requests).toHaveLength(4);
  });

  it('that were left undone are written again, after growing pauses while nothing moves', async () => {
    const table = tableOf((writes, call) => (call === 1 ? writes.slice(1) : call < 4 ? writes : []));
    await putItems(table.client, 't', itemsOf(3), table.pause);
    expect(table.requests.map(({ length }) => length)).toEqual([3, 2, 2, 2]);
    expect(table.pausesMs).toEqual([25, 50, 100]);
  });

  it('are given up when nothing moves for six requests', async () => {
    const table = tableOf((writes) => writes);
    await expect(putItems(table.client, 't', itemsOf(2), table.pause)).rejects.toThrow(UnprocessedItemsError);
    expect(table.requests).toHaveLength(6);
  });
});
