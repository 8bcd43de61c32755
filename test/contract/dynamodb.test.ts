/** What every DynamoDB endpoint must do, seen through the stock SDK client. CONTRACT_DYNAMODB_URL runs it against another endpoint. */
import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoEngine } from '../../local/engines/dynamodb/engine.ts';
import { startDynamoServer } from '../../local/engines/dynamodb/server.ts';

type Item = Record<string, AttributeValue>;

const remote = process.env['CONTRACT_DYNAMODB_URL'];
const TABLE = `contract-${process.pid}`;
const HASH_ONLY = `${TABLE}-hash`;
const BINARY = `${TABLE}-binary`;
let client: DynamoDBClient;
let close = async () => {};

const attribute = (AttributeName: string, AttributeType: 'S' | 'N' | 'B') => ({ AttributeName, AttributeType });
const keys = (...names: string[]) =>
  names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const) }));
const TABLES: CreateTableCommandInput[] = [
  {
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [attribute('pk', 'S'), attribute('sk', 'N'), attribute('slot', 'N'), attribute('tag', 'S')],
    KeySchema: keys('pk', 'sk'),
    GlobalSecondaryIndexes: [
      { IndexName: 'by-tag', KeySchema: keys('tag', 'sk'), Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'by-slot', KeySchema: keys('slot'), Projection: { ProjectionType: 'KEYS_ONLY' } },
      {
        IndexName: 'by-slot-and-tag',
        KeySchema: keys('slot', 'tag'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kept'] },
      },
    ],
  },
  { TableName: HASH_ONLY, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [attribute('id', 'S')], KeySchema: keys('id') },
  {
    TableName: BINARY,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [attribute('pk', 'S'), attribute('sk', 'B')],
    KeySchema: keys('pk', 'sk'),
  },
];

beforeAll(async () => {
  const options = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  if (remote === undefined) {
    const engine = new DynamoEngine(null, () => Date.now());
    const server = await startDynamoServer(engine, (error) => {
      throw error;
    });
    client = new DynamoDBClient({ endpoint: server.url, ...options });
    close = async () => {
      await server.close();
      engine.close();
    };
  } else client = new DynamoDBClient({ endpoint: remote, ...options });
  for (const table of TABLES) {
    await client.send(new CreateTableCommand(table));
    await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: table.TableName! });
  }
});

afterAll(async () => {
  for (const { TableName } of TABLES) await client.send(new DeleteTableCommand({ TableName }));
  client.destroy();
  await close();
});

const put = (Item: Item, more: Partial<PutItemCommandInput> = {}) => client.send(new PutItemCommand({ TableName: TABLE, Item, ...more }));
const get = async (pk: string, sk: number, more = {}) => {
  const Key = { pk: { S: pk }, sk: { N: String(sk) } };
  return (await client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true, ...more }))).Item;
};
const update = (pk: string, sk: number, more: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName: TABLE, Key: { pk: { S: pk }, sk: { N: String(sk) } }, ...more }));
const query = (more: Partial<QueryCommandInput>) => client.send(new QueryCommand({ TableName: TABLE, ...more }));
const item = (pk: string, sk: number | string, more: Item = {}): Item => ({ pk: { S: pk }, sk: { N: String(sk) }, ...more });

/** Name and message of the error that the request ends with. */
async function refusal(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

/** Range keys that a key condition finds, over all pages of at most `limit`. */
async function rangeKeys(condition: string, values: Item, more: Partial<QueryCommandInput> = {}): Promise<string[]> {
  const found: string[] = [];
  let start: Item | undefined;
  do {
    const page = await query({
      KeyConditionExpression: condition,
      ExpressionAttributeValues: values,
      ...more,
      ...(start && { ExclusiveStartKey: start }),
    });
    found.push(...(page.Items ?? []).map((each) => each['sk']!.N!));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}

describe('A table', () => {
  it('gives back every type of value as it was put', async () => {
    const values: Item = {
      text: { S: 'Grüße "\\\u0000\u2028 😀' },
      none: { S: '' },
      number: { N: '-12.5' },
      bytes: { B: Uint8Array.from([0, 255, 10]) },
      yes: { BOOL: true },
      no: { BOOL: false },
      nothing: { NULL: true },
      map: { M: { inner: { L: [{ N: '1' }, { S: 'x' }, { M: {} }] } } },
      texts: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2.5'] },
      blobs: { BS: [Uint8Array.from([1]), Uint8Array.from([2])] },
    };
    await put(item('types', 1, values));
    expect(await get('types', 1)).toEqual(item('types', 1, values));
    expect(await get('types', 2)).toBeUndefined();
  });

  it('keeps long texts, whatever is done beside them, and gives them back as they were', async () => {
    const long = (letter: string) => ({ S: `"${letter.repeat(5000)}"` });
    const all = item('long', 1, { a: long('a'), b: long('b'), c: long('c'), d: long('d'), v: { N: '1' }, t: { S: 'short' } });
    await put(all);
    expect(await get('long', 1)).toEqual(all);
    const found = await query({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'long' } } });
    expect(found.Items).toEqual([all]);
    const removed = await update('long', 1, {
      UpdateExpression: 'SET v = :two, b = a REMOVE d',
      ConditionExpression: 'c = :c AND begins_with(a, :quote)',
      ExpressionAttributeValues: { ':two': { N: '2' }, ':c': long('c'), ':quote': { S: '"a' } },
      ReturnValues: 'ALL_OLD',
    });
    expect(removed.Attributes).toEqual(all);
    const { d: _, ...rest }: Item = all;
    const after = { ...rest, v: { N: '2' }, b: long('a') };
    expect(await get('long', 1)).toEqual(after);
    const statement = { Statement: `UPDATE "${TABLE}" SET a = ? REMOVE c WHERE pk = ? AND sk = ? AND v = ?` };
    await client.send(new ExecuteStatementCommand({ ...statement, Parameters: [{ S: 'x' }, { S: 'long' }, { N: '1' }, { N: '2' }] }));
    const { c: __, ...last }: Item = { ...after, a: { S: 'x' } };
    const replaced = await put(item('long', 1, { a: long('z') }), { ReturnValues: 'ALL_OLD' });
    expect(replaced.Attributes).toEqual(last);
    const deleted = await client.send(new DeleteItemCommand({ TableName: TABLE, Key: item('long', 1), ReturnValues: 'ALL_OLD' }));
    expect(deleted.Attributes).toEqual(item('long', 1, { a: long('z') }));
  });

  it('knows names that objects inherit as any other', async () => {
    const odd = { constructor: { S: 'a' }, toString: { S: 'b' } } as unknown as Item;
    await put(item('inherited', 1));
    const condition = { ConditionExpression: 'attribute_not_exists(#c)', ExpressionAttributeNames: { '#c': 'constructor' } };
    await put(item('inherited', 1, odd), condition);
    expect(await get('inherited', 1)).toEqual(item('inherited', 1, odd));
    expect(await refusal(put(item('inherited', 1), condition))).toContain('ConditionalCheckFailedException');
  });

  it('keeps a number by its value, 38 digits of it, in one form', async () => {
    const digits = '12345678901234567890123456789012345678';
    const numbers: [sent: string, kept: string][] = [
      ['1.50', '1.5'],
      ['1e3', '1000'],
      ['-0', '0'],
      ['007', '7'],
      ['+.5', '0.5'],
      [digits, digits],
      [`-0.${digits}`, `-0.${digits}`],
      ['1E-130', `0.${'0'.repeat(129)}1`],
      ['9.9e125', `99${'0'.repeat(124)}`],
    ];
    for (const [sent, kept] of numbers) {
      await put(item('numbers', 1, { n: { N: sent } }));
      expect((await get('numbers', 1))?.['n']).toEqual({ N: kept });
    }
    const put1 = (N: string) => refusal(put(item('numbers', 2, { n: { N } })));
    expect(await put1(`${digits}9`)).toBe('ValidationException: Attempting to store more than 38 significant digits in a Number');
    expect(await put1('1e126')).toContain('Number overflow');
    expect(await put1('1e-131')).toContain('Number underflow');
    for (const none of ['1x', 'NaN', '', '0x10', '1e', '--1']) expect(await put1(none)).toContain('cannot be converted to a numeric value');
  });

  it('refuses an item without its key, with a key of another type, and empty keys', async () => {
    expect(await refusal(put({ pk: { S: 'a' } }))).toBe(
      'ValidationException: One or more parameter values were invalid: Missing the key sk in the item',
    );
    expect(await refusal(put({ pk: { S: 'a' }, sk: { S: '1' } }))).toBe(
      'ValidationException: One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S',
    );
    expect(await refusal(put(item('', 1)))).toContain('cannot contain an empty string value. Key: pk');
    expect(await refusal(put(item('a', 1, { tag: { S: '' } })))).toContain('IndexName: by-tag, IndexKey: tag');
    expect(await refusal(put(item('a', 1, { slot: { S: 'x' } })))).toContain('Type mismatch for Index Key slot Expected: N Actual: S');
    expect(await refusal(put(item('x'.repeat(2049), 1)))).toContain('2048 bytes');
    expect(await refusal(put(item('x'.repeat(2048), 1)))).toBe('no error');
    const Key = { pk: { S: 'a' } };
    expect(await refusal(client.send(new GetItemCommand({ TableName: TABLE, Key })))).toBe(
      'ValidationException: The provided key element does not match the schema',
    );
    expect(await refusal(client.send(new GetItemCommand({ TableName: HASH_ONLY, Key: { id: { S: '' } } })))).toContain(
      'empty string value',
    );
  });

  it('takes an item of exactly 400 KB and refuses one byte more', async () => {
    const names = 'pk'.length + 'sk'.length + 'text'.length;
    const room = 400 * 1024 - names - 'large'.length - 2;
    const large = (bytes: number) => item('large', 1, { text: { S: 'x'.repeat(bytes) } });
    expect(await refusal(put(large(room)))).toBe('no error');
    expect(await refusal(put(large(room + 1)))).toBe('ValidationException: Item size has exceeded the maximum allowed size');
    const grow = update('large', 1, { UpdateExpression: 'SET more = :x', ExpressionAttributeValues: { ':x': { S: 'x' } } });
    expect(await refusal(grow)).toBe('ValidationException: Item size to update has exceeded the maximum allowed size');
  });

  it('writes on a condition, and says what was there when asked', async () => {
    const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };
    await put(item('condition', 1, { v: { N: '1' } }), isNew);
    expect(await refusal(put(item('condition', 1), isNew))).toBe('ConditionalCheckFailedException: The conditional request failed');
    const failed = await put(item('condition', 1), { ...isNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }).catch((error) => error);
    expect(failed.Item).toEqual(item('condition', 1, { v: { N: '1' } }));
    const { Attributes } = await put(item('condition', 1, { v: { N: '2' } }), { ReturnValues: 'ALL_OLD' });
    expect(Attributes).toEqual(item('condition', 1, { v: { N: '1' } }));
    const Key = item('condition', 1);
    const remove = (value: string) =>
      client.send(
        new DeleteItemCommand({
          TableName: TABLE,
          Key,
          ConditionExpression: 'v = :v',
          ExpressionAttributeValues: { ':v': { N: value } },
          ReturnValues: 'ALL_OLD',
        }),
      );
    expect(await refusal(remove('1'))).toContain('ConditionalCheckFailedException');
    expect((await remove('2.0')).Attributes).toEqual(item('condition', 1, { v: { N: '2' } }));
    expect(await get('condition', 1)).toBeUndefined();
  });

  it.each([
    ['n = :ten', true],
    ['n <> :ten', false],
    ['n < :nine', false],
    ['n > :nine', true],
    ['n >= :ten AND n <= :ten', true],
    ['t = :ten', false],
    ['t <> :ten', true],
    ['t < :ten OR t > :ten', false],
    ['absent = :ten', false],
    ['absent <> :ten', true],
    ['absent < :ten', false],
    ['NOT absent < :ten', true],
    ['n BETWEEN :nine AND :ten', true],
    ['NOT n BETWEEN :nine AND :ten', false],
    ['n IN (:nine, :ten)', true],
    ['t IN (:nine, :ten)', false],
    ['(n = :nine OR n = :ten) AND NOT (n = :nine)', true],
    ['n = :nine AND n = :ten OR n = :ten', true],
    ['n = :ten AND (n = :nine OR n = :nine)', false],
    ['begins_with(t, :te)', true],
    ['begins_with(n, :te)', false],
    ['contains(t, :xt)', true],
    ['contains(l, :ten)', true],
    ['contains(l, :nine)', false],
    ['attribute_exists(t) AND attribute_not_exists(absent)', true],
    ['attribute_type(l, :L)', true],
    ['size(t) = :four', true],
    ['size(l) < :four', true],
    ['size(n) > :nine', false],
    ['size(absent) < :four', false],
    ['m = :m', true],
    ['s = :s', true],
    ['n = same', true],
    ['attribute_exists(t)and n=:ten', true],
  ])('decides whether %s holds', async (condition, expected) => {
    const list: AttributeValue = { L: [{ S: 'x' }, { N: '10' }] };
    const map: AttributeValue = { M: { a: { N: '1' }, b: { BOOL: true } } };
    const values: Item = {
      ':nine': { N: '9' },
      ':ten': { N: '10' },
      ':four': { N: '4' },
      ':te': { S: 'te' },
      ':xt': { S: 'xt' },
      ':L': { S: 'L' },
      ':m': { M: { b: { BOOL: true }, a: { N: '1.0' } } },
      ':s': { SS: ['b', 'a'] },
    };
    const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(condition));
    await put(item('operators', 1, { n: { N: '10' }, same: { N: '10' }, t: { S: 'text' }, l: list, m: map, s: { SS: ['a', 'b'] } }));
    const outcome = await refusal(
      update('operators', 1, {
        UpdateExpression: 'REMOVE never',
        ConditionExpression: condition,
        ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
      }),
    );
    expect(outcome).toBe(expected ? 'no error' : 'ConditionalCheckFailedException: The conditional request failed');
  });

  it('updates: assigns, adds exactly, falls back, removes, and creates what is not there', async () => {
    const first = await update('update', 1, {
      UpdateExpression: 'SET #count = if_not_exists(#count, :zero) + :one, #text = :text REMOVE gone',
      ExpressionAttributeNames: { '#count': 'count', '#text': 'text' },
      ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '0.1' }, ':text': { S: 'a' } },
      ReturnValues: 'ALL_NEW',
    });
    expect(first.Attributes).toEqual(item('update', 1, { count: { N: '0.1' }, text: { S: 'a' } }));
    const more = {
      UpdateExpression: 'set #c = #c + :one, copied = #c remove #t',
      ExpressionAttributeNames: { '#c': 'count', '#t': 'text' },
      ExpressionAttributeValues: { ':one': { N: '0.2' } },
    };
    expect((await update('update', 1, { ...more, ReturnValues: 'ALL_OLD' })).Attributes).toEqual(first.Attributes);
    expect(await get('update', 1)).toEqual(item('update', 1, { count: { N: '0.3' }, copied: { N: '0.1' } }));
    await update('update', 1, {
      UpdateExpression: 'SET copied = copied - :x',
      ExpressionAttributeValues: { ':x': { N: '1e20' } },
    });
    expect((await get('update', 1))?.['copied']).toEqual({ N: '-99999999999999999999.9' });
  });

  it('refuses an update of its key, of what is not there, and of one attribute twice', async () => {
    await put(item('update', 2, { t: { S: 'a' } }));
    const values = { ExpressionAttributeValues: { ':v': { N: '1' } } };
    expect(await refusal(update('update', 2, { UpdateExpression: 'SET sk = :v', ...values }))).toContain(
      'Cannot update attribute sk. This attribute is part of the key',
    );
    expect(await refusal(update('update', 2, { UpdateExpression: 'SET a = b' }))).toContain('does not exist in the item');
    expect(await refusal(update('update', 2, { UpdateExpression: 'SET t = t + :v', ...values }))).toContain('incorrect data type');
    expect(await refusal(update('update', 2, { UpdateExpression: 'SET a = :v REMOVE a', ...values }))).toContain('overlap');
    expect(await refusal(update('update', 2, { UpdateExpression: 'SET a = :v SET b = :v', ...values }))).toContain('only be used once');
  });
});

describe('An expression', () => {
  const conditional = (ConditionExpression: string, more: Partial<PutItemCommandInput> = {}) =>
    refusal(put(item('expression', 1), { ConditionExpression, ...more }));

  it('is refused where it does not read', async () => {
    expect(await conditional('a == :b')).toBe('ValidationException: Invalid ConditionExpression: Syntax error; token: "=", near: "== :b"');
    for (const text of ['a =', 'a', '(a = b', 'a = b)', 'a BETWEEN b', 'a = b AND', 'a IN ()', 'a @ b', 'size(a)', 'a = 1']) {
      expect(await conditional(text)).toMatch(/^ValidationException: Invalid ConditionExpression: Syntax error; token: /);
    }
    expect(await conditional('a = a')).toContain('The first operand must be distinct from the remaining operands');
    expect(await conditional('')).toContain('The expression can not be empty;');
    expect(await conditional('exists(a)')).toContain('Invalid function name; function: exists');
  });

  it('is refused with a reserved word for an attribute', async () => {
    expect(await conditional('name = pk')).toContain('Attribute name is a reserved keyword; reserved keyword: name');
    expect(await conditional('Version = pk')).toContain('ConditionalCheckFailedException');
  });

  it('is refused with placeholders that are not defined, or defined and not used', async () => {
    expect(await conditional('a = :b')).toBe(
      'ValidationException: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :b',
    );
    expect(await conditional('#a = pk')).toContain(
      'An expression attribute name used in the document path is not defined; attribute name: #a',
    );
    const unused = { ExpressionAttributeValues: { ':b': { S: 'b' } } };
    expect(await conditional('attribute_exists(a)', unused)).toContain(
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}',
    );
    const names = { ExpressionAttributeNames: { '#b': 'b' } };
    expect(await conditional('attribute_exists(a)', names)).toContain('unused in expressions: keys: {#b}');
  });
});

describe('A query', () => {
  const numbers = [
    '-1e100',
    '-99999999999999999999999999999999999998',
    '-12',
    '-1.2',
    '-1.1',
    '-1',
    '-1e-100',
    '0',
    '1e-100',
    '0.9',
    '1',
    '2',
    '10',
    '1e100',
  ];
  const inOneForm = numbers.map((text) =>
    text.includes('e-100') ? text.replace('1e-100', `0.${'0'.repeat(99)}1`) : text.replace('1e100', `1${'0'.repeat(100)}`),
  );

  beforeAll(async () => {
    for (const [index, number] of [...numbers].reverse().entries()) {
      const more: Item = index % 2 === 0 ? { tag: { S: 'even' }, more: { N: String(index) } } : {};
      await put(item('query', number, more));
    }
  });

  it('gives numeric range keys in numeric order, both ways, over pages of any size', async () => {
    const values = { ':pk': { S: 'query' } };
    expect(await rangeKeys('pk = :pk', values)).toEqual(inOneForm);
    expect(await rangeKeys('pk = :pk', values, { Limit: 3 })).toEqual(inOneForm);
    expect(await rangeKeys('pk = :pk', values, { ScanIndexForward: false, Limit: 4 })).toEqual([...inOneForm].reverse());
    expect((await query({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: values, Select: 'COUNT' })).Count).toBe(
      numbers.length,
    );
  });

  it('takes every comparison of the range key', async () => {
    const found = (condition: string, ...sent: string[]) =>
      rangeKeys(
        `pk = :pk AND ${condition}`,
        { ':pk': { S: 'query' }, ...Object.fromEntries(sent.map((N, index) => [`:${index}`, { N }])) },
        { Limit: 2 },
      );
    expect(await found('sk = :0', '1.0')).toEqual(['1']);
    expect(await found('sk < :0', '-1.2')).toEqual(inOneForm.slice(0, 3));
    expect(await found('sk <= :0', '-1.2')).toEqual(inOneForm.slice(0, 4));
    expect(await found('sk > :0', '1')).toEqual(inOneForm.slice(-3));
    expect(await found('sk >= :0', '1')).toEqual(inOneForm.slice(-4));
    expect(await found('sk BETWEEN :0 AND :1', '-1', '1')).toEqual(inOneForm.slice(5, 11));
  });

  it('orders texts by their UTF-8 bytes and finds those that begin with a text', async () => {
    // In UTF-16, U+1F600 would come before U+FF5E.
    const tags = ['a', 'ab', 'abc', 'ac', 'ä', '～', '😀', '😀x'];
    for (const [index, tag] of tags.entries()) await put(item(`tag-${index}`, 1, { slot: { N: '7' }, tag: { S: tag } }));
    const found = async (condition: string, tag: string) => {
      const page = await query({
        IndexName: 'by-slot-and-tag',
        KeyConditionExpression: `slot = :slot AND ${condition}`,
        ExpressionAttributeValues: { ':slot': { N: '7' }, ':tag': { S: tag } },
      });
      return page.Items?.map((each) => each['tag']?.S);
    };
    expect(await found('tag >= :tag', 'a')).toEqual(tags);
    expect(await found('begins_with(tag, :tag)', 'ab')).toEqual(['ab', 'abc']);
    expect(await found('begins_with(tag, :tag)', '😀')).toEqual(['😀', '😀x']);
  });

  it('orders binary keys by their bytes, also after a prefix of 0xFF', async () => {
    const bytes = [[0], [0, 255], [1], [127], [128], [255], [255, 0], [255, 255, 1]];
    for (const each of [...bytes].reverse()) {
      await client.send(new PutItemCommand({ TableName: BINARY, Item: { pk: { S: 'b' }, sk: { B: Uint8Array.from(each) } } }));
    }
    const found = async (condition: string, prefix: number[] = []) => {
      const values = { ':pk': { S: 'b' }, ...(prefix.length > 0 && { ':sk': { B: Uint8Array.from(prefix) } }) };
      const page = await client.send(
        new QueryCommand({ TableName: BINARY, KeyConditionExpression: condition, ExpressionAttributeValues: values }),
      );
      return page.Items?.map((each) => [...each['sk']!.B!]);
    };
    expect(await found('pk = :pk')).toEqual(bytes);
    expect(await found('pk = :pk AND begins_with(sk, :sk)', [255])).toEqual(bytes.slice(-3));
    expect(await found('pk = :pk AND begins_with(sk, :sk)', [0])).toEqual(bytes.slice(0, 2));
  });

  it('finds in an index only items that have its keys, and gives what it projects', async () => {
    await put(item('index', 2, { slot: { N: '1' }, tag: { S: 'x' }, kept: { S: 'k' }, other: { S: 'o' } }));
    await put(item('index', 1, { slot: { N: '1' }, kept: { S: 'k' } }));
    const of = async (IndexName: string) =>
      (await query({ IndexName, KeyConditionExpression: 'slot = :s', ExpressionAttributeValues: { ':s': { N: '1' } } })).Items;
    expect(await of('by-slot')).toEqual(
      expect.arrayContaining([item('index', 1, { slot: { N: '1' } }), item('index', 2, { slot: { N: '1' } })]),
    );
    expect(await of('by-slot')).toHaveLength(2);
    expect(await of('by-slot-and-tag')).toEqual([item('index', 2, { slot: { N: '1' }, tag: { S: 'x' }, kept: { S: 'k' } })]);
    await update('index', 2, { UpdateExpression: 'SET slot = :s REMOVE tag', ExpressionAttributeValues: { ':s': { N: '2' } } });
    expect(await of('by-slot')).toEqual([item('index', 1, { slot: { N: '1' } })]);
    expect(await of('by-slot-and-tag')).toEqual([]);
  });

  it('pages through an index whose entries have equal keys', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `same-${index}`);
    for (const name of names) await put(item(name, 5, { tag: { S: 'same' } }));
    for (const isForward of [true, false]) {
      const found: string[] = [];
      let start: Item | undefined;
      do {
        const page = await query({
          IndexName: 'by-tag',
          KeyConditionExpression: 'tag = :t AND sk = :five',
          ExpressionAttributeValues: { ':t': { S: 'same' }, ':five': { N: '5' } },
          Limit: 2,
          ScanIndexForward: isForward,
          ...(start && { ExclusiveStartKey: start }),
        });
        found.push(...page.Items!.map((each) => each['pk']!.S!));
        start = page.LastEvaluatedKey;
      } while (start);
      expect([...found].sort()).toEqual(names);
    }
  });

  it('filters after it has counted, and gives only the attributes asked for', async () => {
    const page = await query({
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'attribute_exists(#more) AND tag = :tag',
      ProjectionExpression: 'tag, sk',
      ExpressionAttributeNames: { '#more': 'more' },
      ExpressionAttributeValues: { ':pk': { S: 'query' }, ':tag': { S: 'even' } },
      Limit: 4,
    });
    expect([page.Count, page.ScannedCount]).toEqual([2, 4]);
    expect(page.Items?.map((each) => Object.keys(each).sort())).toEqual([
      ['sk', 'tag'],
      ['sk', 'tag'],
    ]);
    expect(Object.keys(page.LastEvaluatedKey!).sort()).toEqual(['pk', 'sk']);
  });

  it('ends a page at 1 MB', async () => {
    for (let sk = 1; sk <= 6; sk++) await put(item('pages', sk, { text: { S: 'x'.repeat(300_000) } }));
    const values = { ':pk': { S: 'pages' } };
    const first = await query({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: values });
    expect([first.Count, first.LastEvaluatedKey]).toEqual([4, item('pages', 4)]);
    expect(await rangeKeys('pk = :pk', values)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('is refused on anything but keys, and from a start that is none', async () => {
    const refused = (KeyConditionExpression: string, values: Item, more: Partial<QueryCommandInput> = {}) =>
      refusal(query({ KeyConditionExpression, ExpressionAttributeValues: values, ...more }));
    const pk = { ':pk': { S: 'query' } };
    expect(await refused('sk = :sk', { ':sk': { N: '1' } })).toContain('Query condition missed key schema element: pk');
    expect(await refused('pk > :pk', pk)).toContain('Query key condition not supported');
    expect(await refused('pk = :pk AND more = :pk', pk)).toContain('Query condition missed key schema element: sk');
    expect(await refused('pk = :pk OR sk = :pk', pk)).toContain('Invalid operator used in KeyConditionExpression: OR');
    expect(await refused('pk = :pk AND sk = :pk', pk)).toContain('Condition parameter type does not match schema type');
    const between = { ...pk, ':a': { N: '2' }, ':b': { N: '1' } };
    expect(await refused('pk = :pk AND sk BETWEEN :a AND :b', between)).toContain('upper bound to be greater than or equal to lower bound');
    expect(await refused('pk = :pk', pk, { IndexName: 'none' })).toContain('The table does not have the specified index: none');
    expect(await refused('tag = :pk', pk, { IndexName: 'by-tag', ConsistentRead: true })).toContain(
      'Consistent reads are not supported on global secondary indexes',
    );
    expect(await refused('pk = :pk', pk, { FilterExpression: 'sk = :pk' })).toContain(
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    );
    expect(await refused('pk = :pk', pk, { ExclusiveStartKey: { pk: { S: 'query' } } })).toContain('The provided starting key is invalid');
    expect(await refused('pk = :pk', pk, { ExclusiveStartKey: item('other', 1) })).toContain('outside query boundaries');
    expect(await refused('pk = :pk', pk, { Limit: 0 })).toContain('ValidationException');
  });
});

describe('A scan', () => {
  it('gives every item once, page by page', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `id-${index}`);
    for (const id of ids) await client.send(new PutItemCommand({ TableName: HASH_ONLY, Item: { id: { S: id } } }));
    const found: string[] = [];
    let start: Item | undefined;
    do {
      const page = await client.send(
        new ScanCommand({
          TableName: HASH_ONLY,
          Limit: 2,
          FilterExpression: 'begins_with(id, :id)',
          ExpressionAttributeValues: { ':id': { S: 'id-' } },
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...page.Items!.map((each) => each['id']!.S!));
      start = page.LastEvaluatedKey;
    } while (start);
    expect(found.sort()).toEqual(ids);
  });
});

describe('A batch', () => {
  const writes = (requests: { put?: Item; remove?: Item }[], table = TABLE) =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [table]: requests.map((each) => (each.put ? { PutRequest: { Item: each.put } } : { DeleteRequest: { Key: each.remove! } })),
        },
      }),
    );

  it('puts and deletes up to 25 items, over several tables', async () => {
    await put(item('batch', 99));
    const answer = await writes([...Array.from({ length: 24 }, (_, sk) => ({ put: item('batch', sk) })), { remove: item('batch', 99) }]);
    expect(answer.UnprocessedItems).toEqual({});
    expect(await rangeKeys('pk = :pk', { ':pk': { S: 'batch' } })).toHaveLength(24);
    expect(await refusal(writes(Array.from({ length: 26 }, (_, sk) => ({ put: item('batch', sk) }))))).toContain('ValidationException');
    expect(await refusal(writes([]))).toContain('ValidationException');
  });

  it('is refused as a whole: with one item twice, or one that is none', async () => {
    expect(await refusal(writes([{ put: item('whole', '1.0') }, { remove: item('whole', 1) }]))).toBe(
      'ValidationException: Provided list of item keys contains duplicates',
    );
    expect(await refusal(writes([{ put: item('whole', 1) }, { put: { pk: { S: 'whole' } } }]))).toContain('ValidationException');
    expect(await refusal(writes([{ put: item('whole', 1) }, { put: item('whole', 2, { slot: { S: 'x' } }) }]))).toContain('slot');
    expect(await get('whole', 1)).toBeUndefined();
  });

  it('reads up to 100 keys, those that are there', async () => {
    await writes([{ put: item('read', 1, { a: { S: 'x' }, b: { S: 'y' } }) }, { put: item('read', 2) }]);
    const read = (from: number, count: number) => {
      const Keys = Array.from({ length: count }, (_, index) => item('read', from + index));
      const request = { Keys, ConsistentRead: true, ProjectionExpression: 'sk, #a', ExpressionAttributeNames: { '#a': 'a' } };
      return client.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: request } }));
    };
    const { Responses, UnprocessedKeys } = await read(1, 100);
    expect(Responses?.[TABLE]).toEqual(expect.arrayContaining([{ sk: { N: '1' }, a: { S: 'x' } }, { sk: { N: '2' } }]));
    expect([Responses?.[TABLE]?.length, UnprocessedKeys]).toEqual([2, {}]);
    expect(await refusal(read(1, 101))).toContain('ValidationException');
    const twice = { RequestItems: { [TABLE]: { Keys: [item('read', 1), item('read', '1.0')] } } };
    expect(await refusal(client.send(new BatchGetItemCommand(twice)))).toBe(
      'ValidationException: Provided list of item keys contains duplicates',
    );
  });

  it('leaves keys unprocessed beyond 16 MB', async () => {
    const text = { S: 'x'.repeat(399_000) };
    const keysOf = Array.from({ length: 45 }, (_, sk) => item('megabytes', sk));
    for (const key of keysOf) await put({ ...key, text });
    let wanted: Item[] | undefined = keysOf;
    const found: Item[] = [];
    let answers = 0;
    while (wanted) {
      const answer: BatchGetItemCommandOutput = await client.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: wanted } } }));
      found.push(...(answer.Responses?.[TABLE] ?? []));
      wanted = answer.UnprocessedKeys?.[TABLE]?.Keys;
      answers++;
    }
    expect(answers).toBe(2);
    expect(found.map((each) => Number(each['sk']!.N)).sort((a, b) => a - b)).toEqual(keysOf.map((_, index) => index));
  });
});

describe('A PartiQL statement', () => {
  const batch = (...statements: [text: string, ...parameters: AttributeValue[]][]) =>
    client.send(
      new BatchExecuteStatementCommand({ Statements: statements.map(([Statement, ...Parameters]) => ({ Statement, Parameters })) }),
    );
  const insert = (sk: number, v: string): [string, ...AttributeValue[]] => [
    `INSERT INTO "${TABLE}" VALUE {'pk': ?, 'sk': ?, 'v': ?, 'old': ?}`,
    { S: 'partiql' },
    { N: String(sk) },
    { N: v },
    { S: 'old' },
  ];
  const change = (sk: number, from: string, to: string, comparator = '='): [string, ...AttributeValue[]] => [
    `UPDATE "${TABLE}" SET v = ? SET "state" = ? REMOVE "old" WHERE "pk" = ? AND sk = ? AND v ${comparator} ?`,
    { N: to },
    { S: 'new' },
    { S: 'partiql' },
    { N: String(sk) },
    { N: from },
  ];

  it('inserts what is not there and updates what is as said, each for itself', async () => {
    const inserted = await batch(insert(1, '1'), insert(2, '1'));
    expect(inserted.Responses?.map(({ Error: error }) => error?.Code)).toEqual([undefined, undefined]);
    const { Responses } = await batch(insert(1, '9'), change(2, '1', '2'), insert(3, '1'), change(4, '1', '2'));
    expect(Responses?.map(({ Error: error }) => error?.Code)).toEqual(['DuplicateItem', undefined, undefined, 'ConditionalCheckFailed']);
    expect(Responses?.[3]?.Error?.Message).toBe('The conditional request failed');
    expect(await get('partiql', 1)).toEqual(item('partiql', 1, { v: { N: '1' }, old: { S: 'old' } }));
    expect(await get('partiql', 2)).toEqual(item('partiql', 2, { v: { N: '2' }, state: { S: 'new' } }));
    expect(await get('partiql', 4)).toBeUndefined();
  });

  it('takes every comparison besides the key, and none', async () => {
    await put(item('partiql', 5, { v: { N: '10' } }));
    const code = async (comparator: string, value: string) =>
      (await batch(change(5, value, '10', comparator))).Responses?.[0]?.Error?.Code ?? 'done';
    expect(await code('<', '10')).toBe('ConditionalCheckFailed');
    expect(await code('<', '11')).toBe('done');
    expect(await code('<=', '10')).toBe('done');
    expect(await code('>', '9')).toBe('done');
    expect(await code('>=', '11')).toBe('ConditionalCheckFailed');
    const bare = await batch([`UPDATE "${TABLE}" REMOVE "state" WHERE pk = ? AND sk = ?`, { S: 'partiql' }, { N: '5' }]);
    expect(bare.Responses?.[0]?.Error).toBeUndefined();
    expect(await get('partiql', 5)).toEqual(item('partiql', 5, { v: { N: '10' } }));
  });

  it('runs alone as well, with errors of its own', async () => {
    const run = ([Statement, ...Parameters]: [string, ...AttributeValue[]]) =>
      refusal(client.send(new ExecuteStatementCommand({ Statement, Parameters })));
    expect(await run(insert(6, '1'))).toBe('no error');
    expect(await run(insert(6, '1'))).toContain('DuplicateItemException');
    expect(await run(change(6, '7', '2'))).toContain('ConditionalCheckFailedException');
    expect(await run([`UPDATE "${TABLE}" SET v = ? WHERE pk = ?`, { N: '1' }, { S: 'partiql' }])).toContain(
      'Where clause does not contain a mandatory equality on all key attributes',
    );
    expect(await run([`UPDATE "${TABLE}" SET sk = ? WHERE pk = ? AND sk = ?`, { N: '1' }, { S: 'p' }, { N: '1' }])).toContain(
      'part of the key',
    );
    expect(await run(['UPDATE "no-such-table" SET v = ? WHERE pk = ?', { N: '1' }, { S: 'p' }])).toContain('ResourceNotFoundException');
    expect(await run([`UPDATE "${TABLE}" SET v = ? WHERE pk = ? AND sk = ?`, { N: '1' }])).toContain('ValidationException');
  });

  it('refuses more than 25 in one request', async () => {
    const many = Array.from({ length: 26 }, (_, index) => insert(100 + index, '1'));
    expect(await refusal(batch(...many))).toContain('ValidationException');
    expect((await batch(...many.slice(0, 25))).Responses).toHaveLength(25);
  });
});

describe('The catalogue', () => {
  it('describes a table as it was made', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
    expect(Table).toMatchObject({ TableName: TABLE, TableStatus: 'ACTIVE', KeySchema: TABLES[0]!.KeySchema });
    const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
    expect(indexes).toEqual(expect.arrayContaining(TABLES[0]!.GlobalSecondaryIndexes!));
    expect((await client.send(new ListTablesCommand({ Limit: 100 }))).TableNames).toEqual(
      expect.arrayContaining([TABLE, HASH_ONLY, BINARY]),
    );
    expect((await client.send(new ListTablesCommand({ Limit: 1 }))).LastEvaluatedTableName).toBeTypeOf('string');
  });

  it('refuses a table twice, one without definitions, and names what is not there', async () => {
    expect(await refusal(client.send(new CreateTableCommand(TABLES[0]!)))).toContain('ResourceInUseException');
    const create = (more: Partial<CreateTableCommandInput>) =>
      refusal(client.send(new CreateTableCommand({ ...TABLES[1]!, TableName: `${TABLE}-wrong`, ...more })));
    expect(await create({ AttributeDefinitions: [] })).toContain('ValidationException');
    expect(await create({ KeySchema: keys('id', 'id') })).toContain('ValidationException');
    expect(await create({ AttributeDefinitions: [attribute('id', 'S'), attribute('x', 'S')] })).toContain('does not exactly match');
    expect(await refusal(client.send(new DescribeTableCommand({ TableName: 'no-such-table' })))).toContain('ResourceNotFoundException');
    expect(await refusal(client.send(new PutItemCommand({ TableName: 'no-such-table', Item: {} })))).toContain('ResourceNotFoundException');
  });
});
