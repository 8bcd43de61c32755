/** SHOW and DESCRIBE: rows of one column each, made from the catalogue alone. */
import type { GlueCatalog, GlueTable } from '../glue/catalog.ts';
import { QueryFailure } from './query-failure.ts';
import type { Row } from './result-text.ts';
import type { Statement } from './statement.ts';

type CatalogStatement = Extract<Statement, { kind: 'databases' | 'tables' | 'views' | 'columns' | 'partitions' | 'describe' }>;

/** @throws QueryFailure for a database or table that is not there */
export function catalogRows(
  statement: CatalogStatement,
  catalog: GlueCatalog,
  database: string | undefined,
): { column: string; rows: Row[] } {
  switch (statement.kind) {
    case 'databases':
      return { column: 'database_name', rows: catalog.databases().map(({ name }) => [name]) };
    case 'tables':
    case 'views': {
      const onlyViews = statement.kind === 'views';
      const pattern = patternOf(statement.pattern);
      const tables = tablesOf(catalog, statement.database ?? database).filter(
        ({ TableType }) => !onlyViews || TableType === 'VIRTUAL_VIEW',
      );
      return { column: onlyViews ? 'views' : 'tab_name', rows: tables.filter(({ Name }) => pattern.test(Name)).map(({ Name }) => [Name]) };
    }
    case 'columns':
      return { column: 'field', rows: columnsOf(tableOf(statement, catalog, database)).map(({ Name }) => [Name]) };
    case 'partitions': {
      const table = tableOf(statement, catalog, database);
      const keys = table.PartitionKeys ?? [];
      if (keys.length === 0) throw new QueryFailure('FAILED', `${table.Name} is not a partitioned table`);
      const rows = catalog.partitions(table).map(({ Values }) => [keys.map(({ Name }, index) => `${Name}=${Values[index]}`).join('/')]);
      return { column: 'partition', rows };
    }
    case 'describe': {
      const columns = columnsOf(tableOf(statement, catalog, database));
      return {
        column: 'col_name',
        rows: columns.map(({ Name, Type, Comment = '' }) => [[Name, Type, Comment].map((text) => text.padEnd(20)).join('\t')]),
      };
    }
  }
}

/** A regular expression in which only `*` and `|` have a meaning, as Hive has it. */
function patternOf(pattern = '*'): RegExp {
  const alternatives = pattern.split('|').map((part) =>
    part
      .split('*')
      .map((text) => text.replace(/[\\^$.+?()[\]{}]/g, '\\$&'))
      .join('.*'),
  );
  return new RegExp(`^(?:${alternatives.join('|')})$`, 'i');
}

function tablesOf(catalog: GlueCatalog, database: string | undefined): GlueTable[] {
  if (database === undefined || !catalog.databases().some(({ name }) => name === database.toLowerCase())) {
    throw new QueryFailure(
      'SCHEMA_NOT_FOUND',
      database === undefined ? 'Schema must be specified when session schema is not set' : `Schema '${database}' does not exist`,
    );
  }
  return catalog.tables(database);
}

function tableOf(
  { table, database: named }: { readonly table: string; readonly database: string | undefined },
  catalog: GlueCatalog,
  database: string | undefined,
): GlueTable {
  const found = tablesOf(catalog, named ?? database).find(({ Name }) => Name === table);
  if (found === undefined) throw new QueryFailure('TABLE_NOT_FOUND', `Table '${named ?? database}.${table}' does not exist`);
  return found;
}

function columnsOf(table: GlueTable) {
  return [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])];
}
