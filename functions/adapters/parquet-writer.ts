/** Rows → the bytes of one Parquet file: ZSTD, in the subset of the format that Athena, Trino and DuckDB all read alike. */
import { zstdCompressSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** INT64 and TIMESTAMP take whole numbers; a TIMESTAMP is ms since the epoch, read as UTC wall clock. */
export type ColumnType = 'STRING' | 'INT32' | 'INT64' | 'DOUBLE' | 'TIMESTAMP' | 'BYTE_ARRAY';

export interface ParquetColumn<Row> {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a row may have null here. A NaN is written as null: with statistics, DuckDB prunes files wrongly that hold one. */
  readonly nullable: boolean;
  readonly of: (row: Row) => string | number | Uint8Array | null;
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
  const { name, type, nullable } = column;
  const data = rows.map((row, index) => {
    const value = column.of(row);
    const fits = fitted(type, value);
    if (fits === undefined || (fits === null && !nullable)) {
      const allowed = nullable ? `${type} or null` : type;
      throw new TypeError(`Parquet column ${name}, row ${index}: ${String(value).slice(0, 100)} is no ${allowed}`);
    }
    return fits;
  });
  return { name, type, nullable, data };
}

/** The value as the writer wants it, null for none, undefined when it does not fit the type. */
function fitted(type: ColumnType, value: string | number | Uint8Array | null): string | number | bigint | Uint8Array | null | undefined {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return null;
  switch (type) {
    case 'STRING':
      return typeof value === 'string' ? value : undefined;
    case 'BYTE_ARRAY':
      return value instanceof Uint8Array ? value : undefined;
    case 'DOUBLE':
      return typeof value === 'number' ? value : undefined;
    case 'INT32':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : undefined;
    case 'INT64':
    case 'TIMESTAMP':
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
  }
}
