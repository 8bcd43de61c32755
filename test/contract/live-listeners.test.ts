import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveListeners } from '#adapters/live-listeners.ts';
import { startTables, type Tables } from '../support/tables.ts';

describe('whether somebody listens', () => {
  let tables: Tables;
  beforeAll(async () => {
    tables = await startTables();
    await tables.client.send(
      new CreateTableCommand({
        TableName: 'lease',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
      }),
    );
  });
  afterAll(() => tables.close());

  it('is known to who publishes from who gives out addresses: nobody at first, then until when', async () => {
    const listeners = new LiveListeners(tables.client, 'lease');
    expect(await listeners.expectedUntilMs()).toBe(0);
    await listeners.expectUntil(1_780_000_000_123);
    await listeners.expectUntil(1_780_000_900_456);
    expect(await listeners.expectedUntilMs()).toBe(1_780_000_900_456);
  });
});
