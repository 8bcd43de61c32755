/** How an item lies in columns: as JSON, with its long texts apart, so that neither writing nor looking at the rest has to read and escape them. */
import type { AttributeValue, Item } from './attribute-value.ts';

const TEXT_COLUMNS = ['text0', 'text1', 'text2'] as const;
export const PACKED_COLUMNS = ['item', ...TEXT_COLUMNS] as const;

/** Column that is 1 where the JSON is the whole item. */
export const IS_WHOLE = 'text0 IS NULL AS isWhole';

/** The contents of the columns. */
export type Packed = readonly (string | null)[];

/** UTF-16 units from which a text lies apart: below, escaping costs less than a column. */
const LONG_TEXT = 4096;
const NO_TEXTS = TEXT_COLUMNS.map(() => null);

/** In the JSON, a text that lies apart has the number of its column in its place. */
export function pack(item: Item): Packed {
  const texts: string[] = [];
  let inside: Record<string, unknown> | undefined;
  for (const name of Object.keys(item)) {
    const text = item[name]!.S;
    if (text === undefined || text.length < LONG_TEXT || texts.length === TEXT_COLUMNS.length) continue;
    inside ??= { ...item };
    inside[name] = { S: texts.push(text) - 1 };
  }
  return inside ? [JSON.stringify(inside), ...TEXT_COLUMNS.map((_, column) => texts[column] ?? null)] : [JSON.stringify(item), ...NO_TEXTS];
}

/** The item that was packed; a text that lies apart is read when somebody looks at it. */
export function itemOf(json: string, readText: (column: string) => string): Item {
  const item = JSON.parse(json) as Record<string, AttributeValue>;
  for (const name of Object.keys(item)) {
    const place: unknown = item[name]!.S;
    if (typeof place === 'number') item[name] = lazyText(() => readText(TEXT_COLUMNS[place]!));
  }
  return item;
}

function lazyText(read: () => string): AttributeValue {
  let text: string | undefined;
  return {
    get S() {
      text ??= read();
      return text;
    },
  };
}
