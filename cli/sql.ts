/** `npm run sql`: asks Athena, here or in AWS. */
import { once } from 'node:events';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { INTERRUPTED, UserError } from './shared/user-error.ts';
import { HELP, parseOptions } from './sql/options.ts';
import type { SqlOutput } from './sql/run.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

const OUTPUT: SqlOutput = {
  async write(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  note: log,
};

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  // Only now: help and mistakes are answered without loading the client.
  const { runSql } = await import('./sql/run.ts');
  await runSql(options, OUTPUT, REAL_CLOCK, interruption.signal);
}

// A reader that has seen enough, like head, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  log(`sql: ${error.message}`);
  process.exitCode = error.exitCode;
  if (error.exitCode === INTERRUPTED) process.exit();
}
