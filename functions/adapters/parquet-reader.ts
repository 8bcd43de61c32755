/** The bytes of a Parquet file → rows: what Athena or DuckDB wrote. */
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';

/** Whole numbers that a double holds exactly are numbers, times are Dates (those that Trino writes as INT96 included), null is null. */
export type ParquetValue = string | number | boolean | Date | null;
export type ParquetRow = Readonly<Record<string, ParquetValue>>;

/** All rows of a file, in its order. Throws when the bytes are no Parquet, or hold a whole number beyond 2^53. */
export async function parquetRows(bytes: Uint8Array): Promise<ParquetRow[]> {
  const rows = await parquetReadObjects({
    // A copy: the bytes may be a part of a larger buffer.
    file: new Uint8Array(bytes).buffer,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(name, value)])));
}

function plain(name: string, value: unknown): ParquetValue {
  if (typeof value !== 'bigint') return (value ?? null) as ParquetValue;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`Parquet column ${name}: ${value} is beyond 2^53`);
  return number;
}
