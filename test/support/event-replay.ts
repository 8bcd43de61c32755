/** A replay on event time in a temporary folder, and readers that look at its days while it runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AthenaClient, GetQueryExecutionCommand, GetQueryResultsCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { type EventReplay, openEventReplay } from '../../cli/replay/event-time/replay.ts';
import { parseOptions, type ReplayOptions } from '../../cli/replay/options.ts';
import { type Recording, readRecording } from '../../cli/replay/run.ts';

/** Real time between two looks of a reader. A query holds the clock: with none between them the replay would stand still. */
const LOOK_EVERY_MS = 300;
const QUIET = { sent: () => {}, reached: () => {}, waitingFor: () => {}, stop: () => {} };

/** What a command line of `replay` reads; of each file only the rows from `from` to before `to`. */
export async function recordingOf(args: readonly string[], from = 0, to = Number.POSITIVE_INFINITY): Promise<Recording> {
  const recording = await readRecording(parseOptions(args) as ReplayOptions);
  const trades = recording.trades.map((file) => ({ ...file, trades: file.trades.slice(from, to) }));
  const readings = recording.readings.map((file) => ({ ...file, rows: file.rows.slice(from, to) }));
  return { ...recording, trades, readings };
}

/** A replay with its folder, both gone after `close`. */
export async function replayForTest(recordings: readonly Recording[], { seed = 1 }: { seed?: number } = {}): Promise<EventReplay> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tidemark-event-'));
  const { signal } = new AbortController();
  const given = { recordings, seed, meanDelayMs: 200, numbered: true, dataFolder, signal };
  const replay = await openEventReplay({ ...given, display: QUIET, log: () => {}, now: () => performance.now() });
  return {
    ...replay,
    async close() {
      await replay.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Rows of a query to the runtime's Athena, each by column, as texts; null for SQL's null. */
export async function queryAthena({ tidemark }: EventReplay, sql: string): Promise<Record<string, string | null>[]> {
  const { aws, region } = tidemark.runtime;
  const client = new AthenaClient({ endpoint: aws.athena, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  try {
    const started = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: 'tidemark-local',
        QueryExecutionContext: { Database: 'tidemark_local' },
      }),
    );
    const id = { QueryExecutionId: started.QueryExecutionId! };
    for (;;) {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand(id));
      const { State, StateChangeReason } = QueryExecution!.Status!;
      if (State === 'FAILED' || State === 'CANCELLED') throw new Error(`${sql}: ${State} ${StateChangeReason}`);
      if (State === 'SUCCEEDED') break;
      await pause(10);
    }
    const { ResultSet } = await client.send(new GetQueryResultsCommand(id));
    const [head, ...rows] = ResultSet!.Rows!.map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue ?? null));
    return rows.map((row) => Object.fromEntries(head!.map((name, index) => [name!, row[index]!])));
  } finally {
    client.destroy();
  }
}

/** A day of a key, as a reader sees it. */
export interface SeenDay {
  readonly key: string;
  readonly day: string;
  readonly layer: string;
  readonly revision: number;
  readonly count: number;
  /** Other figures, comparable as text. */
  readonly figures: string;
}

/** What a reader may never see; it remembers each look. */
export class DayWatch {
  readonly #final: ReadonlyMap<string, SeenDay>;
  readonly #seen = new Map<string, SeenDay>();
  readonly problems = new Set<string>();
  looks = 0;

  /** @param final the published figures of every day that is ever seen */
  constructor(final: readonly SeenDay[]) {
    this.#final = new Map(final.map((day) => [`${day.key} ${day.day}`, day]));
  }

  /** How many days were seen in each layer at last. */
  get layers(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { layer } of this.#seen.values()) counts[layer] = (counts[layer] ?? 0) + 1;
    return counts;
  }

  look(days: readonly SeenDay[]): void {
    this.looks++;
    const now = new Map<string, SeenDay>();
    for (const day of days) {
      const name = `${day.key} ${day.day}`;
      if (now.has(name)) this.problems.add(`${name} is there twice`);
      now.set(name, day);
      this.#check(name, day);
    }
    for (const name of this.#seen.keys()) if (!now.has(name)) this.problems.add(`${name} is missing`);
    for (const [name, day] of now) this.#seen.set(name, day);
  }

  #check(name: string, day: SeenDay): void {
    const before = this.#seen.get(name);
    const final = this.#final.get(name);
    if (!final) this.problems.add(`${name} is no day of the recording`);
    else if (day.layer === 'batch' && (day.count !== final.count || day.figures !== final.figures)) {
      this.problems.add(`${name} is published with ${JSON.stringify(day)} in place of ${JSON.stringify(final)}`);
    } else if (day.count > final.count) this.problems.add(`${name} counts ${day.count} of ${final.count}`);
    if (before && (day.revision < before.revision || day.count < before.count)) {
      this.problems.add(`${name} went back from ${JSON.stringify(before)} to ${JSON.stringify(day)}`);
    }
  }
}

/** Looks again and again until `work` has ended, with so much time between two looks; answers with its result. */
export async function whileWatching<Result>(
  work: Promise<Result>,
  looks: readonly (() => Promise<unknown>)[],
  pauseMs = LOOK_EVERY_MS,
): Promise<Result> {
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
  };
  const watching = looks.map(async (look) => {
    while (!hasEnded) {
      await look();
      await pause(pauseMs);
    }
  });
  const [result] = await Promise.all([work.finally(end), ...watching]);
  return result;
}
