import { DeleteItemCommand, DynamoDBClient, type DynamoDBClientConfig, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

/** Where the symbols stand that are to be heard instead of the configured ones. Every method may reject. */
export interface SymbolStore {
  /** The list as it was written; null when the configured symbols are to be heard. */
  read(): Promise<string | null>;
  /** Puts a list in the place of any other; null takes it away. */
  write(text: string | null): Promise<void>;
  /** Gives up its connections. */
  close(): void;
}

const KEY = { name: { S: 'symbols' } };
const REQUEST_TIMEOUT_MS = 3000;

/** The item `symbols` of the table in which the lease is; region, endpoint and credentials come from the environment as usual, unless `config` says them. */
export function dynamoSymbolStore(table: string, config: DynamoDBClientConfig = {}): SymbolStore {
  const client = new DynamoDBClient({
    ...config,
    requestHandler: { connectionTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  return {
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }));
      return Item === undefined ? null : (Item['symbols']?.S ?? '');
    },
    async write(text) {
      if (text === null) await client.send(new DeleteItemCommand({ TableName: table, Key: KEY }));
      else await client.send(new PutItemCommand({ TableName: table, Item: { ...KEY, symbols: { S: text } } }));
    },
    close: () => client.destroy(),
  };
}
