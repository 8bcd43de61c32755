/** What operations on items share: keys in requests, items of rows. */
import { checkAttributes, type Item } from './attribute-value.ts';
import { invalid } from './errors.ts';
import type { Key, Table } from './table.ts';

/** A key as a request gives it: the table's key attributes and nothing else. */
export function keyParameter(table: Table, given: Readonly<Record<string, unknown>>): Key {
  checkAttributes(given);
  const item = given as Item;
  const { key } = table.schema;
  const fits =
    Object.keys(item).length === key.length && key.every(({ name, type }) => Object.hasOwn(item, name) && item[name]![type] !== undefined);
  if (!fits) throw invalid('The provided key element does not match the schema');
  return table.keyOf(item);
}

/** Refuses a key that comes twice in one batch. */
export class DuplicateCheck {
  readonly #seen = new Set<string>();

  add(key: Key): void {
    const identity = JSON.stringify(key.map((part) => part.toString('latin1')));
    if (this.#seen.has(identity)) throw invalid('Provided list of item keys contains duplicates');
    this.#seen.add(identity);
  }
}
