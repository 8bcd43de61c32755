/** Writing the records of runs, for people: what a run does, day by day and step by step. Reading belongs to run-reader.ts. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { RunDay } from './run-reader.ts';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'skipped';

/** A run as its record has it; the reader's `Run`, but for fields that are not there yet. */
export interface RunRecord {
  readonly status: RunStatus;
  readonly trigger: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly cause: string | null;
  /** Days that are to be built and wait for a later run. */
  readonly remaining: number;
  readonly days: readonly RunDay[];
}

/** The record was changed by others each time this one tried. */
export class RunRecordBusyError extends Error {
  override name = 'RunRecordBusyError';
}

/** Days of a run are recorded by as many functions at once as run in parallel, a step each. */
const ATTEMPTS = 20;
const MAX_PAUSE_MS = 100;
/** How long records are kept, s. */
const RETENTION_S = 400 * 86_400;

export class BatchRuns {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #pause: (ms: number) => Promise<unknown>;

  /** `pause` is waited for before a record that somebody else changed is changed again. */
  constructor(client: DynamoDBClient, table: string, pause: (ms: number) => Promise<unknown>) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
  }

  /** Makes the record of a run; one that is there stays as it is. */
  async create(run: string, record: RunRecord): Promise<void> {
    try {
      await this.#put(run, record, 0);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Changes the record of a run and answers with it; null when there is none. Throws RunRecordBusyError. */
  async change(run: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord | null> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const found = await this.#get(run);
      if (found === null) return null;
      try {
        const changed = change(found.record);
        await this.#put(run, changed, found.version);
        return changed;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      await this.#pause(Math.min(5 * attempt, MAX_PAUSE_MS));
    }
    throw new RunRecordBusyError(`the record of run ${run} was changed by others ${ATTEMPTS} times`);
  }

  async #get(run: string): Promise<{ readonly record: RunRecord; readonly version: number } | null> {
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: keyOf(run), ConsistentRead: true }));
    return Item ? { record: recordOf(Item), version: Number(Item['version']!.N) } : null;
  }

  async #put(run: string, record: RunRecord, version: number): Promise<void> {
    const { status, trigger, startedMs, endedMs, cause, remaining, days } = record;
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#table,
        Item: {
          ...keyOf(run),
          status: { S: status },
          trigger: { S: trigger },
          startedMs: { N: String(startedMs) },
          ...(endedMs === null ? {} : { endedMs: { N: String(endedMs) } }),
          ...(cause === null ? {} : { cause: { S: cause } }),
          remaining: { N: String(remaining) },
          days: { S: JSON.stringify(days) },
          version: { N: String(version + 1) },
          expiresAt: { N: String(Math.floor(startedMs / 1000) + RETENTION_S) },
        },
        ...(version === 0
          ? { ConditionExpression: 'attribute_not_exists(version)' }
          : { ConditionExpression: 'version = :version', ExpressionAttributeValues: { ':version': { N: String(version) } } }),
      }),
    );
  }
}

function keyOf(run: string) {
  return { name: { S: 'run' }, at: { S: run } };
}

function recordOf(item: Record<string, AttributeValue>): RunRecord {
  return {
    status: item['status']!.S! as RunStatus,
    trigger: item['trigger']!.S!,
    startedMs: Number(item['startedMs']!.N),
    endedMs: item['endedMs'] ? Number(item['endedMs'].N) : null,
    cause: item['cause']?.S ?? null,
    remaining: Number(item['remaining']!.N),
    days: JSON.parse(item['days']!.S!),
  };
}
