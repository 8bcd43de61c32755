/** Every operation of the API that the engine knows, by name; each answers with the JSON text of its response. */
import type { DynamoEngine } from './engine.ts';
import { Parameters } from './parameters.ts';
import { query, scan } from './query.ts';
import { batchGetItem, getItem } from './reads.ts';
import { describe, nameOf, readSchema } from './schema.ts';
import { batchExecuteStatement, executeStatement } from './statements.ts';
import type { Table } from './table.ts';
import { batchWriteItem, deleteItem, putItem, updateItem } from './writes.ts';

type Operation = (engine: DynamoEngine, input: unknown) => string;

const MOST_NAMES = 100;

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['GetItem', getItem],
  ['BatchGetItem', batchGetItem],
  ['Query', query],
  ['Scan', scan],
  ['PutItem', putItem],
  ['UpdateItem', updateItem],
  ['DeleteItem', deleteItem],
  ['BatchWriteItem', batchWriteItem],
  ['ExecuteStatement', executeStatement],
  ['BatchExecuteStatement', batchExecuteStatement],
  ['CreateTable', (engine, input) => JSON.stringify({ TableDescription: descriptionOf(engine.createTable(readSchema(input))) })],
  ['DescribeTable', (engine, input) => JSON.stringify({ Table: descriptionOf(engine.table(tableName(input))) })],
  ['DeleteTable', deleteTable],
  ['ListTables', listTables],
]);

function tableName(input: unknown): string {
  return nameOf(new Parameters(input, ['TableName']), 'TableName');
}

function descriptionOf(table: Table): object {
  const { items, bytes } = table.size();
  return describe(table.schema, table.createdMs, items, bytes);
}

function deleteTable(engine: DynamoEngine, input: unknown): string {
  const name = tableName(input);
  const description = descriptionOf(engine.table(name));
  engine.deleteTable(name);
  return JSON.stringify({ TableDescription: { ...description, TableStatus: 'DELETING' } });
}

function listTables(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['ExclusiveStartTableName', 'Limit']);
  const after = parameters.optionalText('ExclusiveStartTableName') ?? '';
  const limit = parameters.optionalCount('Limit') ?? MOST_NAMES;
  const names = engine.tableNames().filter((name) => name > after);
  const page = names.slice(0, limit);
  return JSON.stringify({ TableNames: page, ...(names.length > limit && { LastEvaluatedTableName: page.at(-1) }) });
}
