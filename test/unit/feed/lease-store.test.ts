import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoLeaseStore, type LeaseStore } from '../../../feed/lease-store.ts';
import { dynamoSymbolStore } from '../../../feed/symbol-store.ts';
import { type DynamoDb, startDynamoDb } from '../../../local/runtime/dynamodb.ts';

let dynamodb: DynamoDb;
let store: LeaseStore;
const A = { holder: 'host a', session: 'a', expiresMs: 1000 };
const B = { holder: 'host b', session: 'b', expiresMs: 1000 };

function storeOf(table: string): LeaseStore {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return dynamoLeaseStore(table, { endpoint: dynamodb.url, region: 'us-east-1', credentials });
}

beforeAll(async () => {
  dynamodb = await startDynamoDb(null, (error) => {
    throw error;
  });
  await dynamodb.call('CreateTable', {
    TableName: 'lease',
    AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  store = storeOf('lease');
});

afterAll(async () => {
  store.close();
  await dynamodb.stop();
});

describe('The lease in a table', () => {
  it('is written only in the place of what was expected there', async () => {
    expect(await store.read()).toBeNull();
    expect(await store.replace(A, B)).toBe(false);
    expect(await store.renew(A)).toBe(false);
    expect(await store.replace(null, A)).toBe(true);
    expect(await store.read()).toEqual(A);
    expect(await store.replace(null, B)).toBe(false);
    expect(await store.renew(B)).toBe(false);
    expect(await store.renew({ ...A, expiresMs: 2000 })).toBe(true);
    // Renewed meanwhile: what was seen is not there any more.
    expect(await store.replace(A, B)).toBe(false);
    expect(await store.replace({ ...A, expiresMs: 2000 }, B)).toBe(true);
    await store.remove('a');
    expect(await store.read()).toEqual(B);
    await store.remove('b');
    expect(await store.read()).toBeNull();
  });

  it('passes on what the table complains of', async () => {
    const nowhere = storeOf('nowhere');
    await expect(nowhere.read()).rejects.toThrow(/resource|table/i);
    await expect(nowhere.replace(null, A)).rejects.toThrow(/resource|table/i);
    nowhere.close();
  });
});

describe('The symbols in the same table', () => {
  it('are those written last, and none once they are taken away; the lease is left alone', async () => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const symbols = dynamoSymbolStore('lease', { endpoint: dynamodb.url, region: 'us-east-1', credentials });
    const lease = await store.read();
    expect(await symbols.read()).toBeNull();
    await symbols.write('A,B');
    await symbols.write('C');
    expect(await symbols.read()).toBe('C');
    expect(await store.read()).toEqual(lease);
    await symbols.write(null);
    expect(await symbols.read()).toBeNull();
    symbols.close();
  });
});
