/** Partition keys with projection type `injected`: Athena reads such a table only when WHERE gives the key by equality with literals. */
import type { GlueTable } from '../glue/catalog.ts';

export function injectedKeys(table: GlueTable): string[] {
  const keys = (table.PartitionKeys ?? []).map(({ Name }) => Name.toLowerCase());
  return keys.filter(
    (key) => table.Parameters?.['projection.enabled'] === 'true' && table.Parameters[`projection.${key}.type`] === 'injected',
  );
}

type Node = Readonly<Record<string, unknown>>;

/** Whether some tree compares a column of that name with a literal, by `=` or `in (…)`. Which table's column it is, is not asked. */
export function isInjectedKeyGiven(trees: readonly unknown[], key: string): boolean {
  return trees.some((tree) => contains(tree, (node) => isEquality(node, key)));
}

function isEquality(node: Node, key: string): boolean {
  if (node['type'] === 'COMPARE_EQUAL') {
    const [left, right] = [node['left'], node['right']];
    return (isColumn(left, key) && isLiteral(right)) || (isLiteral(left) && isColumn(right, key));
  }
  if (node['type'] !== 'COMPARE_IN') return false;
  const [column, ...values] = node['children'] as unknown[];
  return isColumn(column, key) && values.every(isLiteral);
}

function isColumn(value: unknown, key: string): boolean {
  const node = value as Node;
  return node['type'] === 'COLUMN_REF' && (node['column_names'] as string[]).at(-1)?.toLowerCase() === key;
}

function isLiteral(value: unknown): boolean {
  return !contains(value, (node) => node['type'] === 'COLUMN_REF' || node['class'] === 'SUBQUERY');
}

function contains(value: unknown, is: (node: Node) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (!Array.isArray(value) && is(value as Node)) || Object.values(value).some((child) => contains(child, is));
}
