/**
 * Emits what a fold decided: window and alarm rows on condition of a higher revision, alerts with deterministic ids.
 * Emitting the same outputs again changes nothing in the tables; an alert may be in its stream more than once.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { type AlarmRow, alarmRowOf, alertOf } from '#domain/alerts.ts';
import { stateKey } from '#domain/events.ts';
import type { KeyState, Severity } from '#domain/key-state.ts';
import type { AlarmOutput, Output, WindowOutput } from '#domain/outputs.ts';
import type { Settings } from '#domain/settings.ts';
import { forEachLimited } from './concurrency.ts';
import { putAll } from './stream-records.ts';

const WRITES_IN_FLIGHT = 16;
const DAY_S = 86_400;
const SEVERITY_RANK: Record<Severity, number> = { NORMAL: 0, HIGH: 1, CRITICAL: 2 };

export interface OutputTargets {
  readonly windowTable: string;
  readonly alarmTable: string;
  readonly alertsStream: string;
}

export class OutputWriter {
  readonly #dynamo: DynamoDBClient;
  readonly #kinesis: KinesisClient;
  readonly #targets: OutputTargets;
  readonly #settings: Settings;
  readonly #nowMs: () => number;

  constructor(dynamo: DynamoDBClient, kinesis: KinesisClient, targets: OutputTargets, settings: Settings, nowMs: () => number) {
    this.#dynamo = dynamo;
    this.#kinesis = kinesis;
    this.#targets = targets;
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** Resolves when every output of the key is in its table and, for a sensor, in the alerts stream. */
  async emit(state: KeyState, outputs: readonly Output[]): Promise<void> {
    const expiresAt = String(Math.floor(this.#nowMs() / 1000) + this.#settings.speedRetentionDays * DAY_S);
    const puts = outputs.map((output) =>
      output.type === 'window' ? this.#windowPut(state, output, expiresAt) : this.#historyPut(state.name, output, expiresAt),
    );
    for (const output of newestTransitions(outputs)) puts.push(this.#currentPut(state.name, output));
    const alerts =
      state.source === 'readings'
        ? outputs.map((output) => ({ partitionKey: state.name, data: JSON.stringify(alertOf(state.name, output, this.#settings)) }))
        : [];
    await Promise.all([
      forEachLimited(puts, WRITES_IN_FLIGHT, (put) => this.#putIfNewer(put)),
      putAll(this.#kinesis, this.#targets.alertsStream, alerts),
    ]);
  }

  #windowPut(state: KeyState, { window }: WindowOutput, expiresAt: string): PutItemCommandInput {
    return {
      TableName: this.#targets.windowTable,
      Item: {
        key: { S: stateKey(state.source, state.name) },
        startMs: { N: String(window.startMs) },
        revision: { N: String(window.revision) },
        window: { S: JSON.stringify(window) },
        expiresAt: { N: expiresAt },
      },
    };
  }

  #historyPut(sensorId: string, output: AlarmOutput, expiresAt: string): PutItemCommandInput {
    const row = alarmRowOf(sensorId, output);
    return {
      TableName: this.#targets.alarmTable,
      Item: {
        ...alarmItem(row),
        record: { S: `t#${String(row.revision).padStart(12, '0')}` },
        day: { S: row.event_time.slice(0, 10) },
        at: { S: `${row.event_time}#${row.alarm_id}#${row.revision}` },
        expiresAt: { N: expiresAt },
      },
    };
  }

  #currentPut(sensorId: string, output: AlarmOutput): PutItemCommandInput {
    const row = alarmRowOf(sensorId, output);
    const rank = `${SEVERITY_RANK[row.severity]}#${row.event_time}`;
    return {
      TableName: this.#targets.alarmTable,
      Item: { ...alarmItem(row), record: { S: 'current' }, state: { S: row.state }, rank: { S: rank } },
    };
  }

  async #putIfNewer(put: PutItemCommandInput): Promise<void> {
    const revision = put.Item!['revision']!;
    try {
      await this.#dynamo.send(
        new PutItemCommand({
          ...put,
          ConditionExpression: 'attribute_not_exists(revision) OR revision < :revision',
          ExpressionAttributeValues: { ':revision': revision },
        }),
      );
    } catch (error) {
      // The row is there already, or a newer one: emitted before a crash, or by whoever went on after it.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

/** The last transition of each alarm: the rows before it would be replaced at once. */
function newestTransitions(outputs: readonly Output[]): Iterable<AlarmOutput> {
  const newest = new Map<string, AlarmOutput>();
  for (const output of outputs) if (output.type === 'alarm') newest.set(output.rule, output);
  return newest.values();
}

function alarmItem(row: AlarmRow) {
  return { alarmId: { S: row.alarm_id }, revision: { N: String(row.revision) }, row: { S: JSON.stringify(row) } };
}
