/** GetItem and BatchGetItem. Each answers with the JSON text of its response. */
import { bind } from './bindings.ts';
import type { DynamoEngine } from './engine.ts';
import { invalid } from './errors.ts';
import { DuplicateCheck, keyParameter } from './items.ts';
import { Parameters } from './parameters.ts';
import { parseProjection, project } from './projection.ts';
import type { Row } from './table.ts';

const PROJECTION = ['ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];
const MOST_KEYS = 100;
const MOST_BATCH_BYTES = 16 * 1024 * 1024;

/** The JSON text of a row's item, with the asked-for attributes only. */
function readerOf(parameters: Parameters): (row: Row) => string {
  // Every read is consistent here.
  parameters.flag('ConsistentRead', false);
  const text = parameters.optionalText('ProjectionExpression');
  const projection = text === undefined ? undefined : parseProjection(text);
  const bindings = bind(parameters, { ProjectionExpression: projection });
  if (projection === undefined) return ({ json }) => json;
  const names = new Set(projection.tree.map(bindings.name));
  return (row) => JSON.stringify(project(row.item, names));
}

export function getItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['TableName', 'Key', 'ReturnConsumedCapacity', ...PROJECTION]);
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  const table = engine.table(parameters.text('TableName'));
  const read = readerOf(parameters);
  const row = table.find(keyParameter(table, parameters.map('Key')));
  return row ? `{"Item":${read(row)}}` : '{}';
}

/** At most 100 keys; what goes beyond 16 MB comes back as unprocessed. */
export function batchGetItem(engine: DynamoEngine, input: unknown): string {
  const parameters = new Parameters(input, ['RequestItems', 'ReturnConsumedCapacity']);
  parameters.choice('ReturnConsumedCapacity', ['NONE']);
  const responses: string[] = [];
  const unprocessed: Record<string, unknown> = {};
  let keyCount = 0;
  let bytes = 0;
  const requests = Object.entries(parameters.map('RequestItems')).map(([name, request]) => {
    const wanted = new Parameters(request, ['Keys', ...PROJECTION]);
    const keys = wanted.list('Keys', Number.POSITIVE_INFINITY) as Record<string, unknown>[];
    keyCount += keys.length;
    const table = engine.table(name);
    const duplicates = new DuplicateCheck();
    const read = readerOf(wanted);
    const lookUps = keys.map((given) => {
      const key = keyParameter(table, given);
      duplicates.add(key);
      return { given, find: () => table.find(key) };
    });
    return { name, request: request as object, read, lookUps };
  });
  if (keyCount === 0) throw invalid('The batch get request must name at least one table and key');
  if (keyCount > MOST_KEYS) throw invalid('Too many items requested for the BatchGetItem call');
  for (const { name, request, read, lookUps } of requests) {
    const items: string[] = [];
    const left: unknown[] = [];
    for (const { given, find } of lookUps) {
      const row = bytes < MOST_BATCH_BYTES ? find() : undefined;
      bytes += row?.bytes ?? 0;
      if (bytes >= MOST_BATCH_BYTES) left.push(given);
      else if (row) items.push(read(row));
    }
    responses.push(`${JSON.stringify(name)}:[${items.join()}]`);
    if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
  }
  return `{"Responses":{${responses.join()}},"UnprocessedKeys":${JSON.stringify(unprocessed)}}`;
}
