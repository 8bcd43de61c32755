/** Names of a query's columns: Trino calls one that has no name of its own `_col` and its number. */

interface SelectItem {
  readonly class: string;
  readonly alias: string;
}

interface QueryNode {
  readonly type: string;
  readonly select_list?: readonly SelectItem[];
  readonly from_table?: { readonly type: string } | null;
  readonly left?: QueryNode;
}

/** @param names as DuckDB gives them, one a column */
export function outputNames(tree: unknown, names: readonly string[]): string[] {
  let [{ node }] = (tree as { statements: [{ node: QueryNode }] }).statements;
  while (node.left !== undefined) node = node.left;
  if (node.from_table?.type === 'EXPRESSION_LIST') return names.map((_, index) => `_col${index}`);
  const items = node.select_list ?? [];
  const result = [...names];
  const isUnnamed = (item: SelectItem): boolean => item.alias === '' && item.class !== 'COLUMN_REF' && item.class !== 'STAR';
  const rename = (item: SelectItem, index: number): void => {
    if (isUnnamed(item)) result[index] = `_col${index}`;
  };
  // A star stands for any number of columns: what is before it is counted from the front, what is behind it from the end.
  const star = items.findIndex((item) => item.class === 'STAR');
  const lastStar = items.findLastIndex((item) => item.class === 'STAR');
  for (const [index, item] of items.entries()) {
    if (star < 0 || index < star) rename(item, index);
    else if (index > lastStar) rename(item, names.length - items.length + index);
  }
  return result;
}
