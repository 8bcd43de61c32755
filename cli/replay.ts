/** `npm run replay`: recorded data through Tidemark, with an account of every row. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { daysTableOf, type EventSummary } from './replay/event-time/summary.ts';
import { type EventTimeOptions, HELP, parseOptions, type ReplayOptions } from './replay/options.ts';
import { displayProgress } from './replay/progress-display.ts';
import { type Recording, readRecording, replay } from './replay/run.ts';
import { runCommand } from './shared/command.ts';
import { openInstance } from './shared/instance.ts';
import { discrepancyOf, type Summary, tableOf } from './shared/summary.ts';
import { UserError } from './shared/user-error.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

async function run(options: ReplayOptions, signal: AbortSignal): Promise<void> {
  const { eventTime } = options;
  if (eventTime) await requireEmpty(eventTime.keepFolder);
  const recording = await readRecording(options);
  let summary: Summary;
  let table: string;
  if (eventTime) {
    const withDays = await replayedOnEventTime(recording, options, eventTime, signal);
    summary = withDays;
    table = `${tableOf(withDays)}\n${daysTableOf(withDays)}`;
  } else {
    summary = await replayed(recording, options, signal);
    table = tableOf(summary);
  }
  process.stdout.write(`${options.json ? JSON.stringify(summary) : table}\n`);
  if (eventTime?.keepFolder) log(`replay: kept in ${eventTime.keepFolder}; npm start -- --no-sim --data ${eventTime.keepFolder} shows it`);
  const discrepancy = discrepancyOf(summary, recording.rows);
  if (discrepancy) throw new UserError(discrepancy);
}

async function replayed(recording: Recording, options: ReplayOptions, signal: AbortSignal): Promise<Summary> {
  const { endpoints, stop } = await openInstance(options.target, log, signal);
  const display = displayProgress(recording.rows, process.stderr, REAL_CLOCK.now);
  try {
    return await replay(recording, options, { endpoints, clock: REAL_CLOCK, random: Math.random, signal, display, log });
  } finally {
    display.stop();
    await stop();
  }
}

async function replayedOnEventTime(
  recording: Recording,
  options: ReplayOptions,
  { seed, meanDelayMs, keepFolder }: EventTimeOptions,
  signal: AbortSignal,
): Promise<EventSummary> {
  // The runtime is large; a replay into a running one does without it.
  const { openEventReplay } = await import('./replay/event-time/replay.ts');
  const display = displayProgress(recording.rows, process.stderr, REAL_CLOCK.now);
  const given = { recordings: [recording], seed, meanDelayMs, numbered: options.numbered, dataFolder: keepFolder };
  try {
    const replay = await openEventReplay({ ...given, signal, display, log, now: REAL_CLOCK.now });
    try {
      return await replay.run();
    } finally {
      await replay.close();
    }
  } finally {
    display.stop();
  }
}

/** What is in the folder already would come after the recording in its streams, and before it in time. */
async function requireEmpty(folder: string | null): Promise<void> {
  if (folder === null || !existsSync(folder)) return;
  if ((await readdir(folder)).length > 0) throw new UserError(`--keep ${folder}: the folder is not empty; name a new one`);
}

await runCommand({ name: 'replay', help: HELP, parse: parseOptions, run });
