/** A view of the catalogue, as Athena and Trino keep them: JSON in base64 within a comment. */
import type { GlueTable } from '../glue/catalog.ts';
import { QueryFailure } from './query-failure.ts';
import { duckDbType, portableType } from './types.ts';

export interface View {
  readonly sql: string;
  /** In which the names of its query are looked up. */
  readonly database: string;
  /** With Trino's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const TEXT = /^\s*\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/\s*$/;

/** @throws QueryFailure INVALID_VIEW */
export function readView(table: GlueTable): View {
  const broken = (why: string): QueryFailure => new QueryFailure('INVALID_VIEW', `View '${table.DatabaseName}.${table.Name}' ${why}`);
  const match = TEXT.exec(table.ViewOriginalText ?? '');
  if (!match) throw broken('has no definition of Presto');
  let definition: Partial<Record<'originalSql' | 'schema' | 'columns', unknown>>;
  try {
    definition = JSON.parse(Buffer.from(match[1] as string, 'base64').toString());
  } catch {
    throw broken('has a definition that is no JSON');
  }
  const { originalSql, schema, columns } = definition;
  if (typeof originalSql !== 'string' || typeof schema !== 'string' || !Array.isArray(columns))
    throw broken('lacks originalSql, schema or columns');
  return { sql: originalSql, database: schema, columns };
}

/**
 * Why Athena would refuse the view: its query must give the columns that it says, in order, of these very types. Undefined when it would not.
 * @param found what the query gives, with DuckDB's types
 */
export function mismatchOf({ columns }: View, found: View['columns']): string | undefined {
  if (found.length !== columns.length) return `its query gives ${found.length} columns, the view has ${columns.length}`;
  for (const [index, { name, type }] of columns.entries()) {
    const given = found[index] as View['columns'][number];
    const projected = `projected from query view at position ${index}`;
    if (given.name.toLowerCase() !== name.toLowerCase()) {
      return `column [${given.name}] ${projected} has a different name from column [${name}] stored in view definition`;
    }
    if (portableType(given.type) !== duckDbType(type)) {
      return `column [${name}] of type ${given.type.toLowerCase()} ${projected} cannot be coerced to column [${name}] of type ${type} stored in view definition`;
    }
  }
  return undefined;
}
