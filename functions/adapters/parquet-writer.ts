/** Rows → the bytes of one Parquet file: ZSTD, in the subset of the format that Athena, Trino and DuckDB all read alike. */
import { zstdCompressSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** INT64 and TIMESTAMP take whole numbers; a TIMESTAMP is ms since the epoch, read as UTC wall clock. */
export type ColumnType = 'STRING' | 'INT32' | 'INT64' | 'DOUBLE' | 'TIMESTAMP' | 'BYTE_ARRAY';

type Value = string | number | Uint8Array | null;
/** A value as the library takes it. */
type Written = string | number | bigint | Uint8Array | null;

export interface ParquetColumn<Row> {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a row may have null here. A NaN is written as null: with statistics, DuckDB prunes files wrongly that hold one. */
  readonly nullable: boolean;
  readonly of: (row: Row) => Value;
  /** True where few values of a file are equal, and equal ones are neighbours: no dictionary is tried. */
  readonly distinct?: boolean;
  /** False where no query prunes files by the smallest and largest value: they are not looked for. */
  readonly statistics?: boolean;
}

const ROW_GROUP_ROWS = 100_000;

/**
 * The file as bytes; the same rows give the same bytes. Row order is kept. No column index (Trino fails on it) and no
 * bloom filter. Throws, naming the column, when a value does not fit its type or is null where none is allowed.
 */
export function parquetFile<Row>(columns: readonly ParquetColumn<Row>[], rows: readonly Row[]): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: columns.map((column) => columnOf(column, rows)),
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    rowGroupSize: ROW_GROUP_ROWS,
  });
  return new Uint8Array(buffer);
}

function columnOf<Row>(column: ParquetColumn<Row>, rows: readonly Row[]): ColumnSource {
  const { name, type, nullable, distinct = false, statistics = true } = column;
  const values = valuesOf(column, rows);
  const data = distinct && type === 'STRING' ? encodedAtOnce(values) : values;
  return { name, type, nullable, data, statistics, ...(distinct && { encoding: 'PLAIN' as const }) };
}

function valuesOf<Row>({ name, type, nullable, of }: ParquetColumn<Row>, rows: readonly Row[]): Written[] {
  const fitted = fitterOf(type);
  return rows.map((row, index) => {
    const value = of(row);
    const fits = value === null || Number.isNaN(value) ? null : fitted(value);
    if (fits === undefined || (fits === null && !nullable)) {
      const allowed = nullable ? `${type} or null` : type;
      throw new TypeError(`Parquet column ${name}, row ${index}: ${String(value).slice(0, 100)} is no ${allowed}`);
    }
    return fits;
  });
}

/** Takes a value that is not null; undefined when it does not fit the type. */
function fitterOf(type: ColumnType): (value: Value) => Written | undefined {
  switch (type) {
    case 'STRING':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'BYTE_ARRAY':
      return (value) => (value instanceof Uint8Array ? value : undefined);
    case 'DOUBLE':
      return (value) => (typeof value === 'number' ? value : undefined);
    case 'INT32':
      return (value) => (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined);
    case 'INT64':
    case 'TIMESTAMP': {
      // Neighbours often share their time: one BigInt is made of it.
      let last: Value = null;
      let lastWritten = 0n;
      return (value) => {
        if (value === last) return lastWritten;
        if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
        last = value;
        lastWritten = BigInt(value);
        return lastWritten;
      };
    }
  }
}

/**
 * The texts as slices of one encoding: to encode each by itself, as the library does, takes three times as long. Equal neighbours share
 * their slice. Texts beyond ASCII stay as they are.
 */
function encodedAtOnce(values: Written[]): Written[] {
  const texts = values as readonly (string | null)[];
  const all = texts.filter((text, index) => text !== null && text !== texts[index - 1]).join('');
  const bytes = Buffer.from(all);
  if (bytes.length !== all.length) return values;
  let end = 0;
  let slice = bytes;
  return texts.map((text, index) => {
    if (text === null) return null;
    if (text !== texts[index - 1]) {
      slice = bytes.subarray(end, end + text.length);
      end += text.length;
    }
    return slice;
  });
}
