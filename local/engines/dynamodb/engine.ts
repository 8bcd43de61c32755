/** DynamoDB's tables in a folder or in memory. Operations are synchronous; what they wrote is durable after `commit`. */
import { AwsError } from '../aws-error.ts';
import { noSuchTable } from './errors.ts';
import type { TableSchema } from './schema.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';

export class DynamoEngine {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #tables = new Map<string, Table>();

  /** `folder` null keeps the tables in memory. Throws when the folder holds what another version left. */
  constructor(folder: string | null, nowMs: () => number) {
    this.#store = new Store(folder);
    this.#nowMs = nowMs;
    this.#store.write('CREATE TABLE IF NOT EXISTS tables (id INTEGER PRIMARY KEY, name UNIQUE, created_ms, schema)');
    for (const row of this.#store.rows('SELECT id, created_ms, schema FROM tables')) {
      const schema = JSON.parse(row['schema'] as string) as TableSchema;
      this.#tables.set(schema.name, new Table(this.#store, row['id'] as number, schema, row['created_ms'] as number));
    }
    this.#store.commit();
  }

  /** Whether something was written that is not durable yet: no answer may leave before `commit`. */
  get isWriting(): boolean {
    return this.#store.isWriting;
  }

  commit(): void {
    this.#store.commit();
  }

  table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw noSuchTable(name);
    return table;
  }

  /** In the order of their bytes. */
  tableNames(): string[] {
    return [...this.#tables.keys()].sort();
  }

  createTable(schema: TableSchema): Table {
    const { name } = schema;
    if (this.#tables.has(name)) throw new AwsError('ResourceInUseException', `Table already exists: ${name}`);
    const createdMs = this.#nowMs();
    this.#store.write('INSERT INTO tables (name, created_ms, schema) VALUES (?, ?, ?)', name, createdMs, JSON.stringify(schema));
    const id = this.#store.row('SELECT id FROM tables WHERE name = ?', name)!['id'] as number;
    const table = new Table(this.#store, id, schema, createdMs);
    table.create();
    this.#tables.set(name, table);
    return table;
  }

  deleteTable(name: string): Table {
    const table = this.table(name);
    this.#store.forgetStatements();
    table.drop();
    this.#store.write('DELETE FROM tables WHERE name = ?', name);
    this.#tables.delete(name);
    return table;
  }

  /** Commits first. */
  close(): void {
    this.#store.close();
  }
}
