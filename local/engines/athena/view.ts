/** A view of the catalogue, as Athena and Trino keep them: JSON in base64 within a comment. */
import type { GlueTable } from '../glue/catalog.ts';
import { QueryFailure } from './query-failure.ts';

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
