/** `npm run simulate`: devices with faults, and an account of what must have become of each reading. */
import { REAL_CLOCK } from '#adapters/clock.ts';
import { runCommand } from './shared/command.ts';
import { UserError } from './shared/user-error.ts';
import { complaintOf, tableOf } from './simulate/account.ts';
import { HELP, parseOptions, type SimulateOptions } from './simulate/options.ts';
import { simulate } from './simulate/run.ts';
import { openTarget } from './simulate/target.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);
const print = (line: string) => process.stdout.write(`${line}\n`);

async function run(options: SimulateOptions, signal: AbortSignal): Promise<void> {
  // The first Ctrl-C ends the simulation with its account, a second one the account as well.
  const giveUp = new AbortController();
  signal.addEventListener('abort', () => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => giveUp.abort());
  });
  const target = await openTarget(options.target, log, signal);
  const account = await simulate(options, target, { clock: REAL_CLOCK, signal, giveUp: giveUp.signal, log, writeEvent: print });
  print(options.json ? JSON.stringify(account) : tableOf(account));
  const complaint = complaintOf(account);
  if (complaint) throw new UserError(complaint);
}

await runCommand({ name: 'simulate', help: HELP, parse: parseOptions, run });
