/** `npm run symbols`: what the feed hears, shown or changed while it runs. */
import { UserError } from './shared/user-error.ts';
import { HELP, parseOptions } from './symbols/options.ts';
import { runSymbols } from './symbols/run.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  process.stdout.write(options === 'help' ? HELP : `${await runSymbols(options)}\n`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`symbols: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
