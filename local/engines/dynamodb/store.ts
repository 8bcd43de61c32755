/** The SQLite database that holds the tables: one file, one writer, what one turn of the event loop wrote in one transaction. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type Column = Uint8Array | string | number | null;

const FILE = 'tables.sqlite';
/** Changes with the layout of what is stored. */
const FORMAT = 1;
const CACHE_KIB = 16 * 1024;
/** After so many pages (of 4 KiB) the log is written back into the tables and begins anew. */
const LOG_PAGES = 4000;

/** The database cannot be read or written, as on a full disk: what was not committed is lost. */
export class StorageError extends Error {
  override name = 'StorageError';
}

export class Store {
  readonly #db: DatabaseSync;
  readonly #where: string;
  readonly #statements = new Map<string, StatementSync>();
  #writing = false;

  /** `folder` is created when needed; null keeps everything in memory. Throws when the folder holds what another version left. */
  constructor(folder: string | null) {
    if (folder !== null) {
      if (existsSync(path.join(folder, 'CURRENT'))) throw formatError(folder, 'LevelDB');
      mkdirSync(folder, { recursive: true });
    }
    this.#where = folder ?? 'memory';
    this.#db = new DatabaseSync(folder === null ? ':memory:' : path.join(folder, FILE));
    // Exclusive: no second process, no shared memory. WAL without syncing: a commit is in the system's hands and survives the process, not a loss of power.
    this.#db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
      PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA temp_store = MEMORY`);
    const format = this.#db.prepare('PRAGMA user_version').get()?.['user_version'];
    if (format !== FORMAT && format !== 0) throw formatError(this.#where, `format ${format}`);
    this.#db.exec(`PRAGMA user_version = ${FORMAT}`);
  }

  /** Whether something was written that is not committed yet. */
  get isWriting(): boolean {
    return this.#writing;
  }

  *rows(sql: string, ...columns: readonly Column[]): Generator<Readonly<Record<string, unknown>>> {
    const found = this.#try(() => this.#prepared(sql).iterate(...(columns as SQLInputValue[])));
    try {
      for (let next = this.#try(() => found.next()); !next.done; next = this.#try(() => found.next())) yield next.value;
    } finally {
      // A statement that was not read to its end would lock its table.
      found.return?.();
    }
  }

  row(sql: string, ...columns: readonly Column[]): Readonly<Record<string, unknown>> | undefined {
    return this.#try(() => this.#prepared(sql).get(...(columns as SQLInputValue[])));
  }

  /** Becomes durable with the next `commit`. */
  write(sql: string, ...columns: readonly Column[]): void {
    this.#try(() => {
      if (!this.#writing) this.#prepared('BEGIN IMMEDIATE').run();
      this.#writing = true;
      this.#prepared(sql).run(...(columns as SQLInputValue[]));
    });
  }

  commit(): void {
    if (!this.#writing) return;
    this.#try(() => this.#prepared('COMMIT').run());
    this.#writing = false;
  }

  /** Forgets prepared statements, those of a table that is gone among them. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  close(): void {
    this.commit();
    this.#statements.clear();
    this.#db.close();
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
      const { message } = error as Error;
      throw new StorageError(`the tables in ${this.#where} cannot be read or written: ${message} (is the disk full?)`, { cause: error });
    }
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function formatError(folder: string, found: string): Error {
  return new Error(`the tables in ${folder} were left by another version (${found}); start on another folder with --data`);
}
