/** `npm run batch`: recomputes days and publishes them, here or in AWS. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { displayRun } from './batch/display.ts';
import { type BatchOptions, HELP, parseOptions } from './batch/options.ts';
import { complaintOf, daysOf, tableOf } from './batch/outcome.ts';
import { runBatch } from './batch/run.ts';
import { openBatchMachine } from './batch/state-machine.ts';
import { runCommand } from './shared/command.ts';
import { UserError } from './shared/user-error.ts';

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

await runCommand({ name: 'batch', help: HELP, parse: (args) => parseOptions(args, REAL_CLOCK.now()), run: batch });
