/** Projection expressions: which top-level attributes are given back. */
import type { Item } from './attribute-value.ts';
import { cachedParser } from './bindings.ts';

export const parseProjection = cachedParser('ProjectionExpression', (reader): readonly string[] => {
  const written = [reader.attribute()];
  while (reader.takeIf(',')) written.push(reader.attribute());
  return written;
});

/** The item with these attributes only. */
export function project(item: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}
