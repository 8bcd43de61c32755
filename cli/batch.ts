/** `npm run batch`: recomputes days and publishes them, here or in AWS. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { displayRun } from './batch/display.ts';
import { type BatchOptions, HELP, parseOptions } from './batch/options.ts';
import { complaintOf, daysOf, tableOf } from './batch/outcome.ts';
import { runBatch } from './batch/run.ts';
import { openBatchMachine } from './batch/state-machine.ts';
import { INTERRUPTED, UserError } from './shared/user-error.ts';

const log = (line: string) => process.stderr.write(`batch: ${line}\n`);

async function batch({ target, request, json }: BatchOptions, signal: AbortSignal): Promise<void> {
  const machine = await openBatchMachine(target, signal);
  try {
    const runs = await runBatch(request, machine, { clock: REAL_CLOCK, signal, display: displayRun(process.stderr), log });
    const days = daysOf(runs, request.from !== undefined);
    process.stdout.write(
      `${json ? JSON.stringify({ days, runs: runs.map(({ run, status, cause, remaining }) => ({ run, status, cause, remaining })) }) : tableOf(days)}\n`,
    );
    const complaint = complaintOf(days);
    if (complaint) throw new UserError(complaint);
  } finally {
    machine.close();
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), REAL_CLOCK.now());
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  await batch(options, interruption.signal);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  log(error.message);
  process.exitCode = error.exitCode;
  // What was interrupted may still be waiting for an answer.
  if (error.exitCode === INTERRUPTED) process.exit();
}
