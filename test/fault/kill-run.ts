/** Runs of real data through a runtime that is killed at random moments of them, and what is left in the end. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { parseOptions, type ReplayOptions } from '../../cli/replay/options.ts';
import { readRecording, replay } from '../../cli/replay/run.ts';
import { openInstance } from '../../cli/shared/instance.ts';
import { discrepancyOf } from '../../cli/shared/summary.ts';
import { UserError } from '../../cli/shared/user-error.ts';
import { MACHINE, TRADE_FILES } from '../oracles/data.ts';
import { type ChildRuntime, type Exit, startChildRuntime } from '../support/child-runtime.ts';
import { seededRandom } from '../support/random.ts';
import { type Subject, servedBy } from '../support/served.ts';

/** How many of the first rows of the real files. */
export interface Cut {
  readonly trades: number;
  readonly readings: number;
}

/** Enough for alarms, two days and hundreds of windows, few enough for a run of seconds. */
const DEFAULT_CUT: Cut = { trades: 700, readings: 300 };
const SYMBOL: Subject = { name: 'IBM', range: 'from=2013-10-07&to=2013-10-08' };
const SENSOR: Subject = { name: 'machine', range: 'from=2013-12-01&to=2014-03-01' };
const LOOK_MS = 8;

/** What grows while a replay goes on; each sees other moments of it. */
const PROGRESS = {
  /** Bytes in the logs of both sources: what was acknowledged. */
  sources: (folder: string) => sizes(join(folder, 'kinesis', 'trades'), '.log') + sizes(join(folder, 'kinesis', 'readings'), '.log'),
  /** Bytes in the tables and their log: commits, windows, alarms, the archive's index. */
  tables: (folder: string) => sizes(join(folder, 'dynamodb'), ''),
  /** Bytes of Parquet. */
  archive: (folder: string) => sizes(join(folder, 's3', 'data'), '.parquet'),
} as const;
type Measure = keyof typeof PROGRESS;
const MEASURES = Object.keys(PROGRESS) as Measure[];

/** Where a run was killed: this share of what the measure grows by in an undisturbed run. */
export interface Kill {
  readonly at: Measure;
  readonly share: number;
  /** False when the replay was over before that moment: it was killed then. */
  readonly during: boolean;
}

export interface Undisturbed {
  readonly served: Record<string, unknown>;
  readonly growth: Readonly<Record<Measure, number>>;
}

export interface Killed {
  readonly served: Record<string, unknown>;
  readonly kills: readonly Kill[];
  /** Rows of the last replay that had come before. */
  readonly duplicates: number;
}

export interface Recordings {
  /** Arguments of `replay`, one for each source. */
  readonly replays: readonly (readonly string[])[];
  remove(): void;
}

/** Writes the beginnings of the recorded files to a temporary folder. */
export function cutRecordings(cut = DEFAULT_CUT): Recordings {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-recordings-'));
  const [name, csv] = Object.entries(unzipSync(readFileSync(TRADE_FILES[0]!)))[0]!;
  const firstLines = (text: string, count: number) => `${text.split('\n').slice(0, count).join('\n')}\n`;
  mkdirSync(join(folder, 'ibm'));
  const trades = join(folder, 'ibm', '20131007_trade.zip');
  writeFileSync(trades, zipSync({ [name]: strToU8(firstLines(strFromU8(csv), cut.trades)) }));
  const readings = join(folder, 'machine.csv');
  writeFileSync(readings, firstLines(readFileSync(MACHINE, 'utf8'), cut.readings + 1));
  return {
    replays: [
      ['trades', trades],
      ['readings', readings, '--device', SENSOR.name, '--profile', 'industrial'],
    ],
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** One run that nothing disturbs. */
export async function runUndisturbed({ replays }: Recordings): Promise<Undisturbed> {
  return inDataFolder(async (folder, start) => {
    const runtime = await start();
    const before = measured(folder);
    await replayToEnd(runtime.url, replays);
    const served = await servedBy(runtime.url, folder, SYMBOL, SENSOR);
    const after = measured(folder);
    const growth = Object.fromEntries(MEASURES.map((measure) => [measure, after[measure] - before[measure]])) as Record<Measure, number>;
    return { served, growth };
  });
}

/** One run with one to `mostKills` kills whose moments follow from the seed; then a last replay runs to its end. */
export async function runKilled(seed: number, mostKills: number, { replays }: Recordings, { growth }: Undisturbed): Promise<Killed> {
  const random = seededRandom(seed);
  return inDataFolder(async (folder, start) => {
    const kills: Kill[] = [];
    for (let left = 1 + Math.floor(random() * mostKills); left > 0; left--) {
      const at = MEASURES[Math.floor(random() * MEASURES.length)]!;
      const share = random();
      const runtime = await start();
      const target = PROGRESS[at](folder) + share * growth[at];
      const sources = startReplays(runtime.url, replays);
      let isReached = PROGRESS[at](folder) >= target;
      while (!isReached && sources.isRunning()) {
        await pause(LOOK_MS);
        isReached = PROGRESS[at](folder) >= target;
      }
      await runtime.kill();
      await sources.stop();
      kills.push({ at, share, during: isReached });
    }
    const runtime = await start();
    const duplicates = await replayToEnd(runtime.url, replays);
    return { served: await servedBy(runtime.url, folder, SYMBOL, SENSOR), kills, duplicates };
  });
}

export interface FilledUp {
  readonly served: Record<string, unknown>;
  /** How the runtime ended that had no room. */
  readonly exit: Exit;
}

/** One run in which no file may become longer than `mostFileBytes` until the runtime has ended by itself; then a last replay runs to its end. */
export async function runFilledUp(mostFileBytes: number, { replays }: Recordings): Promise<FilledUp> {
  return inDataFolder(async (folder, start) => {
    const runtime = await start(mostFileBytes);
    const sources = startReplays(runtime.url, replays);
    const exit = await runtime.ended;
    await sources.stop();
    const { url } = await start();
    await replayToEnd(url, replays);
    return { served: await servedBy(url, folder, SYMBOL, SENSOR), exit };
  });
}

/** Replays side by side, in this process; answers with how many rows had come before. Throws when a row is not accounted for. */
async function replayToEnd(url: string, replays: Recordings['replays'], { signal } = new AbortController()): Promise<number> {
  const duplicates = replays.map(async (args) => {
    const options = parseOptions([...args, '--url', url]) as ReplayOptions;
    const recording = await readRecording(options);
    const { endpoints } = await openInstance(options.target, () => undefined, signal);
    const display = { sent: () => undefined, reached: () => undefined, waitingFor: () => undefined, stop: () => undefined };
    const surroundings = { endpoints, clock: REAL_CLOCK, random: Math.random, signal, display, log: () => undefined };
    const summary = await replay(recording, options, surroundings);
    const discrepancy = discrepancyOf(summary, recording.rows);
    if (discrepancy !== undefined) throw new Error(`${args.join(' ')}: ${discrepancy}`);
    return summary.duplicate;
  });
  return (await Promise.all(duplicates)).reduce((sum, count) => sum + count, 0);
}

interface Sources {
  isRunning(): boolean;
  /** Gives up; resolves when nothing is sent any more. */
  stop(): Promise<void>;
}

/** Replays of which nobody expects that they come to their end: what they send to may be gone at any moment. */
function startReplays(url: string, replays: Recordings['replays']): Sources {
  const interruption = new AbortController();
  let running = replays.length;
  const ended = replays.map(async (args) => {
    await replayToEnd(url, [args], interruption).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
    });
    running--;
  });
  return {
    isRunning: () => running > 0,
    async stop() {
      interruption.abort();
      await Promise.all(ended);
    },
  };
}

type Start = (mostFileBytes?: number) => Promise<ChildRuntime>;

async function inDataFolder<Result>(work: (folder: string, start: Start) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-kill-'));
  let newest: ChildRuntime | undefined;
  try {
    return await work(folder, async (mostFileBytes) => {
      newest = await startChildRuntime(folder, mostFileBytes);
      return newest;
    });
  } finally {
    await newest?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measured(folder: string): Record<Measure, number> {
  return { sources: PROGRESS.sources(folder), tables: PROGRESS.tables(folder), archive: PROGRESS.archive(folder) };
}

/** Bytes of the files below a folder whose names end so. */
function sizes(folder: string, ending: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    // A file may go between being listed and being measured.
    if (name.endsWith(ending)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
