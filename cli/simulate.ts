/** `npm run simulate`: devices with faults, and an account of what must have become of each reading. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { INTERRUPTED, UserError } from './shared/user-error.ts';
import { complaintOf, tableOf } from './simulate/account.ts';
import { HELP, parseOptions, type SimulateOptions } from './simulate/options.ts';
import { simulate } from './simulate/run.ts';
import { openTarget } from './simulate/target.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);
const print = (line: string) => process.stdout.write(`${line}\n`);

async function run(options: SimulateOptions, signal: AbortSignal, giveUp: AbortSignal): Promise<void> {
  const target = await openTarget(options.target, log, signal);
  const account = await simulate(options, target, { clock: REAL_CLOCK, signal, giveUp, log, writeEvent: print });
  print(options.json ? JSON.stringify(account) : tableOf(account));
  const complaint = complaintOf(account);
  if (complaint) throw new UserError(complaint);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const end = new AbortController();
  const giveUp = new AbortController();
  // The first Ctrl-C ends the simulation with its account, a second one the account as well.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => (end.signal.aborted ? giveUp.abort() : end.abort()));
  await run(options, end.signal, giveUp.signal);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  log(`simulate: ${error.message}`);
  process.exitCode = error.exitCode;
  // What was interrupted may still be trying to reach something that does not answer.
  if (error.exitCode === INTERRUPTED) process.exit();
}
