/** `npm run sql`: asks Athena, here or in AWS. */
import { once } from 'node:events';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { runCommand } from './shared/command.ts';
import { HELP, parseOptions } from './sql/options.ts';
import type { SqlOutput } from './sql/run.ts';

const OUTPUT: SqlOutput = {
  async write(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  note: (line) => process.stderr.write(`${line}\n`),
};

// A reader that has seen enough, like head, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await runCommand({
  name: 'sql',
  help: HELP,
  parse: parseOptions,
  async run(options, signal) {
    // Only now: help and mistakes are answered without loading the client.
    const { runSql } = await import('./sql/run.ts');
    await runSql(options, OUTPUT, REAL_CLOCK, signal);
  },
});
