/** `npm run replay`: recorded data through Tidemark, with an account of every row. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { HELP, parseOptions, type ReplayOptions } from './replay/options.ts';
import { displayProgress } from './replay/progress-display.ts';
import { type Recording, readRecording, replay } from './replay/run.ts';
import { openInstance } from './shared/instance.ts';
import { discrepancyOf, type Summary, tableOf } from './shared/summary.ts';
import { INTERRUPTED, UserError } from './shared/user-error.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

async function run(options: ReplayOptions, signal: AbortSignal): Promise<void> {
  const recording = await readRecording(options);
  const summary = await replayed(recording, options, signal);
  process.stdout.write(`${options.json ? JSON.stringify(summary) : tableOf(summary)}\n`);
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

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  await run(options, interruption.signal);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  log(`replay: ${error.message}`);
  process.exitCode = error.exitCode;
  // What was interrupted may still be trying to reach something that does not answer.
  if (error.exitCode === INTERRUPTED) process.exit();
}
