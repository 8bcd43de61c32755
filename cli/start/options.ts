/** The command line of `start`. */

import { parsedArguments } from '../shared/arguments.ts';
import { UsageError } from '../shared/user-error.ts';

export const HELP = `Runs Tidemark on this machine: page, API, MQTT, streams, functions, with simulated sensors and a simulated market.

  npm start -- [OPTION...]

  --port N       port of page and API on 127.0.0.1, 0 to 65535, 0 takes a free one (default 8080)
  --data FOLDER  where everything is kept between runs (default .tidemark)
  --memory       keep nothing: a temporary folder, removed at the end
  --seed N       of the simulated sensors and market, 0 to 4294967295 (default 1)
  --sensors N    simulated sensors, 0 to 1000 (default 20)
  --no-sim       no simulated sensors and no simulated market
  --help         this text

FINNHUB_TOKEN=... in the environment takes the trades of the real market. Ctrl-C stops; the next start goes on from there.
`;

export interface StartOptions {
  readonly port: number;
  /** Null: in memory. */
  readonly dataFolder: string | null;
  readonly seed: number;
  readonly sensorCount: number;
  readonly simulate: boolean;
}

const OPTIONS = {
  port: { type: 'string' },
  data: { type: 'string' },
  memory: { type: 'boolean', default: false },
  seed: { type: 'string' },
  sensors: { type: 'string' },
  'no-sim': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const MAX_PORT = 65_535;
const MAX_SEED = 4_294_967_295;
const MAX_SENSORS = 1_000;

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): StartOptions | 'help' {
  const values = parsedArguments({ args: [...args], options: OPTIONS }).values;
  if (values.help) return 'help';
  if (values.memory && values.data !== undefined) throw new UsageError('--data and --memory exclude each other');
  if (values['no-sim'] && values.sensors !== undefined) throw new UsageError('--sensors and --no-sim exclude each other');
  if (values.data === '') throw new UsageError('--data must be the name of a folder, not empty');
  return {
    port: integer('port', values.port, MAX_PORT, 8080),
    dataFolder: values.memory ? null : (values.data ?? '.tidemark'),
    seed: integer('seed', values.seed, MAX_SEED, 1),
    sensorCount: integer('sensors', values.sensors, MAX_SENSORS, 20),
    simulate: !values['no-sim'],
  };
}

/** A whole number from 0 to `max`. */
function integer(option: string, text: string | undefined, max: number, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) throw new UsageError(`--${option} must be a whole number from 0 to ${max}, not "${text}"`);
  return value;
}
