/** `npm test`, the whole gate: lint, types, all tests. Closes with one line `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureChromium } from './chromium.ts';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'tidemark-gate-'));
const results = join(scratch, 'results.json');

const steps: readonly (readonly [what: string, ...command: string[]])[] = [
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off'],
  ['types', 'node_modules/typescript/bin/tsc'],
  ['types of the page', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.web.json'],
  ['tests', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
];

/** Runs the steps until one fails; gives the exit code. */
function run(): number {
  if (process.env['CI']) console.log(`tidemark: browser tests use ${ensureChromium()}`);
  for (const [what, tool, ...args] of steps) {
    console.log(`tidemark: ${what}`);
    const { status } = spawnSync(process.execPath, [join(root, tool!), ...args], { cwd: root, stdio: 'inherit' });
    if (status !== 0) {
      console.error(`tidemark: ${what} failed`);
      return status ?? 1;
    }
  }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
  return numPassedTests > 0 ? 0 : 1;
}

try {
  process.exitCode = run();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
