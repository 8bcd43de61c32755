/** What an Athena endpoint must do for Tidemark, seen through the stock SDK client. */
import { randomUUID } from 'node:crypto';
import {
  BatchGetQueryExecutionCommand,
  CreateNamedQueryCommand,
  GetPreparedStatementCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListDatabasesCommand,
  ListPreparedStatementsCommand,
  ListQueryExecutionsCommand,
  ListWorkGroupsCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { BatchCreatePartitionCommand, DeletePartitionCommand } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, CUTOFF_BYTES, DATABASE, LocalAthena, TRADES_TABLE_COLUMNS, WORKGROUP } from '../support/local-athena.ts';

let rig: LocalAthena;
const NOON_MS = Date.UTC(2026, 0, 1, 12);

beforeAll(async () => {
  rig = await LocalAthena.start();
  const keys = [
    ['dt', 'date'],
    ['hr', 'int'],
  ] as const;
  const projection = {
    'projection.dt.type': 'date',
    'projection.dt.format': 'yyyy-MM-dd',
    // Ends before the first day that has objects: an event-time replay arrives then.
    'projection.dt.range': '2030-01-01,NOW',
    'projection.hr.type': 'integer',
    'projection.hr.range': '0,23',
    'projection.hr.digits': '2',
  };
  rig.projected('raw', TRADES_TABLE_COLUMNS, keys, projection);
  const trade = (id: string, symbol: string, price: number | null, afterMs = 0) => ({ id, symbol, price, atMs: NOON_MS + afterMs });
  await rig.putTrades('raw/dt=2026-01-01/hr=07/a.parquet', [trade('a', 'IBM', 1.5), trade('b', 'AIG', 1e10, 120)]);
  await rig.putTrades('raw/dt=2026-01-02/hr=12/a.parquet', [trade('c', 'IBM', null, -1), trade('d', 'IBM', 0.0001)]);
  await rig.put('raw/dt=2026-01-02/hr=12/.hidden', 'no parquet');
  await rig.put('raw/dt=2026-01-02/hr=12/_SUCCESS', '');
  await rig.put('raw/dt=not-a-day/hr=12/x', 'no parquet');
  rig.table('days', TRADES_TABLE_COLUMNS, {
    PartitionKeys: [
      { Name: 'day', Type: 'string' },
      { Name: 'gen', Type: 'string' },
    ],
  });
  rig.table('nothing', TRADES_TABLE_COLUMNS);
});
afterAll(() => rig.stop());

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

async function objectText(location: string): Promise<string> {
  const { body } = await rig.s3.getObject(BUCKET, location.replace(`s3://${BUCKET}/`, ''));
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

describe('an Athena endpoint before its first query', () => {
  it('has loaded no engine', async () => {
    const idle = await LocalAthena.start();
    await idle.athena.send(new ListWorkGroupsCommand({}));
    expect(idle.hasSpillFolder).toBe(false);
    await idle.stop();
  });
});

describe('a query', () => {
  it('gives rows with a header, in the words of Athena', async () => {
    const id = await rig.start('select * from raw order by event_id');
    const { Status, Statistics, ...execution } = await rig.execution(id);
    expect(execution).toMatchObject({
      StatementType: 'DML',
      SubstatementType: 'SELECT',
      WorkGroup: WORKGROUP,
      QueryExecutionContext: { Database: DATABASE },
      ResultConfiguration: { OutputLocation: `s3://${BUCKET}/results/${id}.csv` },
    });
    expect(Status).toMatchObject({
      State: 'SUCCEEDED',
      SubmissionDateTime: new Date(rig.clock.now()),
      CompletionDateTime: new Date(rig.clock.now()),
    });
    expect(Statistics?.DataScannedInBytes).toBeGreaterThan(0);
    const { ResultSet, UpdateCount, NextToken } = await rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    expect(ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name, Type, Precision }) => [Name, Type, Precision])).toEqual([
      ['event_id', 'varchar', 2147483647],
      ['symbol', 'varchar', 2147483647],
      ['price', 'double', 17],
      ['event_time', 'timestamp', 3],
      ['venue', 'varchar', 2147483647],
      ['dt', 'date', 0],
      ['hr', 'integer', 10],
    ]);
    expect(ResultSet?.Rows?.map(({ Data }) => Data?.map(({ VarCharValue }) => VarCharValue))).toEqual([
      ['event_id', 'symbol', 'price', 'event_time', 'venue', 'dt', 'hr'],
      ['a', 'IBM', '1.5', '2026-01-01 12:00:00.000', undefined, '2026-01-01', '7'],
      ['b', 'AIG', '1.0E10', '2026-01-01 12:00:00.120', undefined, '2026-01-01', '7'],
      ['c', 'IBM', undefined, '2026-01-01 11:59:59.999', undefined, '2026-01-02', '12'],
      ['d', 'IBM', '1.0E-4', '2026-01-01 12:00:00.000', undefined, '2026-01-02', '12'],
    ]);
    expect([UpdateCount, NextToken]).toEqual([0, undefined]);
    expect(rig.clock.holders).toBe(0);
  });

  it('leaves its result as CSV on S3: every value quoted, null as nothing', async () => {
    const { execution } = await rig.query(
      `select 'say "hi", ' || chr(10) || 'twice' as said, cast(null as varchar) as missing, '' as empty, 1 as one`,
    );
    const text = await objectText(execution.ResultConfiguration?.OutputLocation as string);
    expect(text).toBe('"said","missing","empty","one"\n"say ""hi"", \ntwice",,"","1"\n');
    expect(
      (await rig.query(`select 'say "hi", ' || chr(10) || 'twice' as said, cast(null as varchar) as missing, '' as empty`)).rows,
    ).toEqual([['say "hi", \ntwice', null, '']]);
  });

  it('gives at most a thousand rows a page, the header among them', async () => {
    const id = await rig.start('select n from unnest(sequence(1, 2500)) as t(n) order by n');
    await rig.engine.ended(id);
    const pages: string[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken }));
      pages.push((page.ResultSet?.Rows ?? []).map(({ Data }) => Data?.[0]?.VarCharValue as string));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 501]);
    expect(pages.flat()).toEqual(['n', ...Array.from({ length: 2500 }, (_, index) => String(index + 1))]);
    const of = (input: { MaxResults?: number; NextToken?: string }) =>
      rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, ...input }));
    expect((await of({ MaxResults: 3 })).ResultSet?.Rows).toHaveLength(3);
    expect(await failure(of({ MaxResults: 1001 }))).toMatch(
      /^InvalidRequestException: .*'1001' at 'maxResults'.*less than or equal to 1000/,
    );
    expect(await failure(of({ NextToken: 'nonsense' }))).toBe('InvalidRequestException: Invalid NextToken');
  });

  it('writes nested values, decimals, dates and unnamed columns as Athena does', async () => {
    const { columns, rows } = await rig.query(
      `select array[1, null], cast(1.5 as decimal(10, 2)) as d, true, date '2026-01-02', array[2.5e0], from_unixtime(0), map(array['k'], array[1]), 7 / 2, sum(n) from (select 3 as n)`,
    );
    expect(columns).toEqual([
      '_col0 array',
      'd decimal',
      '_col2 boolean',
      '_col3 date',
      '_col4 array',
      '_col5 timestamp with time zone',
      '_col6 map',
      '_col7 integer',
      '_col8 bigint',
    ]);
    expect(rows).toEqual([['[1, null]', '1.50', 'true', '2026-01-02', '[2.5]', '1970-01-01 00:00:00.000 UTC', '{k=1}', '3', '3']]);
  });

  it.each([
    ['select * from nix', "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lake_db.nix' does not exist"],
    ['select 1\nfrom raw,\n  other.raw', "SCHEMA_NOT_FOUND: line 3:3: Schema 'other' does not exist"],
    ['select * from hive.lake_db.raw', "CATALOG_NOT_FOUND: line 1:15: Catalog 'hive' does not exist"],
    ['select symbol, nope from raw', "COLUMN_NOT_FOUND: line 1:16: Column 'nope' cannot be resolved"],
    ['select 1 from raw r, raw q where q.symbol = r.nope', "COLUMN_NOT_FOUND: line 1:45: Column 'r.nope' cannot be resolved"],
    ['select symbol from raw a, raw b', "AMBIGUOUS_NAME: line 1:8: Column 'symbol' is ambiguous"],
    ['select symbol, count(*) from raw', 'EXPRESSION_NOT_AGGREGATE: line 1:8: '],
    ['select frobnicate(1)', "FUNCTION_NOT_FOUND: line 1:8: Function 'frobnicate' not registered"],
    ['select symbol frm raw x', "SYNTAX_ERROR: line 1:19: mismatched input 'raw'"],
    ['select symbol from raw where', "SYNTAX_ERROR: line 1:29: mismatched input '<EOF>'"],
    ["select cast('a' as integer)", "INVALID_CAST_ARGUMENT: line 1:8: Could not convert string 'a'"],
  ])('fails as Athena fails: %s', async (sql, reason) => {
    expect(await rig.reason(sql)).toContain(`FAILED ${reason}`);
  });

  it('that failed, or runs, has no results', async () => {
    const id = await rig.start('select * from nix');
    const { Status } = await rig.execution(id);
    expect(Status?.AthenaError?.ErrorMessage).toBe(Status?.StateChangeReason);
    const results = (QueryExecutionId: string) => failure(rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId })));
    expect(await results(id)).toBe('InvalidRequestException: Query did not finish successfully. Final query state: FAILED');
    const unknown = randomUUID();
    expect(await results(unknown)).toBe(`InvalidRequestException: QueryExecution ${unknown} was not found`);
    expect(await failure(rig.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: unknown })))).toContain('was not found');
  });

  it('is the same one when it is sent again with its token, and a mistake with another text', async () => {
    const ClientRequestToken = randomUUID();
    const id = await rig.start('select 1', { ClientRequestToken });
    expect(await rig.start('select 1', { ClientRequestToken })).toBe(id);
    await rig.engine.ended(id);
    expect(await rig.start('select 1', { ClientRequestToken })).toBe(id);
    const mismatch = 'InvalidRequestException: Idempotent parameters do not match';
    expect(await failure(rig.start('select 2', { ClientRequestToken }))).toBe(mismatch);
    expect(await failure(rig.start('select 1', { ClientRequestToken, QueryExecutionContext: { Database: 'other' } }))).toBe(mismatch);
    expect(await failure(rig.start('select 1', { ClientRequestToken: 'short' }))).toContain('32 to 128 characters');
  });

  it('can be stopped while it runs, and holds the clock until then', async () => {
    const id = await rig.start(
      'select count(*) from unnest(sequence(1, 40000)) a(x), unnest(sequence(1, 40000)) b(y), unnest(sequence(1, 1000)) c(z) where x * y * z % 7 = 3',
    );
    expect(rig.clock.holders).toBe(1);
    while ((await rig.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution?.Status?.State === 'QUEUED');
    await rig.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    expect((await rig.execution(id)).Status).toMatchObject({ State: 'CANCELLED', StateChangeReason: 'Query cancelled by user' });
    expect(rig.clock.holders).toBe(0);
    // Stopping one that has ended changes nothing.
    await rig.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    const done = await rig.start('select 1');
    await rig.engine.ended(done);
    await rig.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: done }));
    expect((await rig.execution(done)).Status?.State).toBe('SUCCEEDED');
  });

  it('waits its turn when others run, and can be stopped before it began', async () => {
    const long =
      'select count(*) from unnest(sequence(1, 40000)) a(x), unnest(sequence(1, 40000)) b(y), unnest(sequence(1, 1000)) c(z) where x * y * z % 7 = 3';
    const running = [await rig.start(long), await rig.start(long)];
    const queued = await rig.start('select 1');
    const { QueryExecutions } = await rig.athena.send(new BatchGetQueryExecutionCommand({ QueryExecutionIds: [queued] }));
    expect(QueryExecutions?.[0]?.Status?.State).toBe('QUEUED');
    await rig.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: queued }));
    for (const id of running) {
      while ((await rig.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution?.Status?.State === 'QUEUED');
      await rig.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    }
    expect((await rig.execution(queued)).Status?.State).toBe('CANCELLED');
    for (const id of running) expect((await rig.execution(id)).Status?.State).toBe('CANCELLED');
  });

  it('is listed with its workgroup, the newest first', async () => {
    const ids = [await rig.start('select 1'), await rig.start('select 2')];
    const { QueryExecutionIds, NextToken } = await rig.athena.send(new ListQueryExecutionsCommand({ WorkGroup: WORKGROUP, MaxResults: 2 }));
    expect(QueryExecutionIds).toEqual(ids.reverse());
    expect(NextToken).toBeDefined();
    const { UnprocessedQueryExecutionIds } = await rig.athena.send(
      new BatchGetQueryExecutionCommand({ QueryExecutionIds: [randomUUID()] }),
    );
    expect(UnprocessedQueryExecutionIds).toHaveLength(1);
  });
});

describe('what is no query', () => {
  it.each([
    ["copy raw to '/tmp/x'", 'COPY'],
    ['create table t (a int)', 'CREATE TABLE'],
    ['drop table raw', 'DROP TABLE'],
    ["attach '/tmp/x' as x", 'ATTACH'],
    ['install httpfs', 'INSTALL'],
    ['pragma database_list', 'PRAGMA'],
    ["set memory_limit = '1GB'", 'SET'],
    ['insert into raw select 1', 'INSERT INTO'],
    ['msck repair table days', 'MSCK REPAIR'],
    ['explain analyze select 1', 'EXPLAIN ANALYZE'],
  ])('is refused by its name: %s', async (sql, name) => {
    expect(await failure(rig.start(sql))).toContain(`InvalidRequestException: Queries of this type are not supported: ${name}`);
  });

  it('is refused where it is two, nothing, or not SQL at all', async () => {
    expect(await failure(rig.start('select 1; select 2'))).toContain('Only one sql statement is allowed');
    expect(await failure(rig.start('-- nothing'))).toContain('InvalidRequestException');
    expect(await failure(rig.start("select 'open"))).toBe("InvalidRequestException: SYNTAX_ERROR: line 1:8: unclosed '");
    expect((await rig.query('select 1 as one;')).rows).toEqual([['1']]);
    expect(await failure(rig.athena.send(new CreateNamedQueryCommand({ Name: 'a', Database: 'b', QueryString: 'c' })))).toContain(
      "UnknownOperationException: unknown operation 'AmazonAthena.CreateNamedQuery'",
    );
  });

  it.each([
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_parquet('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    'select * from duckdb_settings()',
    "select * from query('select 1')",
    "select (select content from read_text('/etc/passwd'))",
    "with x as (select * from read_text('/etc/passwd')) select * from x",
    'select * from (describe raw)',
    'select * from (summarize raw)',
    "select 1 where exists (select 1 from read_blob('/etc/passwd'))",
    "unload (select * from read_text('/etc/passwd')) to 's3://lake/stolen/' with (format = 'parquet')",
  ])('reads no file beside the tables: %s', async (sql) => {
    expect(await rig.reason(sql)).toMatch(/^FAILED (FUNCTION_NOT_FOUND|TABLE_NOT_FOUND|NOT_SUPPORTED|SYNTAX_ERROR): /);
    expect((await rig.s3.listObjects(BUCKET, { prefix: 'stolen/' })).objects).toEqual([]);
  });
});

describe('a table of the catalogue', () => {
  it('is read by partition: a query of one day opens that day only', async () => {
    const ofOneDay = "select event_id, symbol, price, event_time, venue from raw where dt = date '2026-01-02' order by 1";
    const alone = await rig.query(ofOneDay);
    // Its bytes are no Parquet: whoever opens it fails.
    await rig.put('raw/dt=2026-01-03/hr=00/broken.parquet', 'broken');
    const one = await rig.query(ofOneDay);
    expect(one.rows.map(([id]) => id)).toEqual(['c', 'd']);
    expect(one.execution.Statistics?.DataScannedInBytes).toBe(alone.execution.Statistics?.DataScannedInBytes);
    const two = await rig.query('select event_id from raw where dt between cast(? as date) and cast(? as date) and hr < 12', [
      "'2026-01-01'",
      "'2026-01-02'",
    ]);
    expect(two.rows).toEqual([['a'], ['b']]);
    expect(await rig.reason("select event_id from raw where dt = date '2026-01-03'")).toContain('FAILED HIVE_BAD_DATA');
    const plan = await rig.query("explain select event_id from raw where dt = date '2026-01-02'");
    expect(plan.rows.flat().join('\n')).toContain('Scanning Files: 1/3');
    await rig.s3.deleteObject(BUCKET, 'raw/dt=2026-01-03/hr=00/broken.parquet');
  });

  it('reads only the columns that a query names', async () => {
    const all = await rig.query('select * from raw');
    const one = await rig.query('select symbol from raw');
    expect(one.execution.Statistics?.DataScannedInBytes).toBeLessThan(all.execution.Statistics?.DataScannedInBytes as number);
  });

  it('without a file gives no rows, with its columns', async () => {
    expect(await rig.query('select * from nothing')).toMatchObject({
      rows: [],
      columns: ['event_id varchar', 'symbol varchar', 'price double', 'event_time timestamp', 'venue varchar'],
    });
    expect((await rig.query('select count(*) from days')).rows).toEqual([['0']]);
  });

  it('shows registered partitions at once, and no others', async () => {
    const location = (day: string, gen: string) => `days/day=${day}/gen=${gen}/`;
    const input = (day: string, gen: string) => ({
      Values: [day, gen],
      StorageDescriptor: { Location: `s3://${BUCKET}/${location(day, gen)}` },
    });
    const trades = (id: string) => [{ id, symbol: 'IBM', price: 1, atMs: NOON_MS }];
    await rig.putTrades(`${location('2026-01-01', 'g1')}part`, trades('one'));
    await rig.putTrades(`${location('2026-01-01', 'g2')}part`, trades('two'));
    const read = async () => (await rig.query('select gen, event_id, day from days order by gen')).rows;
    expect(await read()).toEqual([]);
    const table = { DatabaseName: DATABASE, TableName: 'days' };
    await rig.glue.send(
      new BatchCreatePartitionCommand({ ...table, PartitionInputList: [input('2026-01-01', 'g1'), input('2026-01-02', 'g1')] }),
    );
    expect(await read()).toEqual([['g1', 'one', '2026-01-01']]);
    await rig.glue.send(new BatchCreatePartitionCommand({ ...table, PartitionInputList: [input('2026-01-01', 'g2')] }));
    expect(await read()).toEqual([
      ['g1', 'one', '2026-01-01'],
      ['g2', 'two', '2026-01-01'],
    ]);
    expect((await rig.query('show partitions days')).rows).toEqual([
      ['day=2026-01-01/gen=g1'],
      ['day=2026-01-01/gen=g2'],
      ['day=2026-01-02/gen=g1'],
    ]);
    await rig.glue.send(new DeletePartitionCommand({ ...table, PartitionValues: ['2026-01-01', 'g1'] }));
    expect((await read()).map(([gen]) => gen)).toEqual(['g2']);
  });

  it('of JSON lines has its columns by name, missing ones null', async () => {
    rig.table(
      'lines',
      [
        ['source', 'string'],
        ['revision', 'int'],
        ['tags', 'array<string>'],
      ],
      { format: 'json' },
    );
    await rig.put('lines/current.json', '{"source":"trades","revision":2,"other":1}\n{"revision":null,"source":"readings","tags":["a"]}\n');
    expect((await rig.query('select * from lines order by source')).rows).toEqual([
      ['readings', null, '[a]'],
      ['trades', '2', null],
    ]);
    await rig.put('lines/current.json', '{"source":"trades","revision":3}\n');
    expect((await rig.query('select revision from lines')).rows).toEqual([['3']]);
  });

  it('with an injected key is read when WHERE gives it, as Athena demands', async () => {
    const projection = { 'projection.day.type': 'injected', 'projection.kind.type': 'enum', 'projection.kind.values': 'a,b' };
    rig.projected(
      'limits',
      [['high', 'double']],
      [
        ['day', 'string'],
        ['kind', 'string'],
      ],
      projection,
      'json',
    );
    for (const [day, kind, high] of [
      ['2026-01-01', 'a', 30],
      ['2026-01-02', 'a', 31],
      ['2026-01-02', 'c', 99],
    ]) {
      await rig.put(`limits/day=${day}/kind=${kind}/x.json`, JSON.stringify({ high }));
    }
    expect((await rig.query("select high, kind from limits where day = '2026-01-02'")).rows).toEqual([['31.0', 'a']]);
    expect(
      (await rig.query('select high from limits l where l.day in (?, ?) order by 1', ["'2026-01-01'", "'2026-01-02'"])).rows,
    ).toHaveLength(2);
    const refused =
      'FAILED CONSTRAINT_VIOLATION: For the injected projected partition column day, the WHERE clause must contain only static equality conditions';
    expect(await rig.reason('select high from limits')).toContain(refused);
    expect(await rig.reason("select high from limits where day > '2026-01-01'")).toContain(refused);
    expect(await rig.reason('select high from limits l join raw r on l.day = r.symbol')).toContain(refused);
  });

  it('tells where a row lies, when a query asks for "$path"', async () => {
    const { rows, columns } = await rig.query(`select "$path" as place from raw where event_id = 'a'`);
    expect([rows, columns]).toEqual([[[`s3://${BUCKET}/raw/dt=2026-01-01/hr=07/a.parquet`]], ['place varchar']]);
    expect((await rig.query('select * from raw')).columns).not.toContain('$path varchar');
  });

  it('can be named in full, and is hidden by a WITH of its name', async () => {
    for (const name of ['lake_db.raw', 'awsdatacatalog.lake_db.raw', '"AwsDataCatalog"."lake_db"."RAW"', 'LAKE_DB.Raw']) {
      expect((await rig.query(`select count(*) from ${name}`)).rows).toEqual([['4']]);
    }
    expect((await rig.query('select raw.symbol from lake_db.raw where raw.event_id = ?', ["'b'"])).rows).toEqual([['AIG']]);
    expect((await rig.query('with raw as (select 1 as one) select * from raw')).rows).toEqual([['1']]);
    expect((await rig.query('with raw as (select count(*) as n from raw) select n from raw')).rows).toEqual([['4']]);
  });
});

describe('a view of the catalogue', () => {
  it('runs the query behind it, in its own database, through other views', async () => {
    rig.view('priced', 'select event_id, symbol, price, dt from raw where price is not null', [
      ['event_id', 'varchar'],
      ['symbol', 'varchar'],
      ['price', 'double'],
      ['dt', 'date'],
    ]);
    rig.view('by_symbol', 'select symbol, count(*) as n, sum(1) as ones from priced group by symbol', [
      ['symbol', 'varchar'],
      ['n', 'bigint'],
      ['ones', 'bigint'],
    ]);
    const QueryExecutionContext = { Database: 'elsewhere' };
    const id = await rig.start(`select * from ${DATABASE}.by_symbol order by 1`, { QueryExecutionContext });
    await rig.engine.ended(id);
    const { ResultSet } = await rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    expect(ResultSet?.Rows?.slice(1).map(({ Data }) => Data?.map(({ VarCharValue }) => VarCharValue))).toEqual([
      ['AIG', '1', '1'],
      ['IBM', '2', '2'],
    ]);
    const day = await rig.query("select event_id from priced where dt = date '2026-01-01'");
    const direct = await rig.query("select event_id from raw where price is not null and dt = date '2026-01-01'");
    expect(day.execution.Statistics?.DataScannedInBytes).toBe(direct.execution.Statistics?.DataScannedInBytes);
  });

  it('is refused when its query gives other columns than it says', async () => {
    const of = async (name: string, sql: string, columns: [string, string][]) => {
      rig.view(name, sql, columns);
      return rig.reason(`select * from ${name}`);
    };
    const stale = (name: string) => `FAILED INVALID_VIEW: line 1:15: View 'awsdatacatalog.lake_db.${name}' is stale or in invalid state: `;
    expect(await of('v1', 'select symbol from raw', [['symbol', 'bigint']])).toContain(`${stale('v1')}column [symbol] of type varchar`);
    expect(await of('v2', 'select 1 as a', [['a', 'bigint']])).toContain(stale('v2'));
    expect(await of('v3', 'select symbol as s from raw', [['symbol', 'varchar']])).toContain(stale('v3'));
    expect(
      await of('v4', 'select symbol from raw', [
        ['symbol', 'varchar'],
        ['more', 'varchar'],
      ]),
    ).toContain(stale('v4'));
    expect(await of('v5', 'select gone from raw', [['gone', 'varchar']])).toContain(`${stale('v5')}COLUMN_NOT_FOUND`);
    expect(await of('v6', 'select a from v6', [['a', 'varchar']])).toContain('names itself');
  });
});

describe('parameters', () => {
  it('stand for literals in WHERE, also within UNLOAD', async () => {
    const sql = 'select event_id from raw where symbol = ? and price > ? and dt >= cast(? as date) -- not this: ?';
    expect((await rig.query(sql, ["'IBM'", '0.5', "'2026-01-01'"])).rows).toEqual([['a']]);
    expect((await rig.query("select event_id, '?' as mark from raw where event_id = ?", ["'it''s'"])).rows).toEqual([]);
    const unload = `unload (select event_id from raw where symbol = ?) to 's3://${BUCKET}/by-parameter/' with (format = 'PARQUET')`;
    expect((await rig.query(unload, ["'AIG'"])).execution.Statistics?.DataManifestLocation).toBeDefined();
  });

  it.each([
    [
      ['1'],
      'select event_id from raw where symbol = ? and price = ?',
      'INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1',
    ],
    [
      ['1', '2'],
      'select event_id from raw where price = ?',
      'INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 2',
    ],
    [['1'], 'select ? from raw', 'SYNTAX_ERROR: line 1:8: parameters can be placed only in the WHERE clause'],
    [['1'], 'select event_id from raw limit ?', 'SYNTAX_ERROR: line 1:32: parameters can be placed only in the WHERE clause'],
    [['1'], 'select r.symbol from raw r join raw q on r.price = ?', 'parameters can be placed only in the WHERE clause'],
    [['1 or 1 = 1'], 'select event_id from raw where price = ?', 'SYNTAX_ERROR: line 1:1: parameter 1 is no literal'],
    [['IBM'], 'select event_id from raw where symbol = ?', 'parameter 1 is no literal: IBM (texts carry their own quotes)'],
    [['(select 1)'], 'select event_id from raw where price = ?', 'parameter 1 is no literal'],
    [["'a' --"], 'select event_id from raw where symbol = ?', 'no error'],
  ])('%j for %s', async (values, sql, reason) => {
    const { Status } = await rig.execution(await rig.start(sql, { ExecutionParameters: values }));
    expect(`${Status?.StateChangeReason ?? 'no error'}`).toContain(reason);
  });

  it('are given to prepared statements by EXECUTE, behind USING or beside it', async () => {
    const prepared = { name: 'of_symbol', workGroup: WORKGROUP, description: 'of a test' };
    rig.engine.createPreparedStatement({ ...prepared, query: 'select event_id from raw where symbol = ? and price < ? order by 1' });
    expect((await rig.query("execute of_symbol using 'IBM', 1.0")).rows).toEqual([['d']]);
    expect((await rig.query('EXECUTE of_symbol', ["'IBM'", '2'])).rows).toEqual([['a'], ['d']]);
    expect(await rig.reason('execute of_symbol')).toContain('Incorrect number of parameters: expected 2 but found 0');
    expect(await failure(rig.start('execute nix'))).toBe(
      `InvalidRequestException: PreparedStatement nix was not found in workGroup ${WORKGROUP}`,
    );
    const read = (StatementName: string) => rig.athena.send(new GetPreparedStatementCommand({ StatementName, WorkGroup: WORKGROUP }));
    expect((await read('of_symbol')).PreparedStatement).toMatchObject({
      StatementName: 'of_symbol',
      WorkGroupName: WORKGROUP,
      Description: 'of a test',
    });
    expect(await failure(read('nix'))).toContain('ResourceNotFoundException: PreparedStatement nix was not found');
    const { PreparedStatements } = await rig.athena.send(new ListPreparedStatementsCommand({ WorkGroup: WORKGROUP }));
    expect(PreparedStatements?.map(({ StatementName }) => StatementName)).toEqual(['of_symbol']);
  });
});

describe('UNLOAD', () => {
  const unload = (
    folder: string,
    select = 'select symbol, sum(cast(1 as bigint)) as n, min(event_time) as first_time from raw group by symbol',
  ) => `unload (${select}) to 's3://${BUCKET}/${folder}' with (format = 'PARQUET', compression = 'ZSTD')`;

  it('writes objects that S3 lists, and a manifest of them', async () => {
    const { execution, rows } = await rig.query(unload('unloaded/'));
    expect([execution.StatementType, execution.SubstatementType, rows]).toEqual(['DML', 'UNLOAD', []]);
    const { objects } = await rig.s3.listObjects(BUCKET, { prefix: 'unloaded/' });
    expect(objects).toHaveLength(1);
    const [{ key, etag, size }] = objects as readonly [(typeof objects)[number]];
    expect(key).toMatch(/^unloaded\/20260105_000000_00000_[0-9a-f]{5}_[0-9a-f-]{36}$/);
    expect(await rig.s3.headObject(BUCKET, key)).toMatchObject({ etag, size });
    expect(await objectText(execution.Statistics?.DataManifestLocation as string)).toBe(`s3://${BUCKET}/${key}\n`);
    const results = await rig.athena.send(new GetQueryResultsCommand({ QueryExecutionId: execution.QueryExecutionId }));
    expect([results.UpdateCount, results.ResultSet?.Rows]).toEqual([2, []]);
    rig.table('unloaded', [
      ['symbol', 'string'],
      ['n', 'bigint'],
      ['first_time', 'timestamp'],
    ]);
    expect(await rig.query('select * from unloaded order by symbol')).toMatchObject({
      columns: ['symbol varchar', 'n bigint', 'first_time timestamp'],
      rows: [
        ['AIG', '1', '2026-01-01 12:00:00.120'],
        ['IBM', '3', '2026-01-01 11:59:59.999'],
      ],
    });
  });

  it('takes an empty place only, and leaves what lies there', async () => {
    await rig.put('taken/left-over', 'of an attempt that failed');
    expect(await rig.reason(unload('taken/'))).toMatch(
      /^FAILED HIVE_PATH_ALREADY_EXISTS: Target directory for table .* already exists: s3:\/\/lake\/taken\//,
    );
    expect((await rig.s3.listObjects(BUCKET, { prefix: 'taken/' })).objects.map(({ key }) => key)).toEqual(['taken/left-over']);
    await rig.put('beside-1', 'not below it');
    await rig.query(unload('beside/'));
  });

  it('of no rows writes no object', async () => {
    const { execution } = await rig.query(unload('none/', 'select symbol from raw where false'));
    expect((await rig.s3.listObjects(BUCKET, { prefix: 'none/' })).objects).toEqual([]);
    expect(await objectText(execution.Statistics?.DataManifestLocation as string)).toBe('');
  });

  it('that fails writes nothing, and says what it does not know', async () => {
    expect(await rig.reason(unload('failed/', 'select cast(symbol as integer) as i from raw'))).toContain('FAILED INVALID_CAST_ARGUMENT');
    expect((await rig.s3.listObjects(BUCKET, { prefix: 'failed/' })).objects).toEqual([]);
    const to = (options: string) => failure(rig.start(`unload (select 1 as a) to 's3://${BUCKET}/x/' with (${options})`));
    expect(await to("format = 'ORC'")).toContain('unloads PARQUET only, not orc');
    expect(await to("format = 'PARQUET', partitioned_by = array['a']")).toContain('no UNLOAD option partitioned_by');
    expect(await to("format = 'PARQUET', compression = 'LZ4'")).toContain('Unsupported compression lz4');
  });
});

describe('SHOW, DESCRIBE and EXPLAIN', () => {
  it('tell of the catalogue', async () => {
    const of = async (sql: string) => (await rig.query(sql)).rows.map((row) => row.join('|'));
    expect(await of('show databases')).toEqual([DATABASE]);
    expect(await of('show tables')).toContain('raw');
    expect(await of("show tables in lake_db 'no*'")).toEqual(['nothing']);
    expect(await of('show views')).not.toContain('raw');
    expect(await of('show columns in nothing')).toEqual(['event_id', 'symbol', 'price', 'event_time', 'venue']);
    expect((await of('describe `lake_db`.`raw`')).map((line) => line.split(/\s+/).slice(0, 2))).toContainEqual(['hr', 'int']);
    expect(await rig.reason('describe nix')).toContain("TABLE_NOT_FOUND: Table 'lake_db.nix' does not exist");
    const { execution } = await rig.query('show tables');
    expect(execution).toMatchObject({ StatementType: 'UTILITY', ResultConfiguration: { OutputLocation: expect.stringMatching(/\.txt$/) } });
    expect((await of('explain select symbol from raw')).join('\n')).toContain('READ_PARQUET');
  });
});

describe('a workgroup', () => {
  it('says where results go and what may be read', async () => {
    const { WorkGroup } = await rig.athena.send(new GetWorkGroupCommand({ WorkGroup: WORKGROUP }));
    expect(WorkGroup).toMatchObject({
      Name: WORKGROUP,
      State: 'ENABLED',
      Configuration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: CUTOFF_BYTES,
        ResultConfiguration: { OutputLocation: `s3://${BUCKET}/results/` },
      },
    });
    const { WorkGroups } = await rig.athena.send(new ListWorkGroupsCommand({}));
    expect(WorkGroups?.map(({ Name }) => Name)).toEqual(['primary', WORKGROUP]);
    const { DatabaseList } = await rig.athena.send(new ListDatabasesCommand({ CatalogName: 'AwsDataCatalog' }));
    expect(DatabaseList?.map(({ Name }) => Name)).toEqual([DATABASE]);
    expect(await failure(rig.start('select 1', { WorkGroup: 'nix' }))).toBe('InvalidRequestException: WorkGroup nix is not found.');
  });

  it('that enforces its settings hears no other place for results; one without a place needs one', async () => {
    const ResultConfiguration = { OutputLocation: `s3://${BUCKET}/mine/` };
    const enforced = await rig.execution(await rig.start('select 1', { ResultConfiguration }));
    expect(enforced.ResultConfiguration?.OutputLocation).toContain('/results/');
    const free = await rig.execution(await rig.start('select 1', { ResultConfiguration, WorkGroup: 'primary' }));
    expect(free.ResultConfiguration?.OutputLocation).toMatch(/^s3:\/\/lake\/mine\/[0-9a-f-]{36}\.csv$/);
    expect(await failure(rig.start('select 1', { WorkGroup: 'primary' }))).toContain(
      'InvalidRequestException: No output location provided.',
    );
  });

  it('cancels a query that has read more than it may, and keeps nothing of it', async () => {
    const workGroup = {
      description: undefined,
      isEnabled: true,
      outputLocation: `s3://${BUCKET}/narrow/`,
      isEnforced: true,
      cutoffBytes: 100,
    };
    rig.engine.createWorkGroup({ name: 'narrow', ...workGroup });
    const of = async (sql: string) => (await rig.execution(await rig.start(sql, { WorkGroup: 'narrow' }))).Status;
    expect(await of('select * from raw')).toMatchObject({
      State: 'CANCELLED',
      StateChangeReason: expect.stringContaining('Bytes scanned limit was exceeded'),
    });
    expect((await of(`unload (select * from raw) to 's3://${BUCKET}/narrow-unload/' with (format = 'PARQUET')`))?.State).toBe('CANCELLED');
    expect((await rig.s3.listObjects(BUCKET, { prefix: 'narrow' })).objects).toEqual([]);
    expect(await of('select 1')).toMatchObject({ State: 'SUCCEEDED' });
  });
});
