import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynamoEngine } from '../../local/engines/dynamodb/engine.ts';
import { addNumbers, canonicalNumber, sortableNumber } from '../../local/engines/dynamodb/number.ts';
import { OPERATIONS } from '../../local/engines/dynamodb/operations.ts';

/** What a number is, as a whole number of 10^-200. */
interface Exact {
  readonly units: bigint;
  readonly text: string;
}

/** Numbers that DynamoDB takes, in any of the forms in which they may be written. */
const exactNumber: fc.Arbitrary<Exact> = fc
  .record({
    negative: fc.boolean(),
    digits: fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.bigInt({ min: 0n, max: 120n })),
    exponent: fc.oneof(fc.integer({ min: -130, max: 88 }), fc.integer({ min: -3, max: 3 })),
    form: fc.constantFrom('exponent', 'point', 'padded'),
  })
  .map(({ negative, digits, exponent, form }) => {
    const units = digits * 10n ** BigInt(exponent + 200) * (negative ? -1n : 1n);
    const sign = negative ? '-' : '';
    const text = String(digits);
    const point = Math.floor(text.length / 2);
    if (form === 'exponent') return { units, text: `${sign}${text}e${exponent}` };
    if (form === 'point')
      return { units, text: `${sign}${text.slice(0, point)}.${text.slice(point)}E+${exponent + text.length - point}`.replace('+-', '-') };
    return { units, text: `${sign}000${text}.000e${exponent}` };
  });

/** 10^126, the first magnitude that is no DynamoDB number. */
const TOO_LARGE = 10n ** 326n;

/** A plain decimal as a whole number of 10^-200. */
function unitsOf(plain: string): bigint {
  const [whole, fraction = ''] = plain.split('.');
  return BigInt(whole + fraction.padEnd(200, '0'));
}

describe('Numbers of the local DynamoDB', () => {
  it('sort as text in the order of their values', () => {
    fc.assert(
      fc.property(exactNumber, exactNumber, (a, b) => {
        const [left, right] = [sortableNumber(a.text), sortableNumber(b.text)];
        const order = left < right ? -1 : left > right ? 1 : 0;
        expect(order).toBe(a.units < b.units ? -1 : a.units > b.units ? 1 : 0);
      }),
      { seed: 20261121, numRuns: 3000 },
    );
  });

  it('have one form for one value, however they are written', () => {
    fc.assert(
      fc.property(exactNumber, ({ units, text }) => {
        const canonical = canonicalNumber(text);
        expect(canonical).toMatch(/^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$/);
        expect(unitsOf(canonical)).toBe(units);
        expect(canonicalNumber(canonical)).toBe(canonical);
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });

  it('are added and subtracted exactly, or refused', () => {
    fc.assert(
      fc.property(exactNumber, exactNumber, fc.constantFrom('+' as const, '-' as const), (a, b, sign) => {
        const units = sign === '+' ? a.units + b.units : a.units - b.units;
        const significant = String(units).replace('-', '').replace(/0+$/, '').length;
        const magnitude = units < 0n ? -units : units;
        if (magnitude >= TOO_LARGE) expect(() => addNumbers(a.text, b.text, sign)).toThrow('Number overflow');
        else if (significant > 38) expect(() => addNumbers(a.text, b.text, sign)).toThrow('38 significant digits');
        else expect(unitsOf(addNumbers(a.text, b.text, sign))).toBe(units);
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});

interface Row {
  readonly pk: string;
  readonly sk: number;
  readonly v: number;
  readonly g: string | undefined;
}
type Step =
  | { readonly kind: 'put' | 'putNew' | 'delete'; readonly row: Row }
  | { readonly kind: 'update' | 'statement'; readonly row: Row; readonly expected: number }
  | { readonly kind: 'batch'; readonly rows: readonly Row[] }
  | { readonly kind: 'query' | 'index'; readonly row: Row; readonly limit: number; readonly isForward: boolean; readonly from: number }
  | { readonly kind: 'reopen' };

const row: fc.Arbitrary<Row> = fc.record({
  pk: fc.constantFrom('a', 'b', 'ä'),
  sk: fc.constantFrom(-100, -2, -1.5, 0, 0.25, 1, 9, 10, 1000),
  v: fc.integer({ min: 0, max: 3 }),
  g: fc.constantFrom(undefined, 'x', 'y'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('put' as const, 'putNew' as const, 'delete' as const), row }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('update' as const, 'statement' as const), row, expected: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      rows: fc.uniqueArray(row, { maxLength: 5, minLength: 1, selector: ({ pk, sk }) => `${pk} ${sk}` }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('query' as const, 'index' as const),
      row,
      limit: fc.integer({ min: 1, max: 4 }),
      isForward: fc.boolean(),
      from: fc.constantFrom(-1000, -1.5, 0, 9.5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

const keyOf = ({ pk, sk }: Row) => ({ pk: { S: pk }, sk: { N: String(sk) } });
const itemOf = (each: Row) => ({ ...keyOf(each), v: { N: String(each.v) }, ...(each.g !== undefined && { g: { S: each.g } }) });
const byKey = (a: Row, b: Row) => Buffer.compare(Buffer.from(a.pk), Buffer.from(b.pk)) || a.sk - b.sk;

/** The table as plainly as can be: a list of rows. */
class Model {
  rows: Row[] = [];

  at({ pk, sk }: Row): Row | undefined {
    return this.rows.find((each) => each.pk === pk && each.sk === sk);
  }

  remove(gone: Row): void {
    this.rows = this.rows.filter((each) => each !== this.at(gone));
  }

  put(next: Row): void {
    this.remove(next);
    this.rows.push(next);
  }
}

function call(engine: DynamoEngine, operation: string, input: object): Record<string, unknown> {
  try {
    return JSON.parse(OPERATIONS.get(operation)!(engine, JSON.parse(JSON.stringify({ TableName: 'items', ...input }))));
  } catch (error) {
    return { error: (error as Error).name };
  }
}

/** All items that a query finds, page by page. */
function pages(engine: DynamoEngine, input: object): unknown[] {
  const found: unknown[] = [];
  let start: unknown;
  do {
    const page = call(engine, 'Query', { ...input, ...(start !== undefined && { ExclusiveStartKey: start }) });
    expect(page['error']).toBeUndefined();
    found.push(...(page['Items'] as unknown[]));
    start = page['LastEvaluatedKey'];
  } while (start !== undefined);
  return found;
}

function take(step: Exclude<Step, { kind: 'reopen' }>, engine: DynamoEngine, model: Model): void {
  const failed = { error: 'ConditionalCheckFailedException' };
  switch (step.kind) {
    case 'put':
      expect(call(engine, 'PutItem', { Item: itemOf(step.row) })).toEqual({});
      model.put(step.row);
      return;
    case 'putNew': {
      const answer = call(engine, 'PutItem', { Item: itemOf(step.row), ConditionExpression: 'attribute_not_exists(v)' });
      expect(answer).toEqual(model.at(step.row) ? failed : {});
      if (!model.at(step.row)) model.put(step.row);
      return;
    }
    case 'delete': {
      const before = model.at(step.row);
      const answer = call(engine, 'DeleteItem', { Key: keyOf(step.row), ReturnValues: 'ALL_OLD' });
      expect(answer).toEqual(before ? { Attributes: itemOf(before) } : {});
      model.remove(step.row);
      return;
    }
    case 'update': {
      const before = model.at(step.row);
      const answer = call(engine, 'UpdateItem', {
        Key: keyOf(step.row),
        UpdateExpression: step.row.g === undefined ? 'SET v = :v REMOVE g' : 'SET v = :v, g = :g',
        ConditionExpression: 'v = :expected',
        ExpressionAttributeValues: {
          ':v': { N: String(step.row.v) },
          ':expected': { N: String(step.expected) },
          ...(step.row.g !== undefined && { ':g': { S: step.row.g } }),
        },
      });
      expect(answer).toEqual(before?.v === step.expected ? {} : failed);
      if (before?.v === step.expected) model.put(step.row);
      return;
    }
    case 'statement': {
      const before = model.at(step.row);
      const answer = call(engine, 'BatchExecuteStatement', {
        TableName: undefined,
        Statements: [
          {
            Statement: 'UPDATE "items" SET v = ? WHERE pk = ? AND sk = ? AND v < ?',
            Parameters: [{ N: String(step.row.v) }, ...Object.values(keyOf(step.row)), { N: String(step.expected) }],
          },
        ],
      });
      const holds = before !== undefined && before.v < step.expected;
      const [response] = answer['Responses'] as { Error?: { Code: string } }[];
      expect(response?.Error?.Code).toBe(holds ? undefined : 'ConditionalCheckFailed');
      if (holds) model.put({ ...before, v: step.row.v });
      return;
    }
    case 'batch': {
      const requests = step.rows.map((each) =>
        each.v === 0 ? { DeleteRequest: { Key: keyOf(each) } } : { PutRequest: { Item: itemOf(each) } },
      );
      expect(call(engine, 'BatchWriteItem', { TableName: undefined, RequestItems: { items: requests } })).toEqual({ UnprocessedItems: {} });
      for (const each of step.rows) each.v === 0 ? model.remove(each) : model.put(each);
      return;
    }
    default: {
      const isIndex = step.kind === 'index';
      const { pk, g = 'x' } = step.row;
      const found = pages(engine, {
        ...(isIndex && { IndexName: 'by-g' }),
        KeyConditionExpression: `${isIndex ? 'g' : 'pk'} = :hash AND ${isIndex ? 'v' : 'sk'} >= :from`,
        ExpressionAttributeValues: { ':hash': { S: isIndex ? g : pk }, ':from': { N: String(step.from) } },
        Limit: step.limit,
        ScanIndexForward: step.isForward,
      });
      const expected = isIndex
        ? model.rows.filter((each) => each.g === g && each.v >= step.from).sort((a, b) => a.v - b.v || byKey(a, b))
        : model.rows.filter((each) => each.pk === pk && each.sk >= step.from).sort(byKey);
      expect(found).toEqual((step.isForward ? expected : expected.reverse()).map(itemOf));
    }
  }
}

describe('Tables of the local DynamoDB', () => {
  it('are what a list of rows would be, whatever is done to them and whenever they are opened again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'dynamodb-'));
        let engine = new DynamoEngine(folder, () => 0);
        try {
          const attributes = { pk: 'S', sk: 'N', g: 'S', v: 'N' };
          call(engine, 'CreateTable', {
            TableName: 'items',
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: Object.entries(attributes).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'sk', KeyType: 'RANGE' },
            ],
            GlobalSecondaryIndexes: [
              {
                IndexName: 'by-g',
                KeySchema: [
                  { AttributeName: 'g', KeyType: 'HASH' },
                  { AttributeName: 'v', KeyType: 'RANGE' },
                ],
                Projection: { ProjectionType: 'ALL' },
              },
            ],
          });
          const model = new Model();
          for (const each of steps) {
            if (each.kind === 'reopen') {
              engine.close();
              engine = new DynamoEngine(folder, () => 0);
            } else take(each, engine, model);
          }
          const { Items } = call(engine, 'Scan', {});
          expect(Items).toEqual([...model.rows].sort(byKey).map(itemOf));
        } finally {
          engine.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { seed: 20261121, numRuns: 60 },
    );
  });
});
