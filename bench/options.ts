/** The command line of `bench`. */
import { parseArgs } from 'node:util';
import { messageOf, UsageError } from '../cli/shared/user-error.ts';
import { SCENARIOS, USUAL } from './catalog.ts';
import type { Scenario } from './scenario.ts';

const COLUMN = 25;
const WIDTH = 110;

/** The words in lines of at most `width`; every line but the first begins with `indent` spaces. */
function wrapped(text: string, indent: number, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
    if (longer.length <= width - indent) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

const LISTED = SCENARIOS.map(({ id, part, title }) => `  ${id.padEnd(COLUMN - 2)}${wrapped(`(${part}) ${title}`, COLUMN, WIDTH)}`).join(
  '\n',
);

export const HELP = `Measures Tidemark on this machine and writes a report, report.md and report.json.

  npm run bench -- [SCENARIO...] [OPTION...]

${LISTED}

  --scale X     size of the input, above 0 to 1; 1 = a million events, 60 s, ten minutes for "long" (default 0.1)
  --runs N      measured runs where a run is short, 1 to 20 (default 3)
  --seed N      of all input, 0 to 4294967295 (default 1)
  --out FOLDER  where the report goes (default build/bench)
  --help        this text

Without a name all but "long" run. Exit code 1 when a sum does not close. The report ends with the figures of other stacks at the
same work (h), from another run. Another program that uses the processors changes every figure: the report says how busy the
machine was.
`;

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly scale: number;
  readonly runs: number;
  readonly seed: number;
  readonly outFolder: string;
}

const MAX_RUNS = 20;
const MAX_SEED = 4_294_967_295;

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.out === '') throw new UsageError('--out must be the name of a folder, not empty');
  const scale = Number(values.scale ?? 0.1);
  if (!(scale > 0 && scale <= 1)) throw new UsageError(`--scale must be a number above 0, at most 1, not "${values.scale}"`);
  return {
    scenarios: positionals.length > 0 ? positionals.map(scenarioOf) : USUAL,
    scale,
    runs: integer('runs', values.runs, 1, MAX_RUNS, 3),
    seed: integer('seed', values.seed, 0, MAX_SEED, 1),
    outFolder: values.out ?? 'build/bench',
  };
}

function scenarioOf(id: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (!found) throw new UsageError(`there is no scenario "${id}"; there are ${SCENARIOS.map((scenario) => scenario.id).join(', ')}`);
  return found;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { scale: text, runs: text, seed: text, out: text, help: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0]!);
  }
}

function integer(option: string, text: string | undefined, min: number, max: number, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${option} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}
