/** The Glue data catalogue without the wire: databases and tables come from the template at each start, partitions are registered and kept. */
import { AwsError } from '../aws-error.ts';
import type { PartitionFiles } from './partition-files.ts';

export interface GlueColumn {
  readonly Name: string;
  /** In Hive's words. */
  readonly Type: string;
  readonly Comment?: string;
}

/** Of it the local engines read the members below; others are kept as they came. */
export interface StorageDescriptor {
  readonly Columns?: readonly GlueColumn[];
  readonly Location?: string;
  readonly SerdeInfo?: { readonly SerializationLibrary?: string; readonly Parameters?: Readonly<Record<string, string>> };
}

export interface TableInput {
  readonly Name: string;
  readonly Description?: string;
  readonly TableType?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly PartitionKeys?: readonly GlueColumn[];
  readonly StorageDescriptor?: StorageDescriptor;
  readonly ViewOriginalText?: string;
  readonly ViewExpandedText?: string;
}

export interface GlueTable extends TableInput {
  readonly DatabaseName: string;
}

export interface PartitionInput {
  readonly Values: readonly string[];
  readonly StorageDescriptor?: StorageDescriptor;
  readonly Parameters?: Readonly<Record<string, string>>;
}

export interface GluePartition extends PartitionInput {
  /** Seconds since the epoch. */
  readonly CreationTime: number;
}

interface Database {
  readonly name: string;
  readonly description: string | undefined;
  readonly tables: Map<string, GlueTable>;
}

export class GlueCatalog {
  readonly #databases = new Map<string, Database>();
  /** By table, then by values. */
  readonly #partitions = new Map<string, Map<string, GluePartition>>();
  readonly #files: PartitionFiles;
  readonly #nowMs: () => number;

  constructor({ files, nowMs }: { files: PartitionFiles; nowMs: () => number }) {
    this.#files = files;
    this.#nowMs = nowMs;
  }

  /** @throws AwsError AlreadyExistsException */
  createDatabase(name: string, description?: string): void {
    const key = name.toLowerCase();
    if (this.#databases.has(key)) throw alreadyExists('Database already exists.');
    this.#databases.set(key, { name: key, description, tables: new Map() });
  }

  /** Partitions that were registered before a restart are there again. @throws AwsError AlreadyExistsException, EntityNotFoundException */
  createTable(database: string, input: TableInput): void {
    const { name: DatabaseName, tables } = this.#database(database);
    const Name = input.Name.toLowerCase();
    if (tables.has(Name)) throw alreadyExists('Table already exists.');
    tables.set(Name, { ...input, Name, DatabaseName });
    const kept = this.#files.read(DatabaseName, Name);
    this.#partitions.set(`${DatabaseName}.${Name}`, new Map(kept.map((partition) => [keyOf(partition.Values), partition])));
  }

  databases(): { readonly name: string; readonly description: string | undefined }[] {
    return [...this.#databases.values()].sort(byName);
  }

  /** @throws AwsError EntityNotFoundException */
  database(name: string): { readonly name: string; readonly description: string | undefined } {
    return this.#database(name);
  }

  /** In the order of their names. @throws AwsError EntityNotFoundException */
  tables(database: string): GlueTable[] {
    return [...this.#database(database).tables.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1));
  }

  /** Undefined when there is no such database or table. */
  find(database: string, table: string): GlueTable | undefined {
    return this.#databases.get(database.toLowerCase())?.tables.get(table.toLowerCase());
  }

  /** @throws AwsError EntityNotFoundException */
  table(database: string, table: string): GlueTable {
    const found = this.#database(database).tables.get(table.toLowerCase());
    if (found === undefined) throw notFound(`Table ${table} not found.`);
    return found;
  }

  /** In the order of their values. */
  partitions(table: GlueTable): GluePartition[] {
    return [...this.#of(table).values()].sort((a, b) => (keyOf(a.Values) < keyOf(b.Values) ? -1 : 1));
  }

  /** Undefined when it is not registered. @throws AwsError InvalidInputException for another number of values than keys */
  partition(table: GlueTable, values: readonly string[]): GluePartition | undefined {
    return this.#of(table).get(this.#keyIn(table, values));
  }

  /** Registered, and kept, when it returns. @throws AwsError AlreadyExistsException, InvalidInputException */
  createPartition(table: GlueTable, input: PartitionInput): void {
    const key = this.#keyIn(table, input.Values);
    const partitions = this.#of(table);
    if (partitions.has(key)) throw alreadyExists('Partition already exists.');
    partitions.set(key, { ...input, CreationTime: Math.floor(this.#nowMs() / 1000) });
    this.#keep(table);
  }

  /** @throws AwsError EntityNotFoundException, AlreadyExistsException, InvalidInputException */
  updatePartition(table: GlueTable, values: readonly string[], input: PartitionInput): void {
    const key = this.#keyIn(table, values);
    const newKey = this.#keyIn(table, input.Values);
    const partitions = this.#of(table);
    const existing = partitions.get(key);
    if (existing === undefined) throw notFound('Cannot find partition.');
    if (newKey !== key && partitions.has(newKey)) throw alreadyExists('Partition already exists.');
    partitions.delete(key);
    partitions.set(newKey, { ...input, CreationTime: existing.CreationTime });
    this.#keep(table);
  }

  /** @throws AwsError EntityNotFoundException, InvalidInputException */
  deletePartition(table: GlueTable, values: readonly string[]): void {
    if (!this.#of(table).delete(this.#keyIn(table, values))) throw notFound('Cannot find partition.');
    this.#keep(table);
  }

  #database(name: string): Database {
    const found = this.#databases.get(name.toLowerCase());
    if (found === undefined) throw notFound(`Database ${name} not found.`);
    return found;
  }

  #of({ DatabaseName, Name }: GlueTable): Map<string, GluePartition> {
    return this.#partitions.get(`${DatabaseName}.${Name}`) ?? new Map();
  }

  #keyIn(table: GlueTable, values: readonly string[]): string {
    if (values.length !== (table.PartitionKeys?.length ?? 0)) {
      throw new AwsError('InvalidInputException', 'The number of partition keys do not match the number of partition values');
    }
    return keyOf(values);
  }

  #keep(table: GlueTable): void {
    this.#files.write(table.DatabaseName, table.Name, [...this.#of(table).values()]);
  }
}

function keyOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

export function notFound(message: string): AwsError {
  return new AwsError('EntityNotFoundException', message);
}

function alreadyExists(message: string): AwsError {
  return new AwsError('AlreadyExistsException', message);
}
