/** ExecuteStatement and BatchExecuteStatement. Each answers with the JSON text of its response. */
import { AwsError } from '../aws-error.ts';
import { type AttributeValue, attributeOf, checkValue, type Item } from './attribute-value.ts';
import { compares } from './condition.ts';
import type { DynamoEngine } from './engine.ts';
import { ConditionFailed, invalid } from './errors.ts';
import { DuplicateCheck } from './items.ts';
import { Parameters } from './parameters.ts';
import { type Bound, parseStatement, type Statement } from './partiql.ts';
import { select } from './select.ts';
import type { Key, Table } from './table.ts';
import { checkItem, checkUpdated, requireSameKey } from './writes.ts';

const MOST_STATEMENTS = 25;
const LONGEST_STATEMENT = 8192;
const STATEMENT = ['Statement', 'Parameters', 'ReturnValuesOnConditionCheckFailure'];

/** A statement that is bound to its parameters and its item, not run yet. */
interface Ready {
  readonly table: Table;
  readonly key: Key;
  run(): void;
}

export function executeStatement(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, [...STATEMENT, 'ConsistentRead', 'ReturnConsumedCapacity', 'Limit', 'NextToken']);
  const isConsistent = parameters.flag('ConsistentRead', false);
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  const { statement, values } = boundStatement(parameters);
  if (statement.kind === 'SELECT') {
    const page = { isConsistent, limit: parameters.optionalCount('Limit'), token: parameters.optionalText('NextToken') };
    return select(engine.table(statement.table), statement, values, page);
  }
  readyOf(engine, statement, values, parameters).run();
  return '{"Items":[]}';
}

/** At most 25 statements, each on an item of its own; one that fails leaves the others alone. */
export function batchExecuteStatement(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['Statements', 'ReturnConsumedCapacity']);
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  const duplicates = new Map<Table, DuplicateCheck>();
  const ready = parameters.list('Statements', MOST_STATEMENTS).map((each) =>
    attempt(() => {
      const own = new Parameters(each, [...STATEMENT, 'ConsistentRead']);
      const { statement, values } = boundStatement(own);
      return readyOf(engine, statement, values, own);
    }),
  );
  for (const each of ready) {
    if (each instanceof AwsError) continue;
    const seen = duplicates.get(each.table) ?? new DuplicateCheck();
    duplicates.set(each.table, seen);
    seen.add(each.key);
  }
  const responses = ready.map((each) => {
    const failure = each instanceof AwsError ? each : attempt(() => each.run());
    return failure instanceof AwsError ? errorResponse(failure) : `{"TableName":${JSON.stringify((each as Ready).table.schema.name)}}`;
  });
  return `{"Responses":[${responses.join()}]}`;
}

/** What the work gives, or the error with which it refuses. */
function attempt<Result>(work: () => Result): Result | AwsError {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** In a batch, the codes have no "Exception", and that of a bad statement is its own. */
function errorResponse(error: AwsError): string {
  const Code = error.code === 'ValidationException' ? 'ValidationError' : error.code.replace('Exception', '');
  const item = error instanceof ConditionFailed && error.item ? { Item: error.item } : {};
  return JSON.stringify({ Error: { Code, Message: error.message, ...item } });
}

function boundStatement(parameters: Parameters): { readonly statement: Statement; readonly values: readonly AttributeValue[] } {
  const text = parameters.text('Statement');
  if (text.length > LONGEST_STATEMENT) throw invalid(`a statement has at most ${LONGEST_STATEMENT} characters`);
  const statement = parseStatement(text);
  const values = (parameters.optionalList('Parameters') ?? []) as AttributeValue[];
  if (values.length !== statement.parameters) throw invalid("Number of parameters in request and statement don't match.");
  for (const value of values) checkValue(value);
  return { statement, values };
}

function readyOf(engine: DynamoEngine, statement: Statement, values: readonly AttributeValue[], parameters: Parameters): Ready {
  if (statement.kind === 'SELECT') throw invalid('the local DynamoDB supports no SELECT in a batch');
  const table = engine.table(statement.table);
  const shows = parameters.choice('ReturnValuesOnConditionCheckFailure', ['NONE', 'ALL_OLD']) === 'ALL_OLD';
  return statement.kind === 'INSERT' ? readyInsert(table, statement, values) : readyUpdate(table, statement, values, shows);
}

function boundItem(bound: readonly Bound[], values: readonly AttributeValue[]): Item {
  const item = Object.fromEntries(bound.map(({ name, parameter }) => [name, values[parameter]!]));
  if (Object.keys(item).length < bound.length) throw invalid('an attribute is named twice in a statement');
  return item;
}

function readyInsert(table: Table, { attributes }: Extract<Statement, { kind: 'INSERT' }>, values: readonly AttributeValue[]): Ready {
  const item = boundItem(attributes, values);
  const entry = table.entryOf(item, checkItem(item));
  return {
    table,
    key: entry.key,
    run() {
      if (table.find(entry.key)) throw new AwsError('DuplicateItemException', 'Duplicate primary key exists in table');
      table.put(entry, undefined);
    },
  };
}

function readyUpdate(
  table: Table,
  statement: Extract<Statement, { kind: 'UPDATE' }>,
  values: readonly AttributeValue[],
  shows: boolean,
): Ready {
  const { sets, removes, where } = statement;
  const names = new Set(table.schema.key.map(({ name }) => name));
  const keys = where.filter(({ name, comparator }) => names.has(name) && comparator === '=');
  if (keys.length !== names.size) throw invalid('Where clause does not contain a mandatory equality on all key attributes');
  const conditions = where.filter((each) => !keys.includes(each));
  if (conditions.length > 1 || conditions.some(({ name }) => names.has(name))) {
    throw invalid('the local DynamoDB supports one condition besides the key in a statement');
  }
  const key = table.keyOf(boundItem(keys, values));
  const changes = boundItem(sets, values);
  requireSameKey(table, [...Object.keys(changes), ...removes]);
  if (removes.some((name) => Object.hasOwn(changes, name))) throw invalid('an attribute is named twice in a statement');
  return {
    table,
    key,
    run() {
      const existing = table.find(key);
      const before = existing?.item;
      const holds = before && conditions.every((each) => compares(each.comparator, attributeOf(before, each.name), values[each.parameter]));
      if (!holds) throw new ConditionFailed(shows ? before : undefined);
      const after: Item = { ...without(before, removes), ...changes };
      table.put(table.entryOf(after, checkUpdated(after)), existing);
    },
  };
}

function without(item: Item, names: readonly string[]): Item {
  return names.length === 0 ? item : Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}
