import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamoEngine } from '../../../local/engines/dynamodb/engine.ts';
import { OPERATIONS } from '../../../local/engines/dynamodb/operations.ts';
import { startDynamoServer } from '../../../local/engines/dynamodb/server.ts';
import { startDynamoDb } from '../../../local/runtime/dynamodb.ts';

const WRITER = fileURLToPath(new URL('./dynamodb-writer.ts', import.meta.url));
const ENOUGH = 500;
const NUMBERS = {
  TableName: 'numbers',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'number', AttributeType: 'N' }],
  KeySchema: [{ AttributeName: 'number', KeyType: 'HASH' }],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dynamodb-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Lines that the writer prints: numbers that were acknowledged, then perhaps how it ended. */
async function linesOf(command: string, args: readonly string[], killAfter: number): Promise<string[]> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  }
  expect(said.join('')).toBe('');
  return lines;
}

function keptNumbers(): Set<string> {
  const engine = new DynamoEngine(folder, () => 0);
  const kept = new Set<string>();
  let start: object | undefined;
  do {
    const input = { TableName: 'numbers', ...(start && { ExclusiveStartKey: start }) };
    const page = JSON.parse(OPERATIONS.get('Scan')!(engine, input));
    for (const { number } of page.Items) kept.add(number.N);
    start = page.LastEvaluatedKey;
  } while (start);
  engine.close();
  return kept;
}

describe('The tables in a folder', () => {
  it('hold everything that was acknowledged before kill -9, and nothing was said on the way', async () => {
    const acknowledged = await linesOf(process.execPath, [WRITER, folder], ENOUGH);
    expect(acknowledged.length).toBeGreaterThanOrEqual(ENOUGH);
    const kept = keptNumbers();
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
  });

  it('hold everything that was acknowledged before the disk was full, which ends them with one clear line', async () => {
    // The system's limit on the length of a file plays the full disk.
    const limited = ['-c', 'ulimit -f 512; exec "$0" "$@"', process.execPath, WRITER, folder];
    const acknowledged = await linesOf('sh', limited, Number.POSITIVE_INFINITY);
    expect(acknowledged.pop()).toMatch(
      /^the local DynamoDB stopped: the tables in .+ cannot be read or written: .+ \(is the disk full\?\)$/,
    );
    expect(acknowledged.length).toBeGreaterThan(10);
    const kept = keptNumbers();
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
  });

  it('are refused when another version left them', async () => {
    writeFileSync(join(folder, 'CURRENT'), 'MANIFEST-000004\n');
    await expect(startDynamoDb(folder, () => {})).rejects.toThrow(
      `the local DynamoDB stopped: the tables in ${folder} were left by another version (LevelDB); start on another folder with --data`,
    );
  });

  it('start and stop in turn, and are found again', async () => {
    for (const expected of ['created', 'found']) {
      const dynamodb = await startDynamoDb(folder, (error) => {
        throw error;
      });
      const outcome = await dynamodb.call('CreateTable', NUMBERS).then(
        () => 'created',
        (error: Error) => (error.name === 'ResourceInUseException' ? 'found' : error.message),
      );
      expect(outcome).toBe(expected);
      await dynamodb.stop();
    }
  });
});

describe('The wire', () => {
  it('answers no write before it is committed, and none at all when that fails', async () => {
    const engine = new DynamoEngine(null, () => 0);
    const commit = engine.commit.bind(engine);
    const happened: string[] = [];
    engine.commit = () => {
      happened.push('committed');
      if (happened.length > 1) throw new Error('no room');
      commit();
    };
    const failed = Promise.withResolvers<unknown>();
    const server = await startDynamoServer(engine, failed.resolve);
    const call = (operation: string, input: object) =>
      fetch(server.url, { method: 'POST', headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` }, body: JSON.stringify(input) });
    expect((await call('CreateTable', NUMBERS)).status).toBe(200);
    expect(happened).toEqual(['committed']);
    const put = call('PutItem', { TableName: 'numbers', Item: { number: { N: '1' } } }).then(
      () => 'answered',
      () => 'cut off',
    );
    expect(await failed.promise).toEqual(new Error('no room'));
    await server.close();
    expect(await put).toBe('cut off');
  });

  async function served<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
    const engine = new DynamoEngine(null, () => 0);
    const server = await startDynamoServer(engine, (error) => {
      throw error;
    });
    try {
      return await work(server.url);
    } finally {
      await server.close();
      engine.close();
    }
  }

  it('refuses pages of the web, foreign names and what is too long', async () => {
    await served(async (url) => {
      const target = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
      const status = async (headers: Record<string, string>, body: string | Buffer = '{}') =>
        (await fetch(url, { method: 'POST', headers: { ...target, ...headers }, body: body as string })).status;
      expect(await status({})).toBe(200);
      expect(await status({ origin: 'http://evil.example' })).toBe(403);
      const named = Promise.withResolvers<number | undefined>();
      get(url, { headers: { host: 'evil.example' } }, (response) => named.resolve(response.resume().statusCode));
      expect(await named.promise).toBe(403);
      expect(await status({}, `{"Limit":1${' '.repeat(16 * 1024 * 1024)}}`)).toBe(413);
    });
  });

  it('names the operation, parameter or choice that it does not know', async () => {
    await served(async (url) => {
      const refusal = async (operation: string, body: string) => {
        const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
        const answer = (await (await fetch(url, { method: 'POST', headers, body })).json()) as { __type?: string; message?: string };
        return `${answer.__type?.split('#')[1]}: ${answer.message}`;
      };
      expect(await refusal('TransactWriteItems', '{}')).toBe(
        "UnknownOperationException: the local DynamoDB does not know the operation 'DynamoDB_20120810.TransactWriteItems'",
      );
      expect(await refusal('CreateTable', JSON.stringify(NUMBERS))).toContain('undefined');
      const unknown = { TableName: 'numbers', Expected: {} };
      expect(await refusal('PutItem', JSON.stringify(unknown))).toBe(
        'ValidationException: the parameter Expected is not supported by the local DynamoDB',
      );
      const capacity = { TableName: 'numbers', Item: { number: { N: '1' } }, ReturnConsumedCapacity: 'TOTAL' };
      expect(await refusal('PutItem', JSON.stringify(capacity))).toBe(
        'ValidationException: ReturnConsumedCapacity TOTAL is not supported by the local DynamoDB',
      );
      const update = (UpdateExpression: string) =>
        refusal('UpdateItem', JSON.stringify({ TableName: 'numbers', Key: { number: { N: '1' } }, UpdateExpression }));
      expect(await update('ADD a :b')).toContain('the clause ADD is not supported by the local DynamoDB');
      expect(await update('SET a = list_append(a, :b)')).toContain('the function list_append is not supported by the local DynamoDB');
      expect(await update('SET a.b = c')).toContain('document paths (a.…) are not supported by the local DynamoDB');
      const statement = (Statement: string) => refusal('ExecuteStatement', JSON.stringify({ Statement }));
      expect(await statement('DELETE FROM numbers WHERE "number" = ?')).toContain('a statement that begins with DELETE is not supported');
      expect(await statement("INSERT INTO numbers VALUE {'number': 1}")).toContain('only parameters (?) are supported as values');
      expect(await statement('UPDATE numbers SET a = ? WHERE "number" = ? AND a = ? AND b = ?')).toContain("don't match");
      expect(await statement('UPDATE numbers SET a = ?, b = ? WHERE "number" = ?')).toContain('Syntax error; token: ","');
      expect(await statement('UPDATE numbers SET state = ? WHERE "number" = ?')).toContain('state is a reserved word: write "state"');
      const insert = { Statement: `INSERT INTO numbers VALUE {'number': ?}`, Parameters: [{ N: '7' }] };
      expect(await refusal('BatchExecuteStatement', JSON.stringify({ Statements: [insert, insert] }))).toBe(
        'ValidationException: Provided list of item keys contains duplicates',
      );
      expect(await refusal('ListTables', '{')).toContain('SerializationException: not JSON');
      expect(await refusal('ListTables', '[]')).toContain('SerializationException');
    });
  });
});
