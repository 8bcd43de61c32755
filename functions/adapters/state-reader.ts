/** Reading the state table: what the speed layer knows of each key. Writes belong to state-store.ts alone. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import type { SensorState, SymbolState, WindowOf } from '#domain/key-state.ts';
import type { Output } from '#domain/outputs.ts';
import type { SourceName } from '#domain/settings.ts';
import { queryItems } from './query-items.ts';

export type StateOf<S extends SourceName> = (S extends 'trades' ? SymbolState : SensorState) & { readonly windows: readonly WindowOf<S>[] };

export interface KeyItem<S extends SourceName> {
  readonly state: StateOf<S>;
  /** Windows that were decided and are perhaps not in the window table yet. */
  readonly pendingWindows: readonly WindowOf<S>[];
}

const NAMES_INDEX = 'names-by-source';
const MAX_KEYS_A_GET = 100;
const GET_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 25;
const ATTRIBUTES = {
  ProjectionExpression: '#key, #state, #outbox',
  ExpressionAttributeNames: { '#key': 'key', '#state': 'state', '#outbox': 'outbox' },
};

/** The table kept on giving back fewer items than asked for: it is throttled. */
export class UnprocessedKeysError extends Error {
  override name = 'UnprocessedKeysError';
}

function parsed<S extends SourceName>(item: Record<string, AttributeValue>): KeyItem<S> {
  const outbox: Output[] = JSON.parse(item['outbox']?.S ?? '[]');
  const pendingWindows = outbox.flatMap((output) => (output.type === 'window' ? [output.window] : []));
  return { state: JSON.parse(item['state']!.S!), pendingWindows: pendingWindows as WindowOf<S>[] };
}

export class StateReader {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #pause: (ms: number) => Promise<void>;

  /** `pause` is waited for between attempts at what a throttled table left out. */
  constructor(client: DynamoDBClient, table: string, pause: (ms: number) => Promise<void>) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
  }

  /** One key as last committed; null when nothing was ever heard of it. */
  async get<S extends SourceName>(source: S, name: string): Promise<KeyItem<S> | null> {
    const key = { key: { S: stateKey(source, name) } };
    const answer = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: key, ConsistentRead: true, ...ATTRIBUTES }));
    return answer.Item ? parsed<S>(answer.Item) : null;
  }

  /** Many keys, in the order of their names; one that has no item is left out. Throws UnprocessedKeysError. */
  async getAll<S extends SourceName>(source: S, names: readonly string[]): Promise<KeyItem<S>[]> {
    const items = new Map<string, KeyItem<S>>();
    for (let start = 0; start < names.length; start += MAX_KEYS_A_GET) {
      for (const item of await this.#batch(names.slice(start, start + MAX_KEYS_A_GET).map((name) => stateKey(source, name)))) {
        items.set(item['key']!.S!, parsed<S>(item));
      }
    }
    return names.flatMap((name) => items.get(stateKey(source, name)) ?? []);
  }

  /** Names of a source after `after` ('' = from the first), ascending, at most `limit`. */
  async names(source: SourceName, after: string, limit: number): Promise<string[]> {
    const first = after === '';
    const items = await queryItems(
      this.#client,
      {
        TableName: this.#table,
        IndexName: NAMES_INDEX,
        KeyConditionExpression: first ? '#source = :source' : '#source = :source AND #name > :after',
        ExpressionAttributeNames: { '#source': 'source', ...(first ? {} : { '#name': 'name' }) },
        ExpressionAttributeValues: { ':source': { S: source }, ...(first ? {} : { ':after': { S: after } }) },
      },
      limit,
    );
    return items.map((item) => item['name']!.S!);
  }

  async #batch(keys: readonly string[]): Promise<Record<string, AttributeValue>[]> {
    const items: Record<string, AttributeValue>[] = [];
    let wanted: KeysAndAttributes | undefined = { Keys: keys.map((key) => ({ key: { S: key } })), ConsistentRead: true, ...ATTRIBUTES };
    for (let attempt = 1; wanted; attempt++) {
      const answer: BatchGetItemCommandOutput = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.#table]: wanted } }),
      );
      const found = answer.Responses?.[this.#table] ?? [];
      items.push(...found);
      wanted = answer.UnprocessedKeys?.[this.#table];
      if (!wanted) break;
      // More than 16 MB also comes in parts: only an answer without any progress counts as an attempt.
      if (found.length > 0) attempt = 0;
      else if (attempt === GET_ATTEMPTS)
        throw new UnprocessedKeysError(
          `${this.#table}: ${wanted.Keys?.length ?? 0} of ${keys.length} keys unprocessed after ${attempt} attempts`,
        );
      else await this.#pause(FIRST_PAUSE_MS * 2 ** attempt);
    }
    return items;
  }
}
