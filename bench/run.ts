/** `npm run bench`: measures, and writes report.md and report.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, UserError } from '../cli/shared/user-error.ts';
import { HELP, parseOptions } from './options.ts';
import { markdownOf, sumsClose } from './report.ts';
import { runScenarios } from './run-scenarios.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const { scenarios, outFolder, ...conditions } = options;
  mkdirSync(outFolder, { recursive: true });
  const report = await runScenarios(scenarios, { ...conditions, log });
  const markdown = markdownOf(report);
  writeFileSync(path.join(outFolder, 'report.md'), markdown);
  writeFileSync(path.join(outFolder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(markdown);
  const open = report.scenarios.filter((scenario) => !sumsClose(scenario));
  if (open.length > 0) throw new UserError(`sums do not close in ${open.map(({ id }) => id).join(', ')}`);
}

try {
  await main();
} catch (error) {
  log(`bench: ${messageOf(error)}`);
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
}
