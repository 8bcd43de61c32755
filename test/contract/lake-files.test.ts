/** Files of the lake as the batch reads, writes and removes them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LakeFiles } from '#adapters/lake-files.ts';
import { parquetRows } from '#adapters/parquet-reader.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';

let bucket: Bucket;
let files: LakeFiles;
let folder: string;
beforeAll(async () => {
  bucket = await startBucket();
  files = new LakeFiles(bucket.client, bucket.name);
  folder = mkdtempSync(join(tmpdir(), 'tidemark-parquet-'));
});
afterAll(async () => {
  await bucket.close();
  rmSync(folder, { recursive: true });
});

/** What DuckDB writes of a query, as it does for the local Athena. */
async function written(sql: string): Promise<Buffer> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const file = join(folder, 'x.parquet');
  await connection.run(`copy (${sql}) to '${file}' (format parquet, compression zstd)`);
  connection.closeSync();
  instance.closeSync();
  return readFileSync(file);
}

const JULIAN_DAY_OF_1970 = 2_440_588;
const DAY_MS = 86_400_000;

/** Nanoseconds of the day, then the Julian day, both with the lowest byte first. */
function int96(time: Date): Uint8Array {
  const day = Math.floor(time.getTime() / DAY_MS);
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(BigInt(time.getTime() - day * DAY_MS) * 1_000_000n, 0);
  bytes.writeUInt32LE(day + JULIAN_DAY_OF_1970, 8);
  return new Uint8Array(bytes);
}

/** The writer knows no INT96: twelve bytes of fixed length lie in a file in the same way, only the footer calls them otherwise. */
function int96File(times: readonly Date[]): Buffer {
  const file = Buffer.from(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'event_time', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'REQUIRED' },
      ],
      columnData: [{ name: 'event_time', data: times.map(int96), encoding: 'PLAIN' }],
      statistics: false,
    }),
  );
  const footer = file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8), file.length - 8);
  // Field 1 of schema and column, an i32 in zigzag: type 7 becomes type 3.
  for (let at = 0; at < footer.length - 1; at++) if (footer[at] === 0x15 && footer[at + 1] === 0x0e) footer[at + 1] = 0x06;
  return file;
}

const put = (Key: string, Body: Buffer | string) => bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body }));

describe('Parquet rows', () => {
  it('are plain values: whole numbers, doubles, times to the millisecond, null', async () => {
    const bytes = await written(`
      select 'IBM' as symbol, cast(9007199254740991 as bigint) as trade_count, cast(0.1 as double) as volume, true as is_open,
        timestamp '2013-10-08 13:30:00.123' as first_event_time, cast(null as double) as vwap, cast(null as bigint) as nothing`);
    expect(await parquetRows(bytes)).toEqual([
      {
        symbol: 'IBM',
        trade_count: 9007199254740991,
        volume: 0.1,
        is_open: true,
        first_event_time: new Date('2013-10-08T13:30:00.123Z'),
        vwap: null,
        nothing: null,
      },
    ]);
  });

  it('have times where Trino wrote them as INT96', async () => {
    const times = ['2013-10-08T13:30:00.123Z', '1969-12-31T23:59:59.999Z'].map((text) => new Date(text));
    expect(await parquetRows(int96File(times))).toEqual(times.map((event_time) => ({ event_time })));
  });

  it('are refused with a whole number that a double does not hold', async () => {
    const bytes = await written('select cast(9007199254740993 as bigint) as trade_count');
    await expect(parquetRows(bytes)).rejects.toThrow('Parquet column trade_count: 9007199254740993 is beyond 2^53');
  });
});

describe('files of the lake', () => {
  it('below a prefix give their rows together', async () => {
    await put('curated/t/day=1/gen=a/0', await written('select 1 as a'));
    await put('curated/t/day=1/gen=a/1', await written('select 2 as a'));
    await put('curated/t/day=1/gen=ab/0', await written('select 3 as a'));
    expect(await files.rows('curated/t/day=1/gen=a/')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await files.rows('curated/t/day=2/')).toEqual([]);
  });

  it('are removed below a prefix, and nowhere else', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, number) => put(`gone/gen=a/${number}`, 'x')));
    await put('gone/gen=ab/0', 'x');
    await files.removeAll('gone/gen=a/');
    expect(await bucket.keys('gone/')).toEqual(['gone/gen=ab/0']);
    await files.removeAll('gone/gen=a/');
    await expect(files.removeAll('gone/gen=a')).rejects.toThrow('ends with a slash');
  });

  it('of JSON Lines are read as they were written, none included', async () => {
    const lines = [
      { key: 'a', rows: 1 },
      { key: 'b', rows: 2 },
    ];
    await files.writeLines('lines', lines);
    expect(await files.readLines('lines')).toEqual(lines);
    await files.writeLines('lines', []);
    expect(await files.readLines('lines')).toEqual([]);
    await expect(files.readLines('none')).rejects.toThrow();
  });
});
