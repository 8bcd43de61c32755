/** A table of the catalogue as a query of DuckDB over its files. */
import type { GlueTable } from '../glue/catalog.ts';
import { identifier, quoted } from '../sql-tokens.ts';
import type { KeyPlace, LakeFiles } from './lake-files.ts';
import { QueryFailure } from './query-failure.ts';
import { duckDbType } from './types.ts';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What most rows of this project take, compressed: DuckDB orders joins by how many rows it expects. */
const BYTES_PER_ROW = 24;
const PARQUET = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
const JSON_LINES = [
  'org.openx.data.jsonserde.JsonSerDe',
  'org.apache.hive.hcatalog.data.JsonSerDe',
  'org.apache.hadoop.hive.serde2.JsonSerDe',
];

/**
 * Columns in the order of the catalogue, partition keys behind them, typed as the catalogue says; a column that a file does not have is null there.
 * DuckDB opens a file only when the values in its path pass the filters.
 * @param variable holds the paths, as a variable of the connection
 * @param bucketsFolder what `s3://` stands for
 * @param withPath adds `"$path"`, the location of each row's object
 */
export function lakeTableSql(table: GlueTable, files: LakeFiles, variable: string, bucketsFolder: string, withPath: boolean): string {
  const columns = (table.StorageDescriptor?.Columns ?? []).map((column) => columnOf(table, column));
  const keys = (table.PartitionKeys ?? []).map((column) => columnOf(table, column));
  if (files.paths.length === 0) {
    const none = [...columns, ...keys, ...(withPath ? [{ name: '$path', type: 'VARCHAR' }] : [])];
    return `select ${none.map(({ name, type }) => `cast(null as ${type}) as ${identifier(name)}`).join(', ')} where false`;
  }
  const selected = [
    ...columns.map(({ name }) => identifier(name)),
    ...keys.map(({ name, type }) => `cast(${valueInPath(files.places.get(name) as KeyPlace)} as ${type}) as ${identifier(name)}`),
    ...(withPath ? [`'s3://' || substr(filename, ${bucketsFolder.length + 2}) as "$path"`] : []),
  ];
  return `select ${selected.join(', ')} from ${scanOf(table, columns, files, variable)}`;
}

function valueInPath({ name, from }: KeyPlace): string {
  return `substr(split_part(filename, '/', ${name}), ${from})`;
}

function scanOf(table: GlueTable, columns: readonly Column[], files: LakeFiles, variable: string): string {
  const paths = `getvariable(${quoted(variable)})`;
  const serde = table.StorageDescriptor?.SerdeInfo?.SerializationLibrary ?? '';
  if (serde === PARQUET) {
    const schema = columns.map(({ name, type }) => `${quoted(name)}: {name: ${quoted(name)}, type: ${quoted(type)}, default_value: null}`);
    const rows = Math.max(1, Math.round(files.bytes / BYTES_PER_ROW));
    return `read_parquet(${paths}, schema = map {${schema.join(', ')}}, filename = true, explicit_cardinality = ${rows})`;
  }
  if (JSON_LINES.includes(serde)) {
    const types = columns.map(({ name, type }) => `${identifier(name)}: ${quoted(type)}`);
    return `read_json(${paths}, columns = {${types.join(', ')}}, format = 'newline_delimited', filename = true, hive_partitioning = false)`;
  }
  throw new QueryFailure(
    'NOT_SUPPORTED',
    `the local Athena reads Parquet and JSON Lines; table ${table.DatabaseName}.${table.Name} has ${serde || 'no SerDe'}`,
  );
}

function columnOf(table: GlueTable, { Name, Type }: { readonly Name: string; readonly Type: string }): Column {
  const type = duckDbType(Type);
  if (type === undefined)
    throw new QueryFailure(
      'NOT_SUPPORTED',
      `the local Athena knows no type ${Type} (column ${Name} of ${table.DatabaseName}.${table.Name})`,
    );
  return { name: Name.toLowerCase(), type };
}
