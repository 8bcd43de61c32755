/** Runs one statement: binds it to the catalogue, reads or writes, and leaves its result on S3. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { GlueCatalog, GlueTable } from '../glue/catalog.ts';
import type { S3Engine } from '../s3/engine.ts';
import { identifier } from '../sql-tokens.ts';
import { catalogRows } from './catalog-statements.ts';
import type { DuckDbSession } from './duckdb-pool.ts';
import type { QueryResult } from './executions.ts';
import { parseLocation } from './lake-files.ts';
import { withParameters } from './parameters.ts';
import { type BoundQuery, QueryBinder } from './query-binder.ts';
import { QueryFailure } from './query-failure.ts';
import { CSV, PLAIN, type Row } from './result-text.ts';
import type { SqlText } from './sql-text.ts';
import type { Statement } from './statement.ts';
import { columnInfo, portableType } from './types.ts';
import { valueText } from './values.ts';

export interface QueryTask {
  readonly id: string;
  readonly statement: Exclude<Statement, { kind: 'execute' }>;
  readonly parameters: readonly string[];
  readonly database: string | undefined;
  /** Of the result's object. */
  readonly outputLocation: string;
  /** More bytes than these are not read for nothing: the query is cancelled. */
  readonly cutoffBytes: number | undefined;
}

export interface QueryOutcome {
  readonly result: QueryResult;
  readonly bytesScanned: number;
  readonly manifestLocation: string | undefined;
}

/** The query reads more than its workgroup allows. */
export class BytesCutoffError extends Error {}

const ROWS_PER_GROUP = 100_000;

export class QueryRunner {
  readonly #catalog: GlueCatalog;
  readonly #s3: S3Engine;
  /** Of the instants in names of objects. */
  readonly #nowMs: () => number;
  readonly #checkedViews = new Set<GlueTable>();

  constructor({ catalog, s3, nowMs }: { catalog: GlueCatalog; s3: S3Engine; nowMs: () => number }) {
    this.#catalog = catalog;
    this.#s3 = s3;
    this.#nowMs = nowMs;
  }

  /** @throws QueryFailure, BytesCutoffError */
  async run(task: QueryTask, session: DuckDbSession): Promise<QueryOutcome> {
    const { statement } = task;
    switch (statement.kind) {
      case 'select':
        return this.#select(task, await this.#bind(task, statement.text, session), session);
      case 'unload':
        return this.#unload(task, statement, session);
      case 'explain':
        return this.#explain(task, await this.#bind(task, statement.text, session), session);
      default: {
        const { column, rows } = catalogRows(statement, this.#catalog, task.database);
        return this.#plain(task, column, rows);
      }
    }
  }

  #bind({ parameters, database }: QueryTask, text: SqlText, session: DuckDbSession): Promise<BoundQuery> {
    const sql = withParameters(text, parameters);
    const withPath = text.tokens.some(({ kind, value }) => kind === 'quoted' && value === '$path');
    const binder = { session, catalog: this.#catalog, s3: this.#s3, withPath, checkedViews: this.#checkedViews };
    return new QueryBinder(binder).bind(sql, database);
  }

  async #select(task: QueryTask, query: BoundQuery, session: DuckDbSession): Promise<QueryOutcome> {
    const columns = query.columns.map(({ name, type }) => columnInfo(name, type));
    const { bucket, prefix: key } = parseLocation(task.outputLocation);
    const lines = this.#lines(query);
    const checkCutoff = (): Promise<number> => this.#bytesRead(task, session);
    let bytesScanned = 0;
    const body = async function* () {
      yield CSV.line(columns.map(({ name }) => name));
      yield* lines;
      bytesScanned = await checkCutoff();
    };
    await this.#s3.putObject(bucket, key, encoded(body()), { contentType: 'text/csv' });
    return { result: { columns, format: CSV, updateCount: undefined }, bytesScanned, manifestLocation: undefined };
  }

  async *#lines(query: BoundQuery): AsyncGenerator<string> {
    try {
      const result = await query.stream();
      const types = result.columnTypes();
      for await (const rows of result.yieldRows())
        yield rows.map((row) => CSV.line(row.map((value, index) => valueText(value, types[index])))).join('');
    } catch (error) {
      throw query.failure(error);
    }
  }

  async #unload(task: QueryTask, { text, location, compression }: Extract<Statement, { kind: 'unload' }>, session: DuckDbSession) {
    const { bucket, prefix } = parseLocation(location);
    const folder = prefix === '' ? '' : `${prefix}/`;
    await this.#requireEmpty(task, bucket, folder, location);
    const query = await this.#bind(task, text, session);
    return this.#s3.withTemporaryFile(async (file) => {
      const options = `format parquet, compression ${compression === 'none' ? 'uncompressed' : compression}, row_group_size ${ROWS_PER_GROUP}`;
      const columns = query.columns.map(({ name, type }) => `cast(${identifier(name)} as ${portableType(type)}) as ${identifier(name)}`);
      const names = query.columns.map(({ name }) => identifier(name)).join(', ');
      let rowCount: number;
      try {
        const [row] = await session.rows(
          `copy (select ${columns.join(', ')} from (${query.sql}) as unloaded(${names})) to '${file}' (${options})`,
        );
        rowCount = Number(row?.['Count']);
      } catch (error) {
        throw query.failure(error);
      }
      const bytesScanned = await this.#bytesRead(task, session);
      const written = rowCount === 0 ? [] : [await this.#publish(file, bucket, folder)];
      const manifestLocation = `${task.outputLocation.replace(/\.[a-z]+$/, '')}-manifest.csv`;
      const manifest = parseLocation(manifestLocation);
      await this.#s3.putObject(manifest.bucket, manifest.prefix, Buffer.from(written.map((name) => `${name}\n`).join('')), {
        contentType: 'text/csv',
      });
      return { result: { columns: [], format: CSV, updateCount: rowCount }, bytesScanned, manifestLocation };
    });
  }

  async #requireEmpty({ id, database }: QueryTask, bucket: string, folder: string, location: string): Promise<void> {
    const { objects } = await this.#s3.listObjects(bucket, { prefix: folder, maxKeys: 1 });
    if (objects.length === 0) return;
    throw new QueryFailure(
      'HIVE_PATH_ALREADY_EXISTS',
      `Target directory for table 'awsdatacatalog.${database ?? 'default'}.${id}' already exists: ${location}. You may need to manually clean the data at location '${location}' before retrying. Athena will not delete data in your account.`,
    );
  }

  /** Makes a finished file an object below the folder, under a name as Athena gives them; the answer is its location. */
  async #publish(file: string, bucket: string, folder: string): Promise<string> {
    const md5 = createHash('md5');
    await pipeline(createReadStream(file), md5);
    const stamp = new Date(this.#nowMs()).toISOString().replace(/[-:T]/g, '').slice(0, 14);
    const key = `${folder}${stamp.slice(0, 8)}_${stamp.slice(8)}_00000_${randomUUID().slice(0, 5)}_${randomUUID()}`;
    const about = { etag: `"${md5.digest('hex')}"`, headers: { contentType: 'application/octet-stream' }, checksums: {} };
    this.#s3.publish(file, bucket, key, about, {});
    return `s3://${bucket}/${key}`;
  }

  async #explain(task: QueryTask, query: BoundQuery, session: DuckDbSession): Promise<QueryOutcome> {
    const rows = await session.rows(`explain ${query.sql}`);
    const lines = rows.flatMap(({ explain_value }) => String(explain_value).trimEnd().split('\n'));
    return this.#plain(
      task,
      'Query Plan',
      lines.map((line) => [line]),
    );
  }

  async #plain(task: QueryTask, column: string, rows: readonly Row[]): Promise<QueryOutcome> {
    const { bucket, prefix: key } = parseLocation(task.outputLocation);
    await this.#s3.putObject(bucket, key, Buffer.from(rows.map(PLAIN.line).join('')), { contentType: 'text/plain' });
    const columns = [columnInfo(column, 'VARCHAR')];
    return { result: { columns, format: PLAIN, updateCount: undefined }, bytesScanned: 0, manifestLocation: undefined };
  }

  async #bytesRead({ cutoffBytes }: QueryTask, session: DuckDbSession): Promise<number> {
    const bytes = await session.bytesRead();
    if (cutoffBytes !== undefined && bytes > cutoffBytes)
      throw new BytesCutoffError(`Query cancelled: Bytes scanned limit was exceeded (${bytes} of at most ${cutoffBytes})`);
    return bytes;
  }
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line);
}
