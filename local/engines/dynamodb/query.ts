/** Query and Scan: a page of a table or an index. Each answers with the JSON text of its response. */
import { checkAttributes, compareParts, type Item } from './attribute-value.ts';
import { type Bindings, bind, type Parsed } from './bindings.ts';
import { type Condition, holds, parseFilter, parseKeyCondition } from './condition.ts';
import type { DynamoEngine } from './engine.ts';
import { invalid } from './errors.ts';
import { checkedPart } from './key-part.ts';
import { keyRangeOf } from './key-range.ts';
import { Parameters } from './parameters.ts';
import { parseProjection, project } from './projection.ts';
import type { Key, Path, Range, Table } from './table.ts';

const PARAMETERS = [
  'TableName',
  'IndexName',
  'Limit',
  'ExclusiveStartKey',
  'FilterExpression',
  'ProjectionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'Select',
  'ConsistentRead',
  'ReturnConsumedCapacity',
];
const MOST_PAGE_BYTES = 1024 * 1024;
const SELECTS = ['ALL', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'] as const;

export function query(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, [...PARAMETERS, 'KeyConditionExpression', 'ScanIndexForward']);
  const condition = parseKeyCondition(parameters.text('KeyConditionExpression'));
  return page(engine, parameters, condition, parameters.flag('ScanIndexForward', true));
}

export function scan(engine: DynamoEngine, input: unknown): string {
  return page(engine, new Parameters(input, PARAMETERS), undefined, true);
}

function page(engine: DynamoEngine, parameters: Parameters, condition: Parsed<Condition> | undefined, isForward: boolean): string {
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  const table = engine.table(parameters.text('TableName'));
  const path = table.path(parameters.optionalText('IndexName') ?? null);
  if (parameters.flag('ConsistentRead', false) && path.index) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const [filterText, projectionText] = [parameters.optionalText('FilterExpression'), parameters.optionalText('ProjectionExpression')];
  const filter = filterText === undefined ? undefined : parseFilter(filterText);
  const projection = projectionText === undefined ? undefined : parseProjection(projectionText);
  const bindings = bind(parameters, { KeyConditionExpression: condition, FilterExpression: filter, ProjectionExpression: projection });
  if (filter && condition) refuseKeys(filter, path, bindings);
  const wanted = projection && new Set(projection.tree.map(bindings.name));
  const view = viewOf(path, wanted, parameters.choice('Select', SELECTS));
  const limits = condition ? keyRangeOf(condition.tree, path.index?.key ?? table.schema.key, bindings) : {};
  const after = startOf(parameters.optionalMap('ExclusiveStartKey'), path, limits);
  return read(
    table,
    path,
    { ...limits, ...(after && { after }), isForward },
    parameters.optionalCount('Limit'),
    (item) => {
      const entry = view.entry ? project(item, view.entry) : item;
      if (filter && !holds(filter.tree, entry, bindings)) return null;
      return wanted ? project(entry, wanted) : entry;
    },
    view.isCount,
  );
}

/** Reads rows until the page is full: by `limit`, or by the bytes that it has looked at. */
function read(
  table: Table,
  path: Path,
  range: Range,
  limit: number | undefined,
  shown: (item: Item) => Item | null,
  isCount: boolean,
): string {
  const items: string[] = [];
  let scanned = 0;
  let bytes = 0;
  let last = '';
  for (const row of table.rows(path, range)) {
    scanned++;
    bytes += row.bytes;
    const item = row.item;
    const answer = shown(item);
    if (answer) items.push(answer === item ? row.json : JSON.stringify(answer));
    if (scanned === limit || bytes >= MOST_PAGE_BYTES) {
      last = `,"LastEvaluatedKey":${JSON.stringify(project(item, new Set(path.attributes.map(({ name }) => name))))}`;
      break;
    }
  }
  return `{${isCount ? '' : `"Items":[${items.join()}],`}"Count":${items.length},"ScannedCount":${scanned}${last}}`;
}

/** What of an item the path holds (null: all), and whether only the count is asked for. Throws ValidationException on what it cannot give. */
function viewOf(path: Path, wanted: ReadonlySet<string> | undefined, select: (typeof SELECTS)[number]) {
  const { index } = path;
  if (wanted && select !== 'ALL' && select !== 'SPECIFIC_ATTRIBUTES') {
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && !wanted)
    throw invalid('Must specify the ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !index) {
    throw invalid('One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (!index || index.projected === 'ALL') return { entry: null, isCount: select === 'COUNT' };
  if (select === 'ALL_ATTRIBUTES') {
    throw invalid(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  const entry = new Set([...path.attributes.map(({ name }) => name), ...index.projected]);
  const missing = [...(wanted ?? [])].filter((name) => !entry.has(name));
  if (missing.length > 0) {
    throw invalid(
      `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
    );
  }
  return { entry, isCount: select === 'COUNT' };
}

function refuseKeys(filter: Parsed<Condition>, path: Path, bindings: Bindings): void {
  const key = path.attributes
    .slice(0, path.index?.key.length)
    .find(({ name }) => attributesOf(filter.tree).some((written) => bindings.name(written) === name));
  if (key) throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key.name}`);
}

/** Every attribute of a condition, as written. */
function attributesOf(tree: unknown): string[] {
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([name, value]) => (name === 'written' ? [value as string] : attributesOf(value)));
}

/** Where the page before this one ended: all keys of the path, within its limits. */
function startOf(
  given: Record<string, unknown> | undefined,
  { attributes }: Path,
  { hash, low, high }: Omit<Range, 'isForward'>,
): Key | undefined {
  if (given === undefined) return undefined;
  checkAttributes(given);
  const item = given as Item;
  const names = new Set(attributes.map(({ name }) => name));
  const fits =
    Object.keys(item).length === names.size &&
    attributes.every(({ name, type }) => Object.hasOwn(item, name) && item[name]![type] !== undefined);
  if (!fits) throw invalid('The provided starting key is invalid: The provided key element does not match the schema');
  const start = attributes.map((attribute) => checkedPart(attribute, item[attribute.name]!, 0));
  const range = start[1];
  const isOutside =
    (hash !== undefined && compareParts(start[0]!, hash) !== 0) ||
    (range !== undefined && low && compareParts(range, low.part) < (low.isInside ? 0 : 1)) ||
    (range !== undefined && high && compareParts(range, high.part) > (high.isInside ? 0 : -1));
  if (isOutside) throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  return start;
}
