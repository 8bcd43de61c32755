import { describe, expect, it } from 'vitest';
import { CSV, PLAIN } from '../../../../local/engines/athena/result-text.ts';
import { columnInfo, duckDbType } from '../../../../local/engines/athena/types.ts';
import { doubleText } from '../../../../local/engines/athena/values.ts';

describe('a double', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [-230.03066625584978, '-230.03066625584978'],
    [0.001, '0.001'],
    [0.0009999, '9.999E-4'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [1.25e100, '1.25E100'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d is written as Java does: %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
    expect(Object.is(Number(text), value)).toBe(true);
  });
});

describe('a type', () => {
  it.each([
    ['string', 'VARCHAR'],
    ['varchar(3)', 'VARCHAR'],
    ['int', 'INTEGER'],
    ['integer', 'INTEGER'],
    ['timestamp(3)', 'TIMESTAMP'],
    ['timestamp(3) with time zone', 'TIMESTAMP WITH TIME ZONE'],
    ['decimal(38,12)', 'DECIMAL(38,12)'],
    ['array<string>', 'VARCHAR[]'],
    ['array(varchar)', 'VARCHAR[]'],
    ['map<string,array<int>>', 'MAP(VARCHAR, INTEGER[])'],
    ['struct<a:int,b:struct<c:double>>', 'STRUCT("a" INTEGER, "b" STRUCT("c" DOUBLE))'],
    ['row("x" integer, "y" varchar)', 'STRUCT("x" INTEGER, "y" VARCHAR)'],
    ['geometry', undefined],
    ['array<geometry>', undefined],
  ])('%s of Hive or Trino is %s of DuckDB', (type, duckDb) => {
    expect(duckDbType(type)).toBe(duckDb);
  });

  it('of DuckDB is told by its name in Athena; wide sums of whole numbers are bigint', () => {
    expect(columnInfo('n', 'HUGEINT')).toEqual({ name: 'n', type: 'bigint', precision: 19, scale: 0 });
    expect(columnInfo('d', 'DECIMAL(38,12)')).toEqual({ name: 'd', type: 'decimal', precision: 38, scale: 12 });
    expect(['STRUCT("a" INTEGER)', 'INTEGER[]', 'MAP(VARCHAR, INTEGER)'].map((type) => columnInfo('x', type).type)).toEqual([
      'row',
      'array',
      'map',
    ]);
  });
});

describe('lines of a result', () => {
  const ROWS = [
    ['a', null, ''],
    ['x"y', 'new\nline', 'ä,€'],
    [null, null, null],
  ];

  async function* chunksOf(text: string, size: number) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it.each([1, 2, 3, 7, 1000])('are read back as they were, in pieces of %i bytes', async (size) => {
    const text = ROWS.map(CSV.line).join('');
    expect(await CSV.read(chunksOf(text, size), 10)).toEqual({ rows: ROWS, bytes: Buffer.byteLength(text) });
    const first = await CSV.read(chunksOf(text, size), 2);
    expect(first.rows).toEqual(ROWS.slice(0, 2));
    expect(await CSV.read(chunksOf(Buffer.from(text).subarray(first.bytes).toString(), size), 10)).toMatchObject({ rows: [ROWS[2]] });
  });

  it('of SHOW are plain: a quote is nothing special', async () => {
    const text = PLAIN.line(['a"b']) + PLAIN.line(['c']);
    expect(await PLAIN.read(chunksOf(text, 2), 10)).toEqual({ rows: [['a"b'], ['c']], bytes: 6 });
  });
});
