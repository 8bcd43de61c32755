/** Reading the batch table: what the runs did and what reconciliation found. The batch function writes it. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import { queryItems } from './query-items.ts';

type Item = Record<string, AttributeValue>;

/** One step of a day within a run; times in ms since the epoch. */
export interface RunStep {
  readonly step: string;
  readonly startedMs: number;
  /** Null while it goes on. */
  readonly endedMs: number | null;
  /** Null while it goes on. */
  readonly outcome: string | null;
}

/** What a run did about one day of a source. */
export interface RunDay {
  readonly source: SourceName;
  readonly day: string;
  readonly gen: string | null;
  readonly status: string;
  /** Of the publication; null when there was none. */
  readonly revision: number | null;
  readonly attempts: number;
  /** Rows of raw data that the day had in the archive's index when it was planned; null when it was not planned. */
  readonly rows: number | null;
  readonly cause: string | null;
  readonly steps: readonly RunStep[];
}

/** One run of the batch; times in ms since the epoch. */
export interface Run {
  readonly runId: string;
  readonly status: string;
  readonly trigger: string;
  readonly startedMs: number;
  /** Null while it goes on. */
  readonly endedMs: number | null;
  readonly cause: string | null;
  /** Days that wait for the next run. */
  readonly remaining: number;
  readonly days: readonly RunDay[];
}

/** What reconciliation found of a published day. */
export interface Drift {
  readonly day: string;
  readonly keys: number;
  /** Keys whose figures differ between the layers. */
  readonly differing: number;
  /** Events that the batch counts and the speed layer does not. */
  readonly difference: number;
  /** Of these, how many have a reason. */
  readonly explained: number;
  /** Events by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export class RunReader {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Runs, newest first, at most `limit`; after the run `before`, or from the newest. */
  async runs(before: string | null, limit: number): Promise<Run[]> {
    const after = before === null ? undefined : { name: { S: 'run' }, at: { S: before } };
    return (await this.#newest('run', limit, after)).map(runOf);
  }

  /** One run; null when there is none of this id (any more). */
  async run(runId: string): Promise<Run | null> {
    const answer = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { name: { S: 'run' }, at: { S: runId } }, ConsistentRead: true }),
    );
    return answer.Item ? runOf(answer.Item) : null;
  }

  /** Of the newest day that was reconciled; null before the first one. */
  async drift(source: SourceName): Promise<Drift | null> {
    const [item] = await this.#newest(`drift#${source}`, 1);
    return item ? driftOf(item) : null;
  }

  #newest(name: string, limit: number, after?: Item): Promise<Item[]> {
    return queryItems(
      this.#client,
      {
        TableName: this.#table,
        KeyConditionExpression: '#name = :name',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':name': { S: name } },
        ScanIndexForward: false,
        ConsistentRead: true,
      },
      limit,
      after,
    );
  }
}

const numberOf = (value: AttributeValue | undefined) => (value?.N === undefined ? null : Number(value.N));

function runOf(item: Item): Run {
  return {
    runId: item['at']!.S!,
    status: item['status']?.S ?? 'running',
    trigger: item['trigger']?.S ?? '',
    startedMs: numberOf(item['startedMs']) ?? 0,
    endedMs: numberOf(item['endedMs']),
    cause: item['cause']?.S ?? null,
    remaining: numberOf(item['remaining']) ?? 0,
    days: (JSON.parse(item['days']?.S ?? '[]') as Partial<RunDay>[]).map(runDayOf),
  };
}

/** What a day lacks has not happened to it yet. */
function runDayOf({ source, day, gen, status, revision, attempts, rows, cause, steps }: Partial<RunDay>): RunDay {
  return {
    source: source!,
    day: day!,
    gen: gen ?? null,
    status: status ?? 'running',
    revision: revision ?? null,
    attempts: attempts ?? 0,
    rows: rows ?? null,
    cause: cause ?? null,
    steps: (steps ?? []).map(({ step, startedMs, endedMs, outcome }) => ({
      step,
      startedMs,
      endedMs: endedMs ?? null,
      outcome: outcome ?? null,
    })),
  };
}

function driftOf(item: Item): Drift {
  const count = (name: string) => numberOf(item[name]) ?? 0;
  return {
    day: item['at']!.S!,
    keys: count('keys'),
    differing: count('differing'),
    difference: count('difference'),
    explained: count('explained'),
    reasons: JSON.parse(item['reasons']?.S ?? '{}'),
  };
}
