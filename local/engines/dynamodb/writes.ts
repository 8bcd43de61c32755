/** PutItem, UpdateItem, DeleteItem, BatchWriteItem. Each answers with the JSON text of its response. */
import { checkAttributes, type Item } from './attribute-value.ts';
import { type Bindings, bind } from './bindings.ts';
import { type Condition, holds, parseCondition } from './condition.ts';
import type { DynamoEngine } from './engine.ts';
import { ConditionFailed, invalid } from './errors.ts';
import { DuplicateCheck, keyParameter } from './items.ts';
import { Parameters } from './parameters.ts';
import type { Key, Row, Table } from './table.ts';
import { applyUpdate, parseUpdate } from './update.ts';

const MOST_ITEM_BYTES = 400 * 1024;
const MOST_WRITES = 25;
const EXPRESSIONS = ['ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'];
const COMMON = [
  'TableName',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
];

/** The size of an item that is to be written, in bytes; brings its numbers into their one form. Throws ValidationException when it is too large. */
export function checkItem(item: Item, message = 'Item size has exceeded the maximum allowed size'): number {
  const bytes = checkAttributes(item);
  if (bytes > MOST_ITEM_BYTES) throw invalid(message);
  return bytes;
}

/** The same for an item that came out of an update. */
export function checkUpdated(item: Item): number {
  return checkItem(item, 'Item size to update has exceeded the maximum allowed size');
}

export function putItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['Item', ...COMMON, ...EXPRESSIONS]);
  const table = engine.table(parameters.text('TableName'));
  const answersOld = returnValues(parameters, ['NONE', 'ALL_OLD']) === 'ALL_OLD';
  const condition = conditionOf(parameters);
  const bindings = bind(parameters, { ConditionExpression: condition });
  const item = parameters.map('Item') as Item;
  const entry = table.entryOf(item, checkItem(item));
  if (!condition && !answersOld) {
    table.replace(entry);
    return '{}';
  }
  const existing = table.find(entry.key);
  if (condition) requireHolds(condition.tree, existing, bindings, parameters);
  const answer = answersOld && existing ? attributesAnswer(existing.item) : '{}';
  table.put(entry, existing);
  return answer;
}

export function deleteItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['Key', ...COMMON, ...EXPRESSIONS]);
  const table = engine.table(parameters.text('TableName'));
  const answersOld = returnValues(parameters, ['NONE', 'ALL_OLD']) === 'ALL_OLD';
  const condition = conditionOf(parameters);
  const bindings = bind(parameters, { ConditionExpression: condition });
  const existing = table.find(keyParameter(table, parameters.map('Key')));
  if (condition) requireHolds(condition.tree, existing, bindings, parameters);
  const answer = answersOld && existing ? attributesAnswer(existing.item) : '{}';
  if (existing) table.remove(existing);
  return answer;
}

export function updateItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['Key', 'UpdateExpression', ...COMMON, ...EXPRESSIONS]);
  const table = engine.table(parameters.text('TableName'));
  const answers = returnValues(parameters, ['NONE', 'ALL_OLD', 'ALL_NEW']);
  const condition = conditionOf(parameters);
  const text = parameters.optionalText('UpdateExpression');
  const update = text === undefined ? undefined : parseUpdate(text);
  const bindings = bind(parameters, { UpdateExpression: update, ConditionExpression: condition });
  const keyItem = parameters.map('Key') as Item;
  const existing = table.find(keyParameter(table, keyItem));
  if (condition) requireHolds(condition.tree, existing, bindings, parameters);
  const before = existing ? existing.item : keyItem;
  const after = update ? applyUpdate(update.tree, before, bindings) : before;
  const changed = [...(update?.tree.sets.map(({ written }) => written) ?? []), ...(update?.tree.removes ?? [])];
  requireSameKey(table, changed.map(bindings.name));
  const shown = answers === 'ALL_NEW' ? after : answers === 'ALL_OLD' ? existing?.item : undefined;
  const answer = shown ? attributesAnswer(shown) : '{}';
  table.put(table.entryOf(after, checkUpdated(after)), existing);
  return answer;
}

function attributesAnswer(item: Item): string {
  return `{"Attributes":${JSON.stringify(item)}}`;
}

/** Throws ValidationException when one of the attributes belongs to the table's key. */
export function requireSameKey({ schema }: Table, changed: readonly string[]): void {
  const part = schema.key.find(({ name }) => changed.includes(name));
  if (part === undefined) return;
  throw invalid(`One or more parameter values were invalid: Cannot update attribute ${part.name}. This attribute is part of the key`);
}

/** At most 25 puts and deletes; all are checked before the first is done. */
export function batchWriteItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
  refuseReports(parameters);
  const writes: (() => void)[] = [];
  for (const [name, requests] of Object.entries(parameters.map('RequestItems'))) {
    const table = engine.table(name);
    const duplicates = new DuplicateCheck();
    for (const request of new Parameters({ requests }, ['requests']).list('requests', Number.POSITIVE_INFINITY)) {
      const write = writeOf(table, request);
      duplicates.add(write.key);
      writes.push(write.run);
    }
  }
  if (writes.length === 0) throw invalid('The batch write request list for a table cannot be null or empty');
  if (writes.length > MOST_WRITES) throw invalid('Too many items requested for the BatchWriteItem call');
  for (const write of writes) write();
  return '{"UnprocessedItems":{}}';
}

function writeOf(table: Table, request: unknown): { readonly key: Key; readonly run: () => void } {
  const kinds = new Parameters(request, ['PutRequest', 'DeleteRequest']);
  const [put, removal] = [kinds.optionalMap('PutRequest'), kinds.optionalMap('DeleteRequest')];
  if ((put === undefined) === (removal === undefined)) throw invalid('A write request must be exactly one of PutRequest and DeleteRequest');
  if (put) {
    const item = new Parameters(put, ['Item']).map('Item') as Item;
    const entry = table.entryOf(item, checkItem(item));
    return { key: entry.key, run: () => table.replace(entry) };
  }
  const key = keyParameter(table, new Parameters(removal, ['Key']).map('Key'));
  return {
    key,
    run: () => {
      const existing = table.find(key);
      if (existing) table.remove(existing);
    },
  };
}

function conditionOf(parameters: Parameters) {
  const text = parameters.optionalText('ConditionExpression');
  return text === undefined ? undefined : parseCondition(text);
}

function requireHolds(condition: Condition, existing: Row | undefined, bindings: Bindings, parameters: Parameters): void {
  const item = existing ? existing.item : {};
  if (holds(condition, item, bindings)) return;
  const shows = parameters.choice('ReturnValuesOnConditionCheckFailure', ['NONE', 'ALL_OLD']) === 'ALL_OLD';
  throw new ConditionFailed(shows && existing ? item : undefined);
}

function returnValues<Choice extends string>(parameters: Parameters, choices: readonly [Choice, ...Choice[]]): Choice {
  refuseReports(parameters);
  return parameters.choice('ReturnValues', choices);
}

/** Capacity and collections are not counted here. */
function refuseReports(parameters: Parameters): void {
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  parameters.choice('ReturnItemCollectionMetrics', ['NONE']);
}
