/** The tables of all layers on an in-process DynamoDB, with faults on demand. */
import {
  type AttributeDefinition,
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { DynamoEngine } from '../../local/engines/dynamodb/engine.ts';
import { startDynamoServer } from '../../local/engines/dynamodb/server.ts';

const attribute = (AttributeName: string, AttributeType: AttributeDefinition['AttributeType']) => ({ AttributeName, AttributeType });
const index = (IndexName: string, hash: string, range: string) => ({
  IndexName,
  KeySchema: [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'ALL' as const },
});
const table = (
  TableName: string,
  keys: string[],
  AttributeDefinitions: AttributeDefinition[],
  GlobalSecondaryIndexes?: ReturnType<typeof index>[],
): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions,
  KeySchema: keys.map((AttributeName, position) => ({ AttributeName, KeyType: position === 0 ? 'HASH' : 'RANGE' })),
  ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}),
});

const TABLES = [
  table(
    'state',
    ['key'],
    [attribute('key', 'S'), attribute('timerSlot', 'N'), attribute('timerAt', 'N'), attribute('source', 'S'), attribute('name', 'S')],
    [index('due-timers', 'timerSlot', 'timerAt'), index('names-by-source', 'source', 'name')],
  ),
  table('window', ['key', 'startMs'], [attribute('key', 'S'), attribute('startMs', 'N')]),
  table(
    'alarm',
    ['alarmId', 'record'],
    [
      attribute('alarmId', 'S'),
      attribute('record', 'S'),
      attribute('state', 'S'),
      attribute('rank', 'S'),
      attribute('day', 'S'),
      attribute('at', 'S'),
    ],
    [index('by-state', 'state', 'rank'), index('by-day', 'day', 'at')],
  ),
  table('archive-index', ['lane', 'object'], [attribute('lane', 'S'), attribute('object', 'S')]),
  table('day', ['key', 'dayGen'], [attribute('key', 'S'), attribute('dayGen', 'S')]),
  table('batch', ['name', 'at'], [attribute('name', 'S'), attribute('at', 'S')]),
];

export interface Tables {
  /** A client without faults. */
  readonly client: DynamoDBClient;
  /** A client whose calls `fault` may break: before they are sent, or after they took effect. */
  faulty(fault: (command: string) => 'before' | 'after' | null): DynamoDBClient;
  /** All rows of a table, in the order of their keys. */
  rows(table: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export class InjectedFault extends Error {}

export async function startTables(): Promise<Tables> {
  const engine = new DynamoEngine(null, () => Date.now());
  const server = await startDynamoServer(engine, (error) => {
    throw error;
  });
  const options = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const clients = [new DynamoDBClient(options)];
  const client = clients[0]!;
  for (const input of TABLES) await client.send(new CreateTableCommand(input));
  return {
    client,
    faulty(fault) {
      const broken = new DynamoDBClient(options);
      clients.push(broken);
      broken.middlewareStack.add(
        (next, context) => async (args) => {
          const when = fault(String(context['commandName']));
          if (when === 'before') throw new InjectedFault(`${context['commandName']} was not sent`);
          const answer = await next(args);
          if (when === 'after') throw new InjectedFault(`${context['commandName']} took effect, its answer was lost`);
          return answer;
        },
        { step: 'initialize', name: 'injectedFaults' },
      );
      return broken;
    },
    async rows(name) {
      const items: Record<string, AttributeValue>[] = [];
      for await (const page of paginateScan({ client }, { TableName: name, ConsistentRead: true })) items.push(...(page.Items ?? []));
      const plain = items.map((item) => Object.fromEntries(Object.entries(item).map(([key, value]) => [key, Object.values(value)[0]])));
      return plain.sort((a, b) =>
        JSON.stringify([a['key'] ?? a['alarmId'], a['startMs'] ?? a['record']]).localeCompare(
          JSON.stringify([b['key'] ?? b['alarmId'], b['startMs'] ?? b['record']]),
        ),
      );
    },
    async close() {
      for (const each of clients) each.destroy();
      await server.close();
      engine.close();
    },
  };
}
