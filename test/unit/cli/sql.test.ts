import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { INTERRUPTED, UsageError, UserError } from '../../../cli/shared/user-error.ts';
import { HELP, parseOptions, type SqlOptions } from '../../../cli/sql/options.ts';
import { runSql } from '../../../cli/sql/run.ts';
import { BUCKET, LocalAthena, WORKGROUP } from '../../support/local-athena.ts';
import { type FakeInstance, fakeInstance } from './fake-instance.ts';

describe('the command line of sql', () => {
  it('takes one query or a file, a format and a place', () => {
    const none = { workgroup: undefined, database: undefined };
    expect(parseOptions(['select 1'])).toEqual({ query: { text: 'select 1' }, format: 'table', target: { kind: 'running' }, ...none });
    expect(parseOptions(['--file', 'q.sql', '--csv', '--url', 'http://127.0.0.1:8080/x'])).toEqual({
      query: { file: 'q.sql' },
      format: 'csv',
      target: { kind: 'url', url: 'http://127.0.0.1:8080' },
      ...none,
    });
    expect(parseOptions(['--json', '--aws', '--workgroup', 'tidemark-dev', '--database', 'd', 'x'])).toMatchObject({
      format: 'json',
      target: { kind: 'aws' },
      workgroup: 'tidemark-dev',
      database: 'd',
    });
    expect(parseOptions(['--help'])).toBe('help');
    for (const name of ['file', 'csv', 'json', 'url', 'aws', 'workgroup', 'database', 'help']) expect(HELP).toContain(`--${name}`);
  });

  it.each([
    [[], 'give a query in quotes, or --file FILE'],
    [[' '], 'give a query in quotes'],
    [['select', '1'], 'the query must be one argument, in quotes: 2 were given'],
    [['select 1', '--file', 'x'], 'a query and --file exclude each other'],
    [['select 1', '--csv', '--json'], '--csv and --json exclude each other'],
    [['select 1', '--url', 'x'], '--url x: allowed is an address'],
    [['select 1', '--url', 'http://h', '--aws'], '--url and --aws exclude each other'],
    [['select 1', '--workgroup', 'a b'], '--workgroup a b: allowed is'],
    [['select 1', '--bogus'], "Unknown option '--bogus'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('sql', () => {
  let rig: LocalAthena;
  let instance: FakeInstance;
  const folder = mkdtempSync(join(tmpdir(), 'sql-'));

  beforeAll(async () => {
    rig = await LocalAthena.start();
    const configuration = {
      description: undefined,
      isEnabled: true,
      outputLocation: `s3://${BUCKET}/results/`,
      isEnforced: true,
      cutoffBytes: undefined,
    };
    rig.engine.createWorkGroup({ name: 'tidemark-local', ...configuration });
    instance = await fakeInstance(0);
    const endpoint = String(
      await rig.athena.config.endpoint?.().then(({ protocol, hostname, port }) => `${protocol}//${hostname}:${port}`),
    );
    instance.runtime = { ...(instance.runtime as object), aws: { kinesis: '', dynamodb: '', sfn: '', athena: endpoint } };
  });
  afterAll(async () => {
    await rig.stop();
    await instance.close();
    rmSync(folder, { recursive: true });
  });

  async function run(
    text: string,
    more: Partial<SqlOptions> = {},
    signal = new AbortController().signal,
  ): Promise<{ text: string; notes: string[] }> {
    let written = '';
    const notes: string[] = [];
    const output = {
      async write(part: string) {
        written += part;
      },
      note: (line: string) => void notes.push(line),
    };
    const options: SqlOptions = {
      query: { text },
      format: 'table',
      target: { kind: 'url', url: instance.url },
      workgroup: undefined,
      database: undefined,
      ...more,
    };
    await runSql(options, output, REAL_CLOCK, signal);
    return { text: written, notes };
  }

  const VALUES = `select * from (values ('AIG', 1.5e0, true, 12345678901234567), ('say "hi", you', null, false, 2), ('', cast('nan' as double), null, 3)) t(name, price, open, n) order by n desc`;

  it('finds workgroup and database by itself and prints a table, numbers to the right', async () => {
    const { text, notes } = await run(VALUES);
    expect(text.split('\n')).toEqual([
      'name           price  open                   n',
      '-------------  -----  -----  -----------------',
      'AIG              1.5  true   12345678901234567',
      '                 NaN  null                   3',
      'say "hi", you   null  false                  2',
      '',
    ]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^\(3 rows, \d+ ms, 0 bytes read\)$/);
    expect(rig.engine.executions('tidemark-local')).not.toEqual([]);
    expect(rig.engine.executions(WORKGROUP)).toEqual([]);
  });

  it('writes CSV whose null differs from an empty text', async () => {
    expect((await run(VALUES, { format: 'csv' })).text).toBe(
      'name,price,open,n\nAIG,1.5,true,12345678901234567\n"",NaN,,3\n"say ""hi"", you",,false,2\n',
    );
  });

  it('writes JSON with every digit, an array also without rows', async () => {
    const { text } = await run(VALUES, { format: 'json' });
    expect(text).toContain('"n": 12345678901234567}');
    expect(JSON.parse(text)).toEqual([
      { name: 'AIG', price: 1.5, open: true, n: Number('12345678901234567') },
      { name: '', price: null, open: null, n: 3 },
      { name: 'say "hi", you', price: null, open: false, n: 2 },
    ]);
    expect(JSON.parse((await run('select 1 as a where false', { format: 'json' })).text)).toEqual([]);
    expect(
      JSON.parse((await run("select 1e10 as a, cast(1.50 as decimal(38,2)) as b, date '2026-01-02' as c", { format: 'json' })).text),
    ).toEqual([{ a: 1e10, b: 1.5, c: '2026-01-02' }]);
  });

  it('reads on beyond a thousand rows', async () => {
    const { text, notes } = await run('select n from unnest(sequence(1, 2500)) t(n) order by n', { format: 'csv' });
    expect(text.trim().split('\n')).toEqual(['n', ...Array.from({ length: 2500 }, (_, index) => String(index + 1))]);
    expect(notes[0]).toMatch(/^\(2500 rows, /);
  });

  it('prints what a terminal would obey as text', async () => {
    expect((await run(`select chr(27) || '[2J' || chr(10) || 'x' as a`)).text.split('\n')[2]).toBe('\\u001b[2J\\nx');
  });

  it('shows catalogue and UNLOAD', async () => {
    expect((await run('show databases')).text.split('\n').slice(2)).toEqual(['lake_db', '']);
    const unload = await run(`unload (select 1 as a union all select 2) to 's3://${BUCKET}/from-cli/' with (format = 'PARQUET')`);
    expect([unload.text, unload.notes[0]]).toEqual(['', expect.stringMatching(/^\(2 rows written, /)]);
  });

  it('reads a query from a file', async () => {
    const file = join(folder, 'query.sql');
    writeFileSync(file, '-- what is it?\nselect 1 as one;\n');
    expect((await run('', { query: { file }, format: 'csv' })).text).toBe('one\n1\n');
    await expect(run('', { query: { file: `${file}.no` } })).rejects.toThrow(/^cannot read .*query\.sql\.no/);
  });

  it('says in one line why a query failed, and where it may ask', async () => {
    await expect(run('select *\nfrom nix')).rejects.toEqual(
      new UserError("TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.lake_db.nix' does not exist"),
    );
    await expect(run('drop table raw')).rejects.toThrow(/^Queries of this type are not supported: DROP TABLE/);
    await expect(run('select 1', { workgroup: 'nix' })).rejects.toThrow('WorkGroup nix is not found.');
    await expect(run('select 1', { target: { kind: 'url', url: 'http://127.0.0.1:9' } })).rejects.toThrow(
      /^no running Tidemark at .*--aws/,
    );
    rig.engine.createWorkGroup({ ...rig.engine.workGroup('tidemark-local'), name: 'tidemark-two' });
    await expect(run('select 1')).rejects.toThrow('say which with --workgroup: tidemark-local, tidemark-two');
    expect((await run('select 1 as a', { workgroup: 'tidemark-two', database: 'lake_db', format: 'csv' })).text).toBe('a\n1\n');
  });

  it('stops the query when it is interrupted', async () => {
    const interruption = new AbortController();
    const long =
      'select count(*) from unnest(sequence(1, 40000)) a(x), unnest(sequence(1, 40000)) b(y), unnest(sequence(1, 1000)) c(z) where x * y * z % 7 = 3';
    const running = run(long, { workgroup: WORKGROUP }, interruption.signal);
    while (rig.engine.executions(WORKGROUP)[0]?.state !== 'RUNNING') await new Promise((resolve) => setImmediate(resolve));
    interruption.abort();
    await expect(running).rejects.toMatchObject({ message: 'interrupted: the query is stopped', exitCode: INTERRUPTED });
    const [execution] = rig.engine.executions(WORKGROUP);
    expect((await rig.engine.ended(execution!.id)).state).toBe('CANCELLED');
  });
});
