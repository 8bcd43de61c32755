/** `npm run symbols`: what the feed hears, shown or changed while it runs. */
import { runCommand } from './shared/command.ts';
import { INTERRUPTED } from './shared/user-error.ts';
import { HELP, parseOptions } from './symbols/options.ts';
import { runSymbols } from './symbols/run.ts';

await runCommand({
  name: 'symbols',
  help: HELP,
  parse: parseOptions,
  async run(options, signal) {
    signal.addEventListener('abort', () => process.exit(INTERRUPTED));
    process.stdout.write(`${await runSymbols(options)}\n`);
  },
});
