import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ParquetColumn, parquetFile } from '#adapters/parquet-writer.ts';

interface Sample {
  text: string;
  maybeText: string | null;
  whole: number;
  maybeWhole: number | null;
  small: number;
  real: number;
  maybeReal: number | null;
  time: number;
  bytes: Uint8Array;
}

const COLUMNS: readonly ParquetColumn<Sample>[] = [
  { name: 'text', type: 'STRING', nullable: false, of: (row) => row.text },
  { name: 'maybe_text', type: 'STRING', nullable: true, of: (row) => row.maybeText },
  { name: 'distinct_text', type: 'STRING', nullable: false, of: (row) => row.text, distinct: true, statistics: false },
  { name: 'maybe_distinct', type: 'STRING', nullable: true, of: (row) => row.maybeText, distinct: true },
  { name: 'whole', type: 'INT64', nullable: false, of: (row) => row.whole },
  { name: 'maybe_whole', type: 'INT64', nullable: true, of: (row) => row.maybeWhole },
  { name: 'small', type: 'INT32', nullable: false, of: (row) => row.small },
  { name: 'real', type: 'DOUBLE', nullable: false, of: (row) => row.real },
  { name: 'maybe_real', type: 'DOUBLE', nullable: true, of: (row) => row.maybeReal },
  { name: 'time', type: 'TIMESTAMP', nullable: false, of: (row) => row.time },
  { name: 'bytes', type: 'BYTE_ARRAY', nullable: false, of: (row) => row.bytes },
];

const SEED: Sample = {
  text: 'A',
  maybeText: null,
  whole: 0,
  maybeWhole: null,
  small: 0,
  real: 0,
  maybeReal: null,
  time: 0,
  bytes: new Uint8Array(),
};
const EDGES: Sample[] = [
  SEED,
  { ...SEED, text: '', maybeText: 'U+E000 \uE000', whole: Number.MAX_SAFE_INTEGER, real: -0, time: -1 },
  { ...SEED, text: 'emoji \u{1F600}', maybeText: '', whole: Number.MIN_SAFE_INTEGER, maybeWhole: -7, real: 5e-324 },
  { ...SEED, text: 'nul \0 inside', small: 2 ** 31 - 1, real: Number.MAX_VALUE, maybeReal: 73.96732207, time: 4_102_444_800_000 },
  { ...SEED, text: 'A', small: -(2 ** 31) + 1, real: 0.1, maybeReal: Number.NaN, bytes: new Uint8Array([0, 255, 128, 10]) },
];

let folder: string;
let duckdb: DuckDBInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-parquet-'));
  duckdb = await DuckDBInstance.create(':memory:');
});
afterAll(async () => {
  duckdb.closeSync();
  await rm(folder, { recursive: true });
});

/** The rows of a file by DuckDB: values as text where JS has no exact type. */
async function byDuckDb(file: Uint8Array, where = 'true'): Promise<Record<string, unknown>[]> {
  const path = join(folder, 'sample.parquet');
  await writeFile(path, file);
  const connection = await duckdb.connect();
  try {
    const result = await connection.runAndReadAll(
      `select text, maybe_text, distinct_text, maybe_distinct, whole, maybe_whole, small, "real", maybe_real, epoch_ms("time") as time, hex(bytes) as bytes from '${path}' where ${where}`,
    );
    return result.getRowObjects();
  } finally {
    connection.closeSync();
  }
}

function expectedByDuckDb(row: Sample): Record<string, unknown> {
  return {
    text: row.text,
    maybe_text: row.maybeText,
    distinct_text: row.text,
    maybe_distinct: row.maybeText,
    whole: BigInt(row.whole),
    maybe_whole: row.maybeWhole === null ? null : BigInt(row.maybeWhole),
    small: row.small,
    real: row.real,
    maybe_real: Number.isNaN(row.maybeReal) ? null : row.maybeReal,
    time: BigInt(row.time),
    bytes: Buffer.from(row.bytes).toString('hex').toUpperCase(),
  };
}

/** The rows of a file by hyparquet. */
function byHyparquet(file: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({
    file: file.slice().buffer,
    utf8: false,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
}

function expectedByHyparquet(row: Sample): Record<string, unknown> {
  const { bytes: _hex, time: _ms, ...common } = expectedByDuckDb(row);
  return { ...common, time: new Date(row.time), bytes: new Uint8Array(row.bytes) };
}

const samples = fc.record<Sample>({
  text: fc.string({ unit: 'grapheme', maxLength: 30 }),
  maybeText: fc.option(fc.string({ unit: 'grapheme', maxLength: 8 })),
  whole: fc.maxSafeInteger(),
  maybeWhole: fc.option(fc.maxSafeInteger()),
  small: fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
  real: fc.double({ noNaN: true }),
  maybeReal: fc.option(fc.double()),
  time: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
});

describe('Parquet files', () => {
  it('give every edge value back, to DuckDB and to hyparquet', async () => {
    const file = parquetFile(COLUMNS, EDGES);
    expect(await byDuckDb(file)).toEqual(EDGES.map(expectedByDuckDb));
    expect(await byHyparquet(file)).toEqual(EDGES.map(expectedByHyparquet));
  });

  it('give any values back, to DuckDB and to hyparquet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(samples, { minLength: 1, maxLength: 60 }), async (rows) => {
        const file = parquetFile(COLUMNS, rows);
        expect(await byDuckDb(file)).toEqual(rows.map(expectedByDuckDb));
        expect(await byHyparquet(file)).toEqual(rows.map(expectedByHyparquet));
      }),
      { numRuns: 60, seed: 20_131_008 },
    );
  });

  it('are pruned rightly by statistics, also where a value was NaN', async () => {
    const rows = [1, Number.NaN, 20].map((maybeReal, index) => ({ ...SEED, maybeReal, time: 1_000 * index, whole: index }));
    const file = parquetFile(COLUMNS, rows);
    expect(await byDuckDb(file, 'maybe_real > 10')).toEqual([expectedByDuckDb(rows[2]!)]);
    expect(await byDuckDb(file, `"time" = timestamp '1970-01-01 00:00:01'`)).toEqual([expectedByDuckDb(rows[1]!)]);
    expect(await byDuckDb(file, 'whole = 2')).toEqual([expectedByDuckDb(rows[2]!)]);
    expect(await byDuckDb(parquetFile(COLUMNS, EDGES), "text > 'emoji'")).toHaveLength(2);
  });

  it('hold rows of several row groups in their order, without a column index', async () => {
    const rows = Array.from({ length: 100_001 }, (_, index) => ({ ...SEED, whole: index, text: `id-${String(index).padStart(9, '0')}` }));
    const file = parquetFile(COLUMNS, rows);
    const metadata = parquetMetadata(file.slice().buffer);
    expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([100_000, 1]);
    const chunks = metadata.row_groups.flatMap((group) => group.columns);
    expect(new Set(chunks.map((chunk) => chunk.meta_data?.codec))).toEqual(new Set(['ZSTD']));
    expect(chunks.filter((chunk) => chunk.column_index_offset !== undefined)).toEqual([]);
    expect(chunks.filter((chunk) => chunk.meta_data?.bloom_filter_offset !== undefined)).toEqual([]);
    const read = await byDuckDb(file);
    expect(read.map((row) => Number(row['whole']))).toEqual(rows.map((row) => row.whole));
  });

  it('hold texts of which few are equal, whether they are ASCII, beyond it, missing or no Unicode at all', async () => {
    const ascii = Array.from({ length: 3_000 }, (_, index) => ({
      ...SEED,
      text: `id-${index >> 1}`,
      maybeText: index % 3 ? `b${index >> 1}` : null,
    }));
    const expected = ascii.map(expectedByDuckDb);
    expect(await byDuckDb(parquetFile(COLUMNS, ascii))).toEqual(expected);
    expect(await byDuckDb(parquetFile(COLUMNS, ascii), "maybe_distinct = 'b1499'")).toEqual(expected.slice(2_998));
    const last = { ...SEED, text: 'ü', maybeText: 'lone \uD83D' };
    const read = await byDuckDb(parquetFile(COLUMNS, [...ascii, last]));
    expect(read).toEqual([...expected, expectedByDuckDb({ ...last, maybeText: 'lone \uFFFD' })]);
  });

  it('say what their columns hold from where to where, unless told not to', () => {
    const rows = [SEED, { ...SEED, text: 'z', maybeText: 'b', whole: 5 }];
    const [group] = parquetMetadata(parquetFile(COLUMNS, rows).slice().buffer).row_groups;
    const found = new Map(group!.columns.map(({ meta_data: about }) => [about?.path_in_schema[0], about?.statistics]));
    expect(found.get('whole')).toMatchObject({ min_value: 0n, max_value: 5n });
    expect(found.get('maybe_distinct')).toMatchObject({ min_value: 'b', max_value: 'b', null_count: 1n });
    expect(found.get('distinct_text')).toBeUndefined();
    expect([...found.values()].filter((statistics) => statistics === undefined)).toHaveLength(1);
  });

  it('declare as required what may not be null', () => {
    const { schema } = parquetMetadata(parquetFile(COLUMNS, EDGES).slice().buffer);
    expect(schema.slice(1).map((element) => [element.name, element.repetition_type])).toEqual(
      COLUMNS.map((column) => [column.name, column.nullable ? 'OPTIONAL' : 'REQUIRED']),
    );
  });

  it('are the same bytes for the same rows', () => {
    expect(Buffer.from(parquetFile(COLUMNS, EDGES)).equals(Buffer.from(parquetFile(COLUMNS, EDGES)))).toBe(true);
  });

  it('refuse a value that does not fit, naming column and row', () => {
    const with_ = (change: Partial<Record<keyof Sample, unknown>>) => () => parquetFile(COLUMNS, [SEED, { ...SEED, ...change } as Sample]);
    expect(with_({ whole: 0.5 })).toThrow('Parquet column whole, row 1: 0.5 is no INT64');
    expect(with_({ whole: 2 ** 53 })).toThrow('column whole');
    expect(with_({ small: 2 ** 31 })).toThrow('Parquet column small, row 1: 2147483648 is no INT32');
    expect(with_({ text: null })).toThrow('Parquet column text, row 1: null is no STRING');
    expect(with_({ real: Number.NaN })).toThrow('column real');
    expect(with_({ maybeReal: '1' })).toThrow('Parquet column maybe_real, row 1: 1 is no DOUBLE or null');
    expect(with_({ time: 1.5 })).toThrow('column time');
    expect(with_({ bytes: 'AA' })).toThrow('column bytes');
  });
});
