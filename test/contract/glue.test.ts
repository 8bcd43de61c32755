/** What a Glue endpoint must do for Tidemark, seen through the stock SDK client. */
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchGetPartitionCommand,
  CreatePartitionCommand,
  CreateTableCommand,
  DeletePartitionCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  UpdatePartitionCommand,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, DATABASE, LocalAthena } from '../support/local-athena.ts';

let rig: LocalAthena;

beforeAll(async () => {
  rig = await LocalAthena.start();
  rig.table('days', [['symbol', 'string']], {
    PartitionKeys: [
      { Name: 'day', Type: 'string' },
      { Name: 'number', Type: 'int' },
    ],
  });
  rig.table('plain', [['symbol', 'string']]);
});
afterAll(() => rig.stop());

const days = { DatabaseName: DATABASE, TableName: 'days' };

function partition(day: string, number: string) {
  return {
    Values: [day, number],
    StorageDescriptor: { Location: `s3://${BUCKET}/days/day=${day}/number=${number}/`, Columns: [{ Name: 'symbol', Type: 'string' }] },
  };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

async function values(input: { Expression?: string; MaxResults?: number; NextToken?: string } = {}) {
  const { Partitions, NextToken } = await rig.glue.send(new GetPartitionsCommand({ ...days, ...input }));
  return { values: (Partitions ?? []).map(({ Values }) => Values?.join('/')), NextToken };
}

describe('a Glue endpoint', () => {
  it('knows the databases and tables of the template, whatever the case of their names', async () => {
    const { Database } = await rig.glue.send(new GetDatabaseCommand({ Name: DATABASE.toUpperCase() }));
    expect(Database).toMatchObject({ Name: DATABASE, Description: 'of a test' });
    expect((await rig.glue.send(new GetDatabasesCommand({}))).DatabaseList?.map(({ Name }) => Name)).toEqual([DATABASE]);
    const { Table } = await rig.glue.send(new GetTableCommand({ DatabaseName: DATABASE, Name: 'Days' }));
    expect(Table).toMatchObject({ Name: 'days', DatabaseName: DATABASE, PartitionKeys: [{ Name: 'day' }, { Name: 'number' }] });
    const first = await rig.glue.send(new GetTablesCommand({ DatabaseName: DATABASE, MaxResults: 1 }));
    expect(first.TableList?.map(({ Name }) => Name)).toEqual(['days']);
    const { TableList, NextToken } = await rig.glue.send(new GetTablesCommand({ DatabaseName: DATABASE, NextToken: first.NextToken }));
    expect([TableList?.map(({ Name }) => Name), NextToken]).toEqual([['plain'], undefined]);
    const matching = await rig.glue.send(new GetTablesCommand({ DatabaseName: DATABASE, Expression: 'pl.*' }));
    expect(matching.TableList?.map(({ Name }) => Name)).toEqual(['plain']);
  });

  it('registers a partition once, gives it back, changes and removes it', async () => {
    await rig.glue.send(new CreatePartitionCommand({ ...days, PartitionInput: partition('2026-01-01', '7') }));
    expect(await failure(rig.glue.send(new CreatePartitionCommand({ ...days, PartitionInput: partition('2026-01-01', '7') })))).toBe(
      'AlreadyExistsException: Partition already exists.',
    );
    const read = () => rig.glue.send(new GetPartitionCommand({ ...days, PartitionValues: ['2026-01-01', '7'] }));
    expect((await read()).Partition).toMatchObject({
      ...partition('2026-01-01', '7'),
      DatabaseName: DATABASE,
      TableName: 'days',
      CreationTime: new Date(rig.clock.now()),
    });
    const moved = { Values: ['2026-01-01', '7'], StorageDescriptor: { Location: `s3://${BUCKET}/days/day=2026-01-01/number=7b/` } };
    await rig.glue.send(new UpdatePartitionCommand({ ...days, PartitionValueList: ['2026-01-01', '7'], PartitionInput: moved }));
    expect((await read()).Partition?.StorageDescriptor?.Location).toBe(moved.StorageDescriptor.Location);
    await rig.glue.send(new DeletePartitionCommand({ ...days, PartitionValues: ['2026-01-01', '7'] }));
    expect(await failure(read())).toBe('EntityNotFoundException: Cannot find partition.');
    expect(await failure(rig.glue.send(new DeletePartitionCommand({ ...days, PartitionValues: ['2026-01-01', '7'] })))).toContain(
      'EntityNotFoundException',
    );
    const gone = { ...days, PartitionValueList: ['2026-01-01', '7'], PartitionInput: moved };
    expect(await failure(rig.glue.send(new UpdatePartitionCommand(gone)))).toContain('EntityNotFoundException');
  });

  it('takes a batch as far as it can and names what it could not do', async () => {
    const PartitionInputList = ['1', '2', '3'].map((number) => partition('2026-02-01', number));
    expect((await rig.glue.send(new BatchCreatePartitionCommand({ ...days, PartitionInputList }))).Errors ?? []).toEqual([]);
    const again = { ...days, PartitionInputList: [partition('2026-02-01', '3'), partition('2026-02-01', '4'), { Values: ['one'] }] };
    expect((await rig.glue.send(new BatchCreatePartitionCommand(again))).Errors).toMatchObject([
      { PartitionValues: ['2026-02-01', '3'], ErrorDetail: { ErrorCode: 'AlreadyExistsException' } },
      { PartitionValues: ['one'], ErrorDetail: { ErrorCode: 'InvalidInputException' } },
    ]);
    const wanted = ['4', '9', '1'].map((number) => ({ Values: ['2026-02-01', number] }));
    const { Partitions, UnprocessedKeys } = await rig.glue.send(new BatchGetPartitionCommand({ ...days, PartitionsToGet: wanted }));
    expect([Partitions?.map(({ Values }) => Values?.[1]), UnprocessedKeys]).toEqual([['4', '1'], []]);
    const { Errors } = await rig.glue.send(new BatchDeletePartitionCommand({ ...days, PartitionsToDelete: wanted }));
    expect(Errors).toMatchObject([{ PartitionValues: ['2026-02-01', '9'], ErrorDetail: { ErrorCode: 'EntityNotFoundException' } }]);
    expect((await values()).values).toEqual(['2026-02-01/2', '2026-02-01/3']);
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ Values: ['2026-03-01', String(index)] }));
    const tooMany = { ...days, PartitionInputList: many(101) };
    expect(await failure(rig.glue.send(new BatchCreatePartitionCommand(tooMany)))).toContain('length less than or equal to 100');
    const deletions = { ...days, PartitionsToDelete: many(26) };
    expect(await failure(rig.glue.send(new BatchDeletePartitionCommand(deletions)))).toContain('length less than or equal to 25');
  });

  it('filters partitions by their keys, numbers as numbers, and gives them in pages', async () => {
    const PartitionInputList = ['5', '10', '20'].flatMap((number) => ['2026-04-01', '2026-04-02'].map((day) => partition(day, number)));
    await rig.glue.send(new BatchCreatePartitionCommand({ ...days, PartitionInputList }));
    const of = async (Expression: string) => (await values({ Expression })).values;
    expect(await of("day = '2026-04-01' AND number = 10")).toEqual(['2026-04-01/10']);
    expect(await of("day='2026-04-01' and number > 9")).toEqual(['2026-04-01/10', '2026-04-01/20']);
    expect(await of("(day = '2026-04-02' or number in (5)) and not number = 20 and day between '2026-04-01' and '2026-04-30'")).toEqual([
      '2026-04-01/5',
      '2026-04-02/10',
      '2026-04-02/5',
    ]);
    const first = await values({ Expression: "day > '2026-03-31'", MaxResults: 4 });
    const rest = await values({ Expression: "day > '2026-03-31'", MaxResults: 4, NextToken: first.NextToken! });
    expect([first.values.length, rest.values.length, rest.NextToken]).toEqual([4, 2, undefined]);
    for (const wrong of ["symbol = 'A'", 'day', "day = '1' extra", "day ~ 'x'", "day = 'a", 'day = other']) {
      expect(await failure(values({ Expression: wrong }))).toBe(`InvalidInputException: Unsupported expression '${wrong}'`);
    }
  });

  it('names what is not there, and what does not fit', async () => {
    expect(await failure(rig.glue.send(new GetDatabaseCommand({ Name: 'nix' })))).toBe('EntityNotFoundException: Database nix not found.');
    expect(await failure(rig.glue.send(new GetTableCommand({ DatabaseName: DATABASE, Name: 'nix' })))).toBe(
      'EntityNotFoundException: Table nix not found.',
    );
    expect(await failure(rig.glue.send(new CreatePartitionCommand({ ...days, PartitionInput: { Values: ['one'] } })))).toBe(
      'InvalidInputException: The number of partition keys do not match the number of partition values',
    );
    expect(await failure(rig.glue.send(new CreateTableCommand({ DatabaseName: DATABASE, TableInput: { Name: 'x' } })))).toContain(
      "UnknownOperationException: unknown operation 'AWSGlue.CreateTable'",
    );
  });

  it('keeps partitions over a restart, and takes tables from the template again', async () => {
    const before = (await values()).values;
    expect(before.length).toBeGreaterThan(0);
    await rig.restart();
    expect((await values()).values).toEqual(before);
  });
});
