/**
 * Emits what folds decided: window and alarm rows on condition of a higher revision, alerts with deterministic ids.
 * Emitting the same outputs again changes nothing in the tables; an alert may be in its stream more than once.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type AlarmRow, alarmRowOf, alertOf } from '#domain/alerts.ts';
import { stateKey } from '#domain/events.ts';
import type { KeyState, Severity } from '#domain/key-state.ts';
import { newestTransitions, type Output, type WindowOutput } from '#domain/outputs.ts';
import type { Settings } from '#domain/settings.ts';
import { type HistoryItem, historyItems } from './alarm-history.ts';
import { forEachLimited } from './concurrency.ts';
import { type Attributes, executeAll, insertion, type Statement, update } from './statements.ts';
import { putAll } from './stream-records.ts';

const PUTS_IN_FLIGHT = 16;
const DAY_S = 86_400;
const SEVERITY_RANK: Record<Severity, number> = { NORMAL: 0, HIGH: 1, CRITICAL: 2 };

export interface OutputTargets {
  readonly windowTable: string;
  readonly alarmTable: string;
  readonly alertsStream: string;
}

/** What one commit of a key decided. */
export interface Emission {
  readonly state: Pick<KeyState, 'source' | 'name'>;
  readonly outputs: readonly Output[];
}

interface Row {
  readonly table: string;
  readonly keys: Attributes;
  readonly attributes: Attributes;
  /** From 1; the row in the table is replaced by a higher one only. */
  readonly revision: number;
}

export class OutputWriter {
  readonly #dynamo: DynamoDBClient;
  readonly #kinesis: KinesisClient;
  readonly #targets: OutputTargets;
  readonly #settings: Settings;
  readonly #nowMs: () => number;
  readonly #pause: (ms: number) => Promise<unknown>;

  /** `pause` is waited for before what a throttled table refused is tried again. */
  constructor(
    dynamo: DynamoDBClient,
    kinesis: KinesisClient,
    targets: OutputTargets,
    settings: Settings,
    clock: { readonly nowMs: () => number; readonly pause: (ms: number) => Promise<unknown> },
  ) {
    this.#dynamo = dynamo;
    this.#kinesis = kinesis;
    this.#targets = targets;
    this.#settings = settings;
    this.#nowMs = clock.nowMs;
    this.#pause = clock.pause;
  }

  /** Resolves when every output is in its table and, of a sensor, in the alerts stream; a key may be in it once. */
  async emit(emissions: readonly Emission[]): Promise<void> {
    const expiresAt = { N: String(Math.floor(this.#nowMs() / 1000) + this.#settings.speedRetentionDays * DAY_S) };
    const rows = emissions.flatMap(({ state, outputs }) => {
      const transitions = outputs.flatMap((output) => (output.type === 'alarm' ? [alarmRowOf(state.name, output)] : []));
      return [
        ...outputs.flatMap((output) => (output.type === 'window' ? [this.#windowRow(state, output, expiresAt)] : [])),
        ...historyItems(transitions).map((item) => this.#historyRow(item, expiresAt)),
        ...newestTransitions(outputs).map((output) => this.#currentRow(alarmRowOf(state.name, output))),
      ];
    });
    const alerts = emissions.flatMap(({ state: { source, name }, outputs }) =>
      source === 'readings'
        ? outputs.map((output) => ({ partitionKey: name, data: JSON.stringify(alertOf(name, output, this.#settings)) }))
        : [],
    );
    await Promise.all([this.#write(rows), putAll(this.#kinesis, this.#targets.alertsStream, alerts)]);
  }

  #windowRow({ source, name }: Emission['state'], { window }: WindowOutput, expiresAt: { N: string }): Row {
    return {
      table: this.#targets.windowTable,
      keys: { key: { S: stateKey(source, name) }, startMs: { N: String(window.startMs) } },
      attributes: { revision: { N: String(window.revision) }, window: { S: JSON.stringify(window) }, expiresAt },
      revision: window.revision,
    };
  }

  #historyRow({ keys, attributes }: HistoryItem, expiresAt: { N: string }): Row {
    // What a commit decided has items of its own, written once.
    return { table: this.#targets.alarmTable, keys, attributes: { ...attributes, expiresAt }, revision: 1 };
  }

  #currentRow(row: AlarmRow): Row {
    return {
      table: this.#targets.alarmTable,
      keys: { alarmId: { S: row.alarm_id }, record: { S: 'current' } },
      attributes: {
        revision: { N: String(row.revision) },
        row: { S: JSON.stringify(row) },
        state: { S: row.state },
        rank: { S: `${SEVERITY_RANK[row.severity]}#${row.event_time}` },
      },
      revision: row.revision,
    };
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const errors = await executeAll(this.#dynamo, rows.map(statementOf), this.#pause);
    const unclear = rows.filter((row, index) => {
      const { Code, Message } = errors[index] ?? {};
      // Written before: before a crash, or by whoever went on after it.
      if (Code === undefined || Code === 'DuplicateItem') return false;
      if (Code !== 'ConditionalCheckFailed') throw new Error(`${row.table} ${JSON.stringify(row.keys)}: ${Code}: ${Message}`);
      return true;
    });
    await forEachLimited(unclear, PUTS_IN_FLIGHT, (row) => this.#putIfNewer(row));
  }

  /** For a row that could not be replaced: there is a newer one, or none yet. */
  async #putIfNewer({ table, keys, attributes }: Row): Promise<void> {
    try {
      await this.#dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...keys, ...attributes },
          ConditionExpression: 'attribute_not_exists(revision) OR revision < :revision',
          ExpressionAttributeValues: { ':revision': attributes['revision']! },
        }),
      );
    } catch (error) {
      // A newer row is there: emitted by whoever went on after a crash.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

/** The first revision of a row is a new row; a later one replaces it. */
function statementOf({ table, keys, attributes, revision }: Row): Statement {
  if (revision === 1) return insertion(table, { ...keys, ...attributes });
  return update(table, { set: attributes, keys, condition: { attribute: 'revision', operator: '<', value: attributes['revision']! } });
}
