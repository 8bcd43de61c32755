/** SELECT of a PartiQL statement: by one or several partition keys, like as many queries one after the other. */
import type { AttributeValue, KeyPart } from './attribute-value.ts';
import { invalid } from './errors.ts';
import { checkedPart } from './key-part.ts';
import { comparison, ofType } from './key-range.ts';
import type { Statement } from './partiql.ts';
import { project } from './projection.ts';
import type { Key, Path, Range, Table } from './table.ts';

type Select = Extract<Statement, { kind: 'SELECT' }>;

export interface SelectPage {
  readonly isConsistent: boolean;
  /** Most items that are looked at. */
  readonly limit: number | undefined;
  /** Of the page before. */
  readonly token: string | undefined;
}

/** Where the next page begins. */
interface Place {
  /** Which of the partition keys. */
  readonly partition: number;
  /** The last entry of the page before. */
  readonly after: Key;
}

/** As in AWS. */
const MOST_PARTITIONS = 50;
const MOST_PAGE_BYTES = 1024 * 1024;

/** Answers with the JSON text of the response. Throws ValidationException on what would be a scan, too. */
export function select(table: Table, statement: Select, values: readonly AttributeValue[], page: SelectPage): string {
  const path = table.path(statement.index);
  if (page.isConsistent && path.index) throw invalid('Consistent reads are not supported on global secondary indexes');
  const { partitions, limits } = rangesOf(path, table, statement, values);
  const names = namesOf(path, statement);
  const start = page.token === undefined ? undefined : placeOf(page.token, path, partitions.length);
  const items: string[] = [];
  let bytes = 0;
  for (let partition = start?.partition ?? 0; partition < partitions.length; partition++) {
    const after = partition === start?.partition ? { after: start.after } : {};
    for (const row of table.rows(path, { hash: partitions[partition]!, ...limits, ...after, isForward: true })) {
      items.push(names ? JSON.stringify(project(row.item, names)) : row.json);
      bytes += row.bytes;
      if (items.length !== page.limit && bytes < MOST_PAGE_BYTES) continue;
      const last = path.attributes.map((attribute) => checkedPart(attribute, row.item[attribute.name]!, 0));
      return `{"Items":[${items.join()}],"NextToken":${JSON.stringify(tokenOf({ partition, after: last }))}}`;
    }
  }
  return `{"Items":[${items.join()}]}`;
}

function rangesOf({ index }: Path, table: Table, { where }: Select, values: readonly AttributeValue[]) {
  const [hashKey, rangeKey] = index?.key ?? table.schema.key;
  const [hash, ...moreHash] = where.filter(({ name }) => name === hashKey.name);
  if (!hash || moreHash.length > 0 || (hash.comparator !== 'IN' && hash.comparator !== '=')) {
    throw invalid(`the local DynamoDB supports SELECT with one equality or IN on the partition key (${hashKey.name}) only`);
  }
  const parameters = hash.comparator === 'IN' ? hash.parameters : [hash.parameter];
  if (parameters.length > MOST_PARTITIONS) throw invalid(`the IN operator takes at most ${MOST_PARTITIONS} values of a partition key`);
  const partitions = parameters.map((parameter) => checkedPart(hashKey, ofType(values[parameter]!, hashKey.type), 0));
  if (new Set(partitions.map((part) => Buffer.from(part as string).toString('hex'))).size < partitions.length)
    throw invalid('the IN operator has a value twice');
  const others = where.filter((term) => term !== hash);
  const [range] = others;
  if (range === undefined) return { partitions, limits: {} };
  if (others.length > 1 || range.name !== rangeKey?.name || range.comparator === 'IN' || range.comparator === '<>') {
    throw invalid('the local DynamoDB supports SELECT with one comparison of the sort key besides the partition key');
  }
  const part = checkedPart(rangeKey, ofType(values[range.parameter]!, rangeKey.type), 1);
  return { partitions, limits: comparison(range.comparator, part) satisfies Partial<Range> };
}

/** The attributes that are answered with; null: all that the item has. */
function namesOf({ index, attributes }: Path, statement: Select): Set<string> | null {
  const projected = !index || index.projected === 'ALL' ? null : new Set([...attributes.map(({ name }) => name), ...index.projected]);
  if (statement.attributes === null) return projected;
  const missing = statement.attributes.filter((name) => projected && !projected.has(name));
  if (missing.length > 0) {
    throw invalid(
      `One or more parameter values were invalid: Global secondary index ${index?.name} does not project [${missing.join(', ')}]`,
    );
  }
  return new Set(statement.attributes);
}

function tokenOf({ partition, after }: Place): string {
  const parts = after.map((part) => (part instanceof Uint8Array ? { bytes: Buffer.from(part).toString('base64') } : part));
  return Buffer.from(JSON.stringify([partition, ...parts])).toString('base64url');
}

function placeOf(token: string, { attributes }: Path, partitionCount: number): Place {
  try {
    const [partition, ...parts] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [number, ...unknown[]];
    const after = parts.map(
      (part) => (typeof part === 'string' ? part : Buffer.from((part as { bytes: string }).bytes, 'base64')) as KeyPart,
    );
    if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount && after.length === attributes.length)
      return { partition, after };
  } catch {
    // Said below.
  }
  throw invalid('Invalid NextToken: it is not that of a page of this statement');
}
