/** The rows of one table: keys and index keys as they sort, the item packed. */
import { attributeOf, type Item, type KeyPart, typeOf } from './attribute-value.ts';
import { invalid } from './errors.ts';
import { checkedPart } from './key-part.ts';
import { IS_WHOLE, itemOf, PACKED_COLUMNS, type Packed, pack } from './packed.ts';
import type { IndexSchema, KeyAttribute, TableSchema } from './schema.ts';
import type { Column, Store } from './store.ts';

/** Hash key, then range key if the table has one. */
export type Key = readonly KeyPart[];

/** What is stored of an item. */
export interface Entry {
  readonly key: Key;
  readonly packed: Packed;
  /** Its size as AWS counts it. */
  readonly bytes: number;
  /** Its keys in the indexes, in the order of the columns. */
  readonly indexed: readonly Column[];
}

export interface Row extends Pick<Entry, 'bytes' | 'indexed'> {
  readonly id: number;
  readonly item: Item;
  /** The item as JSON. */
  readonly json: string;
}

/** The table itself, or an index of it, as an ordered list. */
export interface Path {
  readonly index: IndexSchema | null;
  /** What it is ordered by. Those of an index end with the table's own key, which tells equal entries apart. */
  readonly attributes: readonly KeyAttribute[];
  readonly columns: readonly string[];
}

export interface Bound {
  readonly part: KeyPart;
  readonly isInside: boolean;
}

export interface Range {
  /** Only entries with this hash key. */
  readonly hash?: KeyPart;
  /** Limits of the range key, with `hash` only. */
  readonly low?: Bound;
  readonly high?: Bound;
  /** Only what comes after this entry (one key for each attribute of the path). */
  readonly after?: Key;
  readonly isForward: boolean;
}

export class Table {
  readonly schema: TableSchema;
  readonly createdMs: number;
  readonly #store: Store;
  readonly #name: string;
  readonly #keyColumns: readonly string[];
  readonly #indexColumns: readonly string[];
  readonly #sql: {
    readonly find: string;
    readonly texts: string;
    readonly insert: string;
    readonly replace: string;
    readonly update: string;
    readonly updateContent: string;
  };

  /** `id` names its rows in the store. */
  constructor(store: Store, id: number, schema: TableSchema, createdMs: number) {
    this.schema = schema;
    this.createdMs = createdMs;
    this.#store = store;
    this.#name = `rows_${id}`;
    this.#keyColumns = schema.key.map((_, position) => `k${position}`);
    this.#indexColumns = schema.indexes.flatMap((index, number) => columnsOf(index, number));
    const content = ['bytes', ...PACKED_COLUMNS];
    const columns = [...this.#keyColumns, ...this.#indexColumns, ...content];
    this.#sql = {
      find: `SELECT ${['id', 'bytes', 'item', IS_WHOLE, ...this.#indexColumns].join()} FROM ${this.#name} WHERE ${equals(this.#keyColumns).join(' AND ')}`,
      texts: `SELECT ${PACKED_COLUMNS.join()} FROM ${this.#name} WHERE id = ?`,
      insert: `INSERT INTO ${this.#name} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
      replace: `INSERT INTO ${this.#name} (${columns.join()}) VALUES (${columns.map(() => '?').join()}) ON CONFLICT (${this.#keyColumns.join()}) DO UPDATE SET ${[...this.#indexColumns, ...content].map((column) => `${column} = excluded.${column}`).join()}`,
      update: `UPDATE ${this.#name} SET ${equals([...this.#indexColumns, ...content]).join()} WHERE id = ?`,
      updateContent: `UPDATE ${this.#name} SET ${equals(content).join()} WHERE id = ?`,
    };
  }

  /** Makes room for the rows, once. */
  create(): void {
    const columns = ['id INTEGER PRIMARY KEY', ...this.#keyColumns, ...this.#indexColumns, 'bytes', ...PACKED_COLUMNS];
    this.#store.write(`CREATE TABLE ${this.#name} (${columns.join()})`);
    this.#store.write(`CREATE UNIQUE INDEX ${this.#name}_key ON ${this.#name} (${this.#keyColumns.join()})`);
    for (const [number, index] of this.schema.indexes.entries()) {
      const [first, ...others] = columnsOf(index, number);
      this.#store.write(
        `CREATE INDEX ${this.#name}_i${number} ON ${this.#name} (${[first, ...others, ...this.#keyColumns].join()}) WHERE ${first} IS NOT NULL`,
      );
    }
  }

  drop(): void {
    this.#store.write(`DROP TABLE ${this.#name}`);
  }

  /** How many items it has, and their bytes. */
  size(): { readonly items: number; readonly bytes: number } {
    const found = this.#store.row(`SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM ${this.#name}`)!;
    return { items: found['items'] as number, bytes: found['bytes'] as number };
  }

  /** The key of a checked item. Throws ValidationException when a part of it is missing or of another type. */
  keyOf(item: Item): Key {
    return this.schema.key.map((attribute, position) => {
      const { name, type } = attribute;
      const value = attributeOf(item, name);
      if (value === undefined) throw wrong(`Missing the key ${name} in the item`);
      if (value[type] === undefined) throw wrong(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
      return checkedPart(attribute, value, position);
    });
  }

  /** The row of a key. Its long texts are read when they are looked at, which must be before the row is written again. */
  find(key: Key): Row | undefined {
    const row = this.#store.row(this.#sql.find, ...key);
    return row && this.#rowOf(row);
  }

  /** A checked item of so many bytes, ready to be put. Throws ValidationException when it does not fit the keys of table and indexes. */
  entryOf(item: Item, bytes: number): Entry {
    return { key: this.keyOf(item), packed: pack(item), bytes, indexed: this.#indexedOf(item) };
  }

  /** Puts an entry in the place of `existing`, which is what `find` found at its key. */
  put({ key, packed, bytes, indexed }: Entry, existing: Row | undefined): void {
    if (existing === undefined) this.#store.write(this.#sql.insert, ...key, ...indexed, bytes, ...packed);
    else if (indexed.every((column, position) => isSame(column, existing.indexed[position]!))) {
      this.#store.write(this.#sql.updateContent, bytes, ...packed, existing.id);
    } else this.#store.write(this.#sql.update, ...indexed, bytes, ...packed, existing.id);
  }

  /** Puts an entry in the place of whatever is at its key. */
  replace({ key, packed, bytes, indexed }: Entry): void {
    this.#store.write(this.#sql.replace, ...key, ...indexed, bytes, ...packed);
  }

  remove({ id }: Row): void {
    this.#store.write(`DELETE FROM ${this.#name} WHERE id = ?`, id);
  }

  /** The table (null) or the index of that name. Throws ValidationException when there is none. */
  path(indexName: string | null): Path {
    if (indexName === null) return { index: null, attributes: this.schema.key, columns: this.#keyColumns };
    const number = this.schema.indexes.findIndex(({ name }) => name === indexName);
    const index = this.schema.indexes[number];
    if (index === undefined) throw invalid(`The table does not have the specified index: ${indexName}`);
    return { index, attributes: [...index.key, ...this.schema.key], columns: [...columnsOf(index, number), ...this.#keyColumns] };
  }

  /** The rows of a path within a range, in its order. */
  *rows({ columns, attributes }: Path, { hash, low, high, after, isForward }: Range): Generator<Row> {
    const conditions: string[] = [];
    const values: Column[] = [];
    const where = (condition: string, ...parts: KeyPart[]): void => {
      conditions.push(condition);
      values.push(...parts);
    };
    const [first, second] = columns;
    const ordered = hash === undefined ? columns : columns.slice(1);
    if (hash === undefined) where(`${first} IS NOT NULL`);
    else where(`${first} = ?`, hash);
    // Where the last page ended is the narrower limit of its side: with both, the scan would begin at the wider one again.
    const place = after && (hash === undefined ? after : after.slice(1));
    if (place) where(`(${ordered.join()}) ${isForward ? '>' : '<'} (${ordered.map(() => '?').join()})`, ...place);
    // The end of a prefix of texts is bytes, perhaps of no valid text.
    const value = ({ part }: Bound): string => (attributes[1]?.type === 'S' && typeof part !== 'string' ? 'CAST(? AS TEXT)' : '?');
    if (low && !(place && isForward)) where(`${second} ${low.isInside ? '>=' : '>'} ${value(low)}`, low.part);
    if (high && !(place && !isForward)) where(`${second} ${high.isInside ? '<=' : '<'} ${value(high)}`, high.part);
    const order = ordered.map((column) => `${column} ${isForward ? 'ASC' : 'DESC'}`).join();
    const sql = `SELECT ${['id', 'bytes', IS_WHOLE, ...PACKED_COLUMNS].join()} FROM ${this.#name} WHERE ${conditions.join(' AND ')}${order && ` ORDER BY ${order}`}`;
    for (const row of this.#store.rows(sql, ...values)) yield this.#rowOf(row);
  }

  #rowOf(row: Readonly<Record<string, unknown>>): Row {
    const id = row['id'] as number;
    const readText = (column: string): unknown => (column in row ? row : this.#store.row(this.#sql.texts, id)!)[column];
    let item: Item | undefined;
    return {
      id,
      get item() {
        item ??= itemOf(row['item'] as string, readText as (column: string) => string);
        return item;
      },
      get json() {
        return row['isWhole'] === 1 ? (row['item'] as string) : JSON.stringify(this.item);
      },
      bytes: row['bytes'] as number,
      indexed: this.#indexColumns.map((column) => row[column] as Column),
    };
  }

  /** The item's keys in every index; none at all in one of which it lacks an attribute. */
  #indexedOf(item: Item): Column[] {
    return this.schema.indexes.flatMap(({ name: indexName, key }) => {
      const columns = key.map((attribute, position) => {
        const { name, type } = attribute;
        const value = attributeOf(item, name);
        if (value === undefined) return null;
        if (value[type] === undefined) {
          throw wrong(`Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${indexName}`);
        }
        return checkedPart(attribute, value, position, indexName);
      });
      return columns.includes(null) ? columns.map(() => null) : columns;
    });
  }
}

function columnsOf(index: IndexSchema, number: number): string[] {
  return index.key.map((_, position) => `i${number}_${position}`);
}

function equals(columns: readonly string[]): string[] {
  return columns.map((column) => `${column} = ?`);
}

function isSame(a: Column, b: Column): boolean {
  return a === b || (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0);
}

function wrong(what: string) {
  return invalid(`One or more parameter values were invalid: ${what}`);
}
