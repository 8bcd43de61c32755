/** Makes a query of the catalogue's tables and views into one that DuckDB runs: each becomes a temporary view of the connection. */
import type { GlueCatalog, GlueTable } from '../glue/catalog.ts';
import type { S3Engine } from '../s3/engine.ts';
import { identifier, isSymbol, placeOf, type Token, tokensOf } from '../sql-tokens.ts';
import { parserMessage, queryFailure } from './duckdb-errors.ts';
import type { DuckDbSession, PreparedQuery } from './duckdb-pool.ts';
import { injectedKeys, isInjectedKeyGiven } from './injected-keys.ts';
import { lakeFiles } from './lake-files.ts';
import { lakeTableSql } from './lake-table.ts';
import { outputNames } from './output-names.ts';
import { QueryFailure } from './query-failure.ts';
import { readSql, render, syntaxError } from './sql-text.ts';
import { type TableReference, tableReferences } from './syntax-tree.ts';
import { duckDbType } from './types.ts';
import { mismatchOf, readView } from './view.ts';

export const CATALOG = 'awsdatacatalog';

export interface BoundQuery {
  /** For DuckDB. */
  readonly sql: string;
  /** DuckDB's types; names as Athena gives them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Its rows, made while they are read. */
  readonly stream: PreparedQuery['stream'];
  /** An error of DuckDB in running it, in Athena's words. */
  failure(error: unknown): QueryFailure;
}

/** Where a text was changed: so many characters, at this place of the result, stand for so many of the original. */
interface Edit {
  readonly start: number;
  readonly newLength: number;
  readonly oldLength: number;
}

/** A text whose tables are views of the connection. */
interface ResolvedText {
  readonly text: string;
  readonly failure: BoundQuery['failure'];
}

export interface BinderOptions {
  readonly session: DuckDbSession;
  readonly catalog: GlueCatalog;
  readonly s3: S3Engine;
  /** The query asks for `"$path"`: tables have it as a last column. */
  readonly withPath: boolean;
  /** Views whose queries were found to give what they say; binders add to it. It depends on the catalogue only. */
  readonly checkedViews: Set<GlueTable>;
}

export class QueryBinder {
  readonly #session: DuckDbSession;
  readonly #catalog: GlueCatalog;
  readonly #s3: S3Engine;
  readonly #withPath: boolean;
  readonly #checkedViews: Set<GlueTable>;
  /** Views of the connection by `database.table`; false while one is being made. */
  readonly #made = new Map<string, boolean>();
  /** Trees of all texts so far: a filter of any of them may give an injected key. */
  readonly #trees: unknown[] = [];
  readonly #injected: GlueTable[] = [];

  constructor({ session, catalog, s3, withPath, checkedViews }: BinderOptions) {
    this.#session = session;
    this.#catalog = catalog;
    this.#s3 = s3;
    this.#withPath = withPath;
    this.#checkedViews = checkedViews;
  }

  /** @throws QueryFailure as Athena would fail */
  async bind(sql: string, database: string | undefined): Promise<BoundQuery> {
    const tree = await this.#parse(sql);
    const { text, failure } = await this.#resolve(sql, tree, database);
    for (const table of this.#injected) {
      for (const key of injectedKeys(table)) if (!isInjectedKeyGiven(this.#trees, key)) throw missingKey(key);
    }
    try {
      const { columns, stream } = await this.#session.prepare(text);
      return { sql: text, columns: named(tree, columns), stream, failure };
    } catch (error) {
      throw failure(error);
    }
  }

  async #parse(sql: string): Promise<unknown> {
    const [row] = await this.#session.rows('select json_serialize_sql(cast($1 as varchar)) as tree', [sql]);
    const tree = JSON.parse(String(row?.['tree']));
    if (tree.error) throw syntaxError(sql, charactersOf(sql, Number(tree.position ?? 0)), parserMessage(tree.error_message));
    if (tree.statements.length !== 1) throw syntaxError(sql, 0, 'one statement at a time');
    return tree;
  }

  async #resolve(sql: string, tree: unknown, database: string | undefined): Promise<ResolvedText> {
    this.#trees.push(tree);
    const edits: Edit[] = [];
    const failure = (error: unknown): QueryFailure => {
      return queryFailure(this.#withoutPaths(error), (bytes) => placeOf(sql, originalOffset(edits, charactersOf(text, bytes))));
    };
    let text = sql;
    const tokens = tokensOf(sql);
    const references = tableReferences(tree).map((reference) => ({ reference, offset: charactersOf(sql, reference.byteOffset) }));
    references.sort((a, b) => a.offset - b.offset);
    let result = '';
    let end = 0;
    for (const { reference, offset } of references) {
      const view = await this.#view(reference, database, placeOf(sql, offset));
      const nameEnd = endOfName(tokens, offset);
      const name = identifier(view) + (reference.hasAlias ? '' : ` as ${identifier(reference.name)}`);
      result += sql.slice(end, offset);
      edits.push({ start: result.length, newLength: name.length, oldLength: nameEnd - offset });
      result += name;
      end = nameEnd;
    }
    text = result + sql.slice(end);
    return { text, failure };
  }

  /** Paths of this machine are told as the locations they stand for. */
  #withoutPaths(error: unknown): unknown {
    return error instanceof Error && !(error instanceof QueryFailure)
      ? new Error(error.message.replaceAll(`${this.#s3.folder}/`, 's3://'))
      : error;
  }

  /** The name of the view that stands for a table. */
  async #view({ catalog, schema, name }: TableReference, database: string | undefined, place: string): Promise<string> {
    if (catalog !== '' && catalog !== CATALOG) throw new QueryFailure('CATALOG_NOT_FOUND', `${place}: Catalog '${catalog}' does not exist`);
    const inDatabase = (schema || database)?.toLowerCase();
    if (inDatabase === undefined)
      throw new QueryFailure('MISSING_SCHEMA_NAME', `${place}: Schema must be specified when session schema is not set`);
    const view = `${inDatabase}.${name}`;
    if (this.#made.get(view)) return view;
    const table = this.#catalog.find(inDatabase, name);
    if (table === undefined) {
      const isDatabase = this.#catalog.databases().some(({ name: known }) => known === inDatabase);
      if (!isDatabase) throw new QueryFailure('SCHEMA_NOT_FOUND', `${place}: Schema '${inDatabase}' does not exist`);
      throw new QueryFailure('TABLE_NOT_FOUND', `${place}: Table '${CATALOG}.${view}' does not exist`);
    }
    if (this.#made.has(view)) throw new QueryFailure('INVALID_VIEW', `${place}: View '${CATALOG}.${view}' names itself`);
    this.#made.set(view, false);
    const sql = table.TableType === 'VIRTUAL_VIEW' ? await this.#viewSql(table, place) : await this.#tableSql(table, view);
    await this.#session.run(`create temporary view ${identifier(view)} as ${sql}`);
    this.#made.set(view, true);
    return view;
  }

  async #tableSql(table: GlueTable, variable: string): Promise<string> {
    if (injectedKeys(table).length > 0) this.#injected.push(table);
    const files = lakeFiles(table, this.#catalog, this.#s3);
    if (files.paths.length > 0) await this.#session.setVariable(variable, files.paths);
    return lakeTableSql(table, files, variable, this.#s3.folder, this.#withPath);
  }

  /** The query behind a view, its columns cast to the types that the view says. */
  async #viewSql(table: GlueTable, place: string): Promise<string> {
    const view = readView(table);
    const stale = (why: string): QueryFailure =>
      new QueryFailure(
        'INVALID_VIEW',
        `${place}: View '${CATALOG}.${table.DatabaseName}.${table.Name}' is stale or in invalid state: ${why}`,
      );
    let bound: ResolvedText | undefined;
    try {
      const sql = render(readSql(view.sql));
      const tree = await this.#parse(sql);
      bound = await this.#resolve(sql, tree, view.database);
      if (!this.#checkedViews.has(table)) {
        const mismatch = mismatchOf(view, named(tree, (await this.#session.prepare(bound.text)).columns));
        if (mismatch !== undefined) throw stale(mismatch);
        this.#checkedViews.add(table);
      }
    } catch (error) {
      if (error instanceof QueryFailure && error.category === 'INVALID_VIEW') throw error;
      throw stale((bound?.failure(error) ?? queryFailure(error, () => place)).reason);
    }
    const names = view.columns.map(({ name }) => identifier(name));
    const columns = view.columns.map(({ type }, index) => `cast(${names[index]} as ${duckDbType(type)}) as ${names[index]}`);
    return `select ${columns.join(', ')} from (${bound.text}) as view_query(${names.join(', ')})`;
  }
}

function named(tree: unknown, columns: PreparedQuery['columns']): PreparedQuery['columns'] {
  const names = outputNames(
    tree,
    columns.map(({ name }) => name),
  );
  return columns.map(({ type }, index) => ({ name: names[index] as string, type }));
}

function missingKey(key: string): QueryFailure {
  return new QueryFailure(
    'CONSTRAINT_VIOLATION',
    `For the injected projected partition column ${key}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
  );
}

/** Behind the last part of the name that begins at `offset`. */
function endOfName(tokens: readonly Token[], offset: number): number {
  let index = tokens.findIndex(({ start }) => start === offset);
  while (isSymbol(tokens[index + 1], '.')) index += 2;
  return (tokens[index] as Token).end;
}

function charactersOf(text: string, bytes: number): number {
  return Buffer.from(text).toString('utf8', 0, bytes).length;
}

function originalOffset(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const { start, newLength, oldLength } of edits) {
    if (offset < start) break;
    if (offset < start + newLength) return start + shift;
    shift += oldLength - newLength;
  }
  return offset + shift;
}
