import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';

export interface LeaseItem {
  /** For people. */
  readonly holder: string;
  /** Tells holders apart. */
  readonly session: string;
  /** Another value with each renewal: when the lease ends by its holder's clock unless it is renewed, ms since the epoch. */
  readonly expiresMs: number;
}

/** Where the one lease is kept. Every method may reject, and then nothing is known of what it did. */
export interface LeaseStore {
  /** null when nobody holds it. */
  read(): Promise<LeaseItem | null>;
  /** Puts `item` in the place of exactly `expected` (null: of nothing); false when something else is there. */
  replace(expected: LeaseItem | null, item: LeaseItem): Promise<boolean>;
  /** Puts `item` in the place of one of the same session; false when that is not there. */
  renew(item: LeaseItem): Promise<boolean>;
  /** Makes it free, if it is this session's. */
  remove(session: string): Promise<void>;
  /** Gives up its connections. */
  close(): void;
}

/** The only lease there is so far. */
const KEY = { name: { S: 'feed' } };
const REQUEST_TIMEOUT_MS = 3000;
const IS_SESSION = '#session = :session';

/** The item `feed` of a DynamoDB table; region, endpoint and credentials come from the environment as usual, unless `config` says them. */
export function dynamoLeaseStore(table: string, config: DynamoDBClientConfig = {}): LeaseStore {
  const client = new DynamoDBClient({
    ...config,
    // Who asks for the lease asks again by itself, and counts the time from its own request.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const put = (
    { holder, session, expiresMs }: LeaseItem,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>,
  ): Promise<boolean> => {
    const Item = { ...KEY, holder: { S: holder }, session: { S: session }, expiresMs: { N: String(expiresMs) } };
    return holds(client.send(new PutItemCommand({ TableName: table, Item, ...condition })));
  };
  return {
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }));
      return Item ? { holder: Item['holder']!.S!, session: Item['session']!.S!, expiresMs: Number(Item['expiresMs']!.N) } : null;
    },
    replace: (expected, item) =>
      put(
        item,
        expected === null
          ? { ConditionExpression: 'attribute_not_exists(#session)', ExpressionAttributeNames: { '#session': 'session' } }
          : {
              ConditionExpression: `${IS_SESSION} AND expiresMs = :expires`,
              ExpressionAttributeNames: { '#session': 'session' },
              ExpressionAttributeValues: { ':session': { S: expected.session }, ':expires': { N: String(expected.expiresMs) } },
            },
      ),
    renew: (item) => put(item, isSession(item.session)),
    async remove(session) {
      await holds(client.send(new DeleteItemCommand({ TableName: table, Key: KEY, ...isSession(session) })));
    },
    close: () => client.destroy(),
  };
}

function isSession(session: string) {
  return {
    ConditionExpression: IS_SESSION,
    ExpressionAttributeNames: { '#session': 'session' },
    ExpressionAttributeValues: { ':session': { S: session } },
  };
}

/** Whether the condition of a write held. */
async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
