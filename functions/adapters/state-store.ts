/** The state table: one item per key, written only on condition of the version it was read with. */
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import { hashText } from '#domain/hash.ts';
import { type KeyState, newKeyState } from '#domain/key-state.ts';
import type { Output } from '#domain/outputs.ts';
import type { SourceName } from '#domain/settings.ts';
import { TIMER_SLOTS } from './timer-slots.ts';

const MAX_KEYS_A_GET = 100;

export interface StoredKey {
  readonly key: string;
  /** 0 before the first commit. */
  version: number;
  readonly state: KeyState;
  /** Decided outputs that are perhaps not emitted yet. */
  outbox: Output[];
  /** When the key is in the timer index, ms; null when it is not. */
  timerAtMs: number | null;
}

/** Somebody else committed first: read again and fold again. */
export class CommitConflict extends Error {
  override name = 'CommitConflict';
}

export class StateStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Reads the items of the names, consistently; a name that has none gets a new state. */
  async load(source: SourceName, names: readonly string[]): Promise<StoredKey[]> {
    const found = new Map<string, StoredKey>();
    for (let start = 0; start < names.length; start += MAX_KEYS_A_GET) {
      let keys = names.slice(start, start + MAX_KEYS_A_GET).map((name) => ({ key: { S: stateKey(source, name) } }));
      while (keys.length > 0) {
        const answer = await this.#client.send(
          new BatchGetItemCommand({
            RequestItems: {
              [this.#table]: {
                Keys: keys,
                ConsistentRead: true,
                ExpressionAttributeNames: { '#k': 'key', '#s': 'state' },
                ProjectionExpression: '#k, version, #s, outbox, timerAt',
              },
            },
          }),
        );
        for (const item of answer.Responses?.[this.#table] ?? []) {
          const key = item['key']!.S!;
          found.set(key, {
            key,
            version: Number(item['version']!.N),
            state: JSON.parse(item['state']!.S!),
            outbox: item['outbox'] ? JSON.parse(item['outbox'].S!) : [],
            timerAtMs: item['timerAt'] ? Number(item['timerAt'].N) : null,
          });
        }
        keys = (answer.UnprocessedKeys?.[this.#table]?.Keys ?? []) as typeof keys;
      }
    }
    return names.map((name) => {
      const key = stateKey(source, name);
      return found.get(key) ?? { key, version: 0, state: newKeyState(source, name), outbox: [], timerAtMs: null };
    });
  }

  /** Writes state, outbox and timer in one item. Throws CommitConflict when the version in the table is another one. */
  async commit(stored: StoredKey): Promise<void> {
    const { key, version, state, outbox, timerAtMs } = stored;
    const timer = timerAtMs === null ? {} : { timerSlot: { N: String(slotOf(key)) }, timerAt: { N: String(timerAtMs) } };
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            key: { S: key },
            source: { S: state.source },
            name: { S: state.name },
            version: { N: String(version + 1) },
            state: { S: JSON.stringify(state) },
            ...(outbox.length > 0 ? { outbox: { S: JSON.stringify(outbox) } } : {}),
            ...timer,
          },
          ...(version === 0
            ? { ConditionExpression: 'attribute_not_exists(#k)', ExpressionAttributeNames: { '#k': 'key' } }
            : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': { N: String(version) } } }),
        }),
      );
    } catch (error) {
      throw asConflict(error, key);
    }
    stored.version++;
  }

  /** Says that all outputs of this version were emitted. */
  async clearOutbox(stored: StoredKey): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { key: { S: stored.key } },
          UpdateExpression: 'REMOVE outbox',
          ConditionExpression: 'version = :version',
          ExpressionAttributeValues: { ':version': { N: String(stored.version) } },
        }),
      );
    } catch (error) {
      throw asConflict(error, stored.key);
    }
    stored.outbox = [];
  }
}

function slotOf(key: string): number {
  return Number.parseInt(hashText(key).slice(-2), 16) % TIMER_SLOTS;
}

function asConflict(error: unknown, key: string): unknown {
  return error instanceof ConditionalCheckFailedException
    ? new CommitConflict(`${key} was committed by another writer`, { cause: error })
    : error;
}
