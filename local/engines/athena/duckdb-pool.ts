/**
 * A few DuckDB instances, one query at a time each. They are loaded with the first query and go when nobody has asked for a while:
 * an instance keeps the memory of its largest query until it is closed, and takes 40 ms to open.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { identifier, quoted } from '../sql-tokens.ts';
import { TRINO_FUNCTIONS } from './trino-functions.ts';

export interface DuckDbOptions {
  /** All that a query can read and write: the folder of the buckets. */
  readonly folder: string;
  /** For what does not fit into memory; emptied at the first query. */
  readonly spillFolder: string;
  /** How many queries run at a time. Each takes a thread of libuv's four while it runs. @default 2 */
  readonly instances?: number;
  /** An instance that nobody asks for so long is closed, ms. @default 5000 */
  readonly idleMs?: number;
}

interface IdleInstance {
  readonly instance: DuckDBInstance;
  readonly closing: NodeJS.Timeout;
}

/** Both cores of the machine that this is measured on. */
const THREADS = 2;
/** One large query of a batch fits in; the rest is spilled to disk. */
const MOST_MEMORY_BYTES = 3 * 1024 ** 3;
/** Two of them may be at work at once. */
const SHARE_OF_MEMORY = 0.2;
const INTERRUPT_INTERVAL_MS = 20;
const IDLE_MS = 5_000;

export class DuckDbPool {
  readonly #options: DuckDbOptions;
  #free: IdleInstance[] = [];
  readonly #waiting: PromiseWithResolvers<DuckDBInstance>[] = [];
  #opened = 0;
  #isClosed = false;

  constructor(options: DuckDbOptions) {
    this.#options = options;
  }

  /** Waits for an instance and calls `work` with a connection of its own. */
  async use<Result>(work: (session: DuckDbSession) => Promise<Result>): Promise<Result> {
    const instance = await this.#acquire();
    try {
      const session = new DuckDbSession(await instance.connect(), this.#options.folder);
      try {
        await session.run('call truncate_duckdb_logs()');
        return await work(session);
      } finally {
        session.close();
      }
    } finally {
      this.#release(instance);
    }
  }

  /** Instances that work end with their query. */
  close(): void {
    this.#isClosed = true;
    for (const { instance, closing } of this.#free.splice(0)) {
      clearTimeout(closing);
      this.#closeInstance(instance);
    }
  }

  /** How many there are now. */
  get openInstances(): number {
    return this.#opened;
  }

  #closeInstance(instance: DuckDBInstance): void {
    instance.closeSync();
    this.#opened -= 1;
  }

  async #acquire(): Promise<DuckDBInstance> {
    const free = this.#free.pop();
    if (free !== undefined) {
      clearTimeout(free.closing);
      return free.instance;
    }
    if (this.#opened < (this.#options.instances ?? 2)) {
      this.#opened += 1;
      try {
        return await openInstance(this.#options, this.#opened === 1);
      } catch (error) {
        this.#opened -= 1;
        // Who waits for one of none would wait for ever.
        if (this.#opened === 0) for (const { reject } of this.#waiting.splice(0)) reject(error);
        throw error;
      }
    }
    const next = Promise.withResolvers<DuckDBInstance>();
    this.#waiting.push(next);
    return next.promise;
  }

  #release(instance: DuckDBInstance): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next.resolve(instance);
    else if (this.#isClosed) this.#closeInstance(instance);
    else this.#idle(instance);
  }

  #idle(instance: DuckDBInstance): void {
    const closing = setTimeout(() => {
      this.#free = this.#free.filter((other) => other.instance !== instance);
      this.#closeInstance(instance);
    }, this.#options.idleMs ?? IDLE_MS);
    closing.unref();
    this.#free.push({ instance, closing });
  }
}

async function openInstance({ folder, spillFolder }: DuckDbOptions, isFirst: boolean): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  if (isFirst) rmSync(spillFolder, { recursive: true, force: true });
  mkdirSync(spillFolder, { recursive: true });
  const memoryBytes = Math.min(MOST_MEMORY_BYTES, Math.floor(totalmem() * SHARE_OF_MEMORY));
  const instance = await Instance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: `${memoryBytes}B`,
    temp_directory: spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    // An object can be replaced by one of the same size within the resolution of a file's time.
    enable_external_file_cache: 'false',
    integer_division: 'true',
    errors_as_json: 'true',
  });
  const connection = await instance.connect();
  try {
    const settings = [
      "set global TimeZone = 'UTC'",
      ...TRINO_FUNCTIONS,
      // What each query reads is asked of this log.
      "call enable_logging('FileSystem')",
      `set global allowed_directories = [${quoted(folder)}]`,
      'set global enable_external_access = false',
      'set global lock_configuration = true',
    ];
    for (const statement of settings) await connection.run(statement);
  } finally {
    connection.closeSync();
  }
  return instance;
}

export interface PreparedQuery {
  /** Names and DuckDB's types of what it answers with. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Rows that are made while they are read. */
  stream(): Promise<DuckDBResult>;
}

/** One connection of one query. */
export class DuckDbSession {
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  #interrupting: NodeJS.Timeout | undefined;

  constructor(connection: DuckDBConnection, folder: string) {
    this.#connection = connection;
    this.#folder = folder;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** A few rows, as objects. */
  async rows(sql: string, values: DuckDBValue[] = []): Promise<Record<string, DuckDBValue>[]> {
    return (await this.#connection.run(sql, values)).getRowObjects();
  }

  /** Binds a query without reading a row. What is prepared goes with the connection. */
  async prepare(sql: string): Promise<PreparedQuery> {
    const prepared = await this.#connection.prepare(sql);
    return {
      columns: Array.from({ length: prepared.columnCount }, (_, index) => ({
        name: prepared.columnName(index),
        type: prepared.columnType(index).toString(),
      })),
      stream: () => prepared.stream(),
    };
  }

  /** Keeps texts under a name that statements of this connection ask for by `getvariable`. */
  async setVariable(name: string, values: readonly string[]): Promise<void> {
    const { listValue } = await import('@duckdb/node-api');
    await this.#connection.run(`set variable ${identifier(name)} = $1`, [listValue([...values])]);
  }

  /** How many bytes of objects this query has read. */
  async bytesRead(): Promise<number> {
    // A message is JSON; to have it parsed takes eight times as long.
    const [row] = await this.rows(
      `select cast(coalesce(sum(try_cast(regexp_extract(message, '"bytes":"(\\d+)"', 1) as bigint)), 0) as double) as bytes
       from duckdb_logs where type = 'FileSystem' and contains(message, '"op":"READ"') and contains(message, $1)`,
      [`"path":${JSON.stringify(`${this.#folder}/`).slice(0, -1)}`],
    );
    return Number(row?.['bytes']);
  }

  /** Ends what runs on this connection with an error, and what would be run next. DuckDB forgets an interrupt that comes before a statement began. */
  interrupt(): void {
    this.#connection.interrupt();
    this.#interrupting ??= setInterval(() => this.#connection.interrupt(), INTERRUPT_INTERVAL_MS);
  }

  close(): void {
    clearInterval(this.#interrupting);
    this.#connection.closeSync();
  }
}
