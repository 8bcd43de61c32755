/** The state table: one item per key, written only on condition of the version it was read with. */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stateKey } from '#domain/events.ts';
import { hashText } from '#domain/hash.ts';
import { type KeyState, newKeyState } from '#domain/key-state.ts';
import type { Output } from '#domain/outputs.ts';
import type { SourceName } from '#domain/settings.ts';
import { executeAll, insertion, type Statement, type StatementError, update } from './statements.ts';
import { TIMER_SLOTS } from './timer-slots.ts';

const MAX_KEYS_A_GET = 100;

export interface StoredKey {
  readonly key: string;
  /** 0 before the first commit. */
  version: number;
  readonly state: KeyState;
  /** Outputs of the newest commit, which are perhaps not emitted yet. */
  outbox: readonly Output[];
  /** When the key is in the timer index, ms; null when it is not. */
  timerAtMs: number | null;
}

/** What one commit changes of a key beside its state. */
export interface Commit {
  readonly stored: StoredKey;
  readonly outbox: readonly Output[];
  readonly timerAtMs: number | null;
}

/** Somebody else committed first: read again and fold again. */
export class CommitConflict extends Error {
  override name = 'CommitConflict';
}

export class StateStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #pause: (ms: number) => Promise<unknown>;

  /** `pause` is waited for before what a throttled table refused is tried again. */
  constructor(client: DynamoDBClient, table: string, pause: (ms: number) => Promise<unknown>) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
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

  /**
   * Writes state, outbox and timer of each key in its item; a key may be in it once. Answers with what went wrong with each key, null
   * where it was committed: CommitConflict when the version in the table is another one.
   */
  async commitAll(commits: readonly Commit[]): Promise<(Error | null)[]> {
    const errors = await executeAll(
      this.#client,
      commits.map((commit) => this.#statementOf(commit)),
      this.#pause,
    );
    return errors.map((error, index) => {
      const { stored, outbox, timerAtMs } = commits[index]!;
      if (error) return failureOf(stored.key, error);
      stored.version++;
      stored.outbox = outbox;
      stored.timerAtMs = timerAtMs;
      return null;
    });
  }

  #statementOf({ stored, outbox, timerAtMs }: Commit): Statement {
    const { key, version, state } = stored;
    const isDisarmed = timerAtMs === null;
    const set = {
      version: { N: String(version + 1) },
      state: { S: JSON.stringify(state) },
      outbox: { S: JSON.stringify(outbox) },
      ...(isDisarmed ? {} : { timerSlot: { N: String(slotOf(key)) }, timerAt: { N: String(timerAtMs) } }),
    };
    if (version === 0) return insertion(this.#table, { key: { S: key }, source: { S: state.source }, name: { S: state.name }, ...set });
    return update(this.#table, {
      set,
      remove: isDisarmed && stored.timerAtMs !== null ? ['timerSlot', 'timerAt'] : [],
      keys: { key: { S: key } },
      condition: { attribute: 'version', operator: '=', value: { N: String(version) } },
    });
  }
}

function slotOf(key: string): number {
  return Number.parseInt(hashText(key).slice(-2), 16) % TIMER_SLOTS;
}

function failureOf(key: string, { Code, Message }: StatementError): Error {
  const isConflict = Code === 'ConditionalCheckFailed' || Code === 'DuplicateItem';
  return isConflict ? new CommitConflict(`${key} was committed by another writer`) : new Error(`${key}: ${Code}: ${Message}`);
}
