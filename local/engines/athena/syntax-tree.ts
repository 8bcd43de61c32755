/** What DuckDB's own parser made of a query: which tables it names, and that it does nothing but ask for rows. */
import { QueryFailure } from './query-failure.ts';

/** A table that a query names. */
export interface TableReference {
  /** Of its first character, in bytes of the text. */
  readonly byteOffset: number;
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
  readonly hasAlias: boolean;
}

type Node = Readonly<Record<string, unknown>>;

/** Relations that are neither tables nor queries of tables, but can do no harm. */
const HARMLESS = new Set(['JOIN', 'SUBQUERY', 'EXPRESSION_LIST', 'EMPTY']);
const TABLE_FUNCTIONS = new Set(['unnest', 'generate_series', 'range']);

/**
 * The tables of the catalogue that a query names; names that a WITH defines are none.
 * @param tree of `json_serialize_sql`, one statement
 * @throws QueryFailure for anything that reads from elsewhere than a table
 */
export function tableReferences(tree: unknown): TableReference[] {
  const found: TableReference[] = [];
  visit(tree, new Set(), found);
  return found;
}

function visit(value: unknown, defined: ReadonlySet<string>, found: TableReference[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, defined, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  const inner = 'cte_map' in node ? visitDefinitions(node, defined, found) : defined;
  if (isRelation(node)) visitRelation(node, inner, found);
  for (const [name, child] of Object.entries(node)) if (name !== 'cte_map') visit(child, inner, found);
}

/** Expressions have a class, queries no alias. */
function isRelation(node: Node): boolean {
  return 'type' in node && 'alias' in node && 'sample' in node && !('class' in node);
}

/** A definition knows those before it; a recursive one itself. The query knows all. */
function visitDefinitions(node: Node, defined: ReadonlySet<string>, found: TableReference[]): ReadonlySet<string> {
  const known = new Set(defined);
  for (const { key, value } of (node['cte_map'] as { readonly map: readonly { readonly key: string; readonly value: Node }[] }).map) {
    const name = key.toLowerCase();
    const isRecursive = JSON.stringify(value).includes('"RECURSIVE_CTE_NODE"');
    visit(value, isRecursive ? new Set([...known, name]) : known, found);
    known.add(name);
  }
  return known;
}

function visitRelation(node: Node, defined: ReadonlySet<string>, found: TableReference[]): void {
  const type = String(node['type']);
  if (type === 'BASE_TABLE') {
    const name = String(node['table_name']).toLowerCase();
    const [schema, catalog] = [String(node['schema_name']).toLowerCase(), String(node['catalog_name']).toLowerCase()];
    if (schema === '' && defined.has(name)) return;
    found.push({ byteOffset: Number(node['query_location']), catalog, schema, name, hasAlias: node['alias'] !== '' });
  } else if (type === 'TABLE_FUNCTION') {
    const name = String((node['function'] as Node | null)?.['function_name']);
    if (!TABLE_FUNCTIONS.has(name)) throw new QueryFailure('FUNCTION_NOT_FOUND', `Table function '${name}' not registered`);
  } else if (!HARMLESS.has(type)) {
    throw new QueryFailure('NOT_SUPPORTED', `a query reads from tables, views and queries only, not from ${type}`);
  }
}
