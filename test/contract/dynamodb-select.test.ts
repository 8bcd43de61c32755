/** SELECT by PartiQL, as the timers ask their index: several partitions in one request, pages, and no scan. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoEngine } from '../../local/engines/dynamodb/engine.ts';
import { startDynamoServer } from '../../local/engines/dynamodb/server.ts';

/** Another DynamoDB to hold to the same contract. */
const remote = process.env['CONTRACT_DYNAMODB_URL'];
const TABLE = 'select-contract';
const FROM = `FROM "${TABLE}"."by-slot"`;
const N = (value: number) => ({ N: String(value) });
const S = (value: string) => ({ S: value });

let client: DynamoDBClient;
let close = async (): Promise<void> => undefined;

beforeAll(async () => {
  let endpoint = remote;
  if (endpoint === undefined) {
    const engine = new DynamoEngine(null, () => Date.now());
    const server = await startDynamoServer(engine, (error) => {
      throw error;
    });
    endpoint = server.url;
    close = async () => {
      await server.close();
      engine.close();
    };
  }
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const attribute = (AttributeName: string, AttributeType: 'S' | 'N') => ({ AttributeName, AttributeType });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [attribute('key', 'S'), attribute('slot', 'N'), attribute('at', 'N')],
      KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-slot',
          KeySchema: [
            { AttributeName: 'slot', KeyType: 'HASH' },
            { AttributeName: 'at', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: TABLE });
  for (let number = 0; number < 12; number++) {
    const item = { key: S(`k${number}`), slot: N(number % 4), at: N(100 + number), other: S('not in the index') };
    await client.send(new PutItemCommand({ TableName: TABLE, Item: item }));
  }
  await client.send(new PutItemCommand({ TableName: TABLE, Item: { key: S('not armed') } }));
});

afterAll(async () => {
  await client.send(new DeleteTableCommand({ TableName: TABLE }));
  client.destroy();
  await close();
});

const ask = (Statement: string, Parameters: ExecuteStatementCommandInput['Parameters'], more: Partial<ExecuteStatementCommandInput> = {}) =>
  client.send(new ExecuteStatementCommand({ Statement, Parameters, ...more }));

async function keysOf(statement: string, parameters: ExecuteStatementCommandInput['Parameters'], limit?: number): Promise<string[][]> {
  const pages: string[][] = [];
  let next: string | undefined;
  do {
    const page = await ask(statement, parameters, { ...(limit && { Limit: limit }), ...(next && { NextToken: next }) });
    pages.push(page.Items!.map((item) => item['key']!.S!));
    next = page.NextToken;
  } while (next !== undefined);
  return pages;
}

async function refusal(statement: string, parameters: ExecuteStatementCommandInput['Parameters'], more = {}): Promise<string> {
  return ask(statement, parameters, more).then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('a SELECT', () => {
  it('finds the items of several partitions within a bound of the sort key', async () => {
    const [found] = await keysOf(`SELECT "key" ${FROM} WHERE "slot" IN [?, ?, ?] AND "at" <= ?`, [N(0), N(3), N(9), N(107)]);
    expect(found!.sort()).toEqual(['k0', 'k3', 'k4', 'k7']);
  });

  it.each([
    ['<', ['k0', 'k4']],
    ['<=', ['k0', 'k4', 'k8']],
    ['=', ['k8']],
    ['>=', ['k8']],
    ['>', []],
  ])('compares the sort key by %s', async (comparator, expected) => {
    expect((await keysOf(`SELECT * ${FROM} WHERE slot = ? AND "at" ${comparator} ?`, [N(0), N(108)])).flat()).toEqual(expected);
  });

  it('answers with what the index has of an item, or with the attributes named', async () => {
    const all = await ask(`SELECT * ${FROM} WHERE "slot" IN [?] AND "at" = ?`, [N(1), N(101)]);
    expect(all.Items).toEqual([{ key: S('k1'), slot: N(1), at: N(101) }]);
    const named = await ask(`SELECT "at" ${FROM} WHERE "slot" IN (?) AND "at" = ?`, [N(1), N(101)]);
    expect(named.Items).toEqual([{ at: N(101) }]);
    const item = await ask(`SELECT * FROM "${TABLE}" WHERE "key" = ?`, [S('k1')]);
    expect(item.Items).toEqual([{ key: S('k1'), slot: N(1), at: N(101), other: S('not in the index') }]);
  });

  it.each([1, 2, 5, 12, 13])('gives every item once in pages of %i, over the partitions', async (limit) => {
    const pages = await keysOf(`SELECT "key", slot ${FROM} WHERE "slot" IN [?, ?, ?, ?]`, [N(2), N(0), N(1), N(3)], limit);
    expect(pages.every((page) => page.length <= limit)).toBe(true);
    expect(pages.flat().sort()).toEqual(Array.from({ length: 12 }, (_, number) => `k${number}`).sort());
  });

  it('without a matching item has none, and no further page', async () => {
    expect(await keysOf(`SELECT * ${FROM} WHERE "slot" IN [?, ?] AND "at" < ?`, [N(0), N(1), N(100)])).toEqual([[]]);
  });
});

describe('a SELECT is refused', () => {
  it.each([
    [
      'with another number of parameters',
      `SELECT * ${FROM} WHERE slot = ?`,
      [],
      "Number of parameters in request and statement don't match.",
    ],
    [
      'on an index that is not there',
      `SELECT * FROM "${TABLE}"."nope" WHERE slot = ?`,
      [N(1)],
      'The table does not have the specified index: nope',
    ],
    [
      'for an attribute that the index does not hold',
      `SELECT "other" ${FROM} WHERE slot = ?`,
      [N(1)],
      'One or more parameter values were invalid: Global secondary index by-slot does not project [other]',
    ],
    [
      'for a key of another type',
      `SELECT * ${FROM} WHERE slot = ?`,
      [S('1')],
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    ],
  ])('%s', async (_, statement, parameters, message) => {
    expect(await refusal(statement, parameters)).toBe(`ValidationException: ${message}`);
  });

  it('from a table that is not there', async () => {
    expect(await refusal('SELECT * FROM "nobody" WHERE slot = ?', [N(1)])).toMatch(/^ResourceNotFoundException: /);
  });

  it.runIf(remote === undefined).each([
    ['without a partition key: that would be a scan', `SELECT * ${FROM} WHERE "at" = ?`, [N(1)], /one equality or IN on the partition key/],
    ['with a range of partition keys', `SELECT * ${FROM} WHERE slot < ?`, [N(1)], /one equality or IN on the partition key/],
    [
      'with a condition on another attribute',
      `SELECT * ${FROM} WHERE slot = ? AND "other" = ?`,
      [N(1), S('x')],
      /one comparison of the sort key/,
    ],
    ['with a partition twice', `SELECT * ${FROM} WHERE slot IN [?, ?]`, [N(1), N(1)], /has a value twice/],
    [
      'with 51 partitions',
      `SELECT * ${FROM} WHERE slot IN [${Array(51).fill('?')}]`,
      Array.from({ length: 51 }, (_, n) => N(n)),
      /at most 50 values/,
    ],
    ['with a value in its text', `SELECT * ${FROM} WHERE slot = 1`, undefined, /only parameters/],
    ['without WHERE', `SELECT * ${FROM}`, undefined, /Syntax error/],
  ])('here %s', async (_, statement, parameters, message) => {
    expect(await refusal(statement, parameters)).toMatch(message);
  });

  it.runIf(remote === undefined).each(['x', 'WzAsMV0', Buffer.from('[7,"a","b","c"]').toString('base64url')])(
    'with a NextToken of something else: %s',
    async (token) => {
      expect(await refusal(`SELECT * ${FROM} WHERE slot = ?`, [N(1)], { NextToken: token })).toMatch(
        /^ValidationException: Invalid NextToken/,
      );
    },
  );

  it('as a consistent read of an index', async () => {
    const message = 'ValidationException: Consistent reads are not supported on global secondary indexes';
    expect(await refusal(`SELECT * ${FROM} WHERE slot = ?`, [N(1)], { ConsistentRead: true })).toBe(message);
  });
});
