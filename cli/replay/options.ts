/** The command line of `replay`. */
import { DEVICE_NAME, SYMBOL } from '#domain/names.ts';
import type { SourceName } from '#domain/settings.ts';
import { parsedArguments } from '../shared/arguments.ts';
import type { InstanceTarget } from '../shared/instance.ts';
import { UsageError } from '../shared/user-error.ts';
import { isZone } from './local-time.ts';
import type { ReadingColumns } from './reading-file.ts';

export const HELP = `Replays recorded trades or sensor readings into Tidemark and says what became of each row.

  npm run replay -- trades FILE...     Lean zips: <symbol>/YYYYMMDD_trade.zip
  npm run replay -- readings FILE...   CSV: the SensorNetwork logger, timestamp,value, or any with --columns

Where to (default: the instance that npm start runs here)
  --url URL          a running instance, as its "ready" line names it
  --standalone       a Tidemark of its own, in memory, gone afterwards

How
  --speed N          N times as fast as it happened (N > 0); default: as fast as possible
  --json             the summary as one JSON object
  --help             this text

On event time: the clock of a Tidemark of its own follows the rows. Days pass in seconds, schedules fire, days close, batches publish them
  --clock event      with --standalone; default: real
  --seed N           of the delays with which rows arrive, 0 to 4294967295 (default 1)
  --delay MS         their mean, 0 to 60000 (default 200); none is longer than ten times it, and rows of a file never overtake
  --keep FOLDER      leaves everything in a new folder, for: npm start -- --data FOLDER

Trades
  --symbol SYMBOL    default: the folder's name in upper case

Readings
  --columns LIST     time=NAME,temperature=NAME[,humidity=NAME], names as in the header line
  --device NAME      default: the file's name without its ending
  --profile NAME     sensor profile, like dht22 or industrial
  --zone ZONE        IANA zone of times without offset, and of the sensor's days; default: Asia/Tokyo for the
                     SensorNetwork logger, else UTC
  --no-seq           send no boot and seq: readings are then told apart by their content alone

A row replayed twice is a duplicate: its identity is the file's content and its row number.
`;

export interface EventTimeOptions {
  readonly seed: number;
  /** ms. */
  readonly meanDelayMs: number;
  /** Null: gone afterwards. */
  readonly keepFolder: string | null;
}

export interface ReplayOptions {
  readonly source: SourceName;
  readonly files: readonly string[];
  readonly target: InstanceTarget;
  /** Times real time; null = as fast as possible. */
  readonly speed: number | null;
  /** Null: on the machine's clock. */
  readonly eventTime: EventTimeOptions | null;
  readonly json: boolean;
  readonly symbol: string | undefined;
  readonly columns: ReadingColumns | undefined;
  readonly device: string | undefined;
  readonly profile: string | undefined;
  readonly zone: string | undefined;
  /** Whether readings carry boot and seq. */
  readonly numbered: boolean;
}

const OPTIONS = {
  url: { type: 'string' },
  standalone: { type: 'boolean', default: false },
  speed: { type: 'string' },
  clock: { type: 'string' },
  seed: { type: 'string' },
  delay: { type: 'string' },
  keep: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  symbol: { type: 'string' },
  columns: { type: 'string' },
  device: { type: 'string' },
  profile: { type: 'string' },
  zone: { type: 'string' },
  'no-seq': { type: 'boolean', default: false },
} as const;

const ONLY_TRADES = ['symbol'] as const;
const ONLY_READINGS = ['columns', 'device', 'profile', 'zone', 'no-seq'] as const;
const ONLY_EVENT_TIME = ['seed', 'delay', 'keep'] as const;
const MAX_SEED = 4_294_967_295;
const DEFAULT_SEED = 1;
const MAX_DELAY_MS = 60_000;
const DEFAULT_DELAY_MS = 200;

const parsed = (args: readonly string[]) => parsedArguments({ args: [...args], options: OPTIONS, allowPositionals: true });

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): ReplayOptions | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [source, ...files] = positionals;
  if (source !== 'trades' && source !== 'readings') {
    throw new UsageError(source === undefined ? 'say what to replay: trades or readings' : `cannot replay "${source}": trades or readings`);
  }
  if (files.length === 0) throw new UsageError(`name the files of ${source} to replay`);
  const foreign = (source === 'trades' ? ONLY_READINGS : ONLY_TRADES).find((name) => values[name] !== undefined && values[name] !== false);
  if (foreign === 'no-seq')
    throw new UsageError('--no-seq is for readings: equal trades are real, so a trade has no identity in its content');
  if (foreign) throw new UsageError(`--${foreign} is for ${source === 'trades' ? 'readings' : 'trades'}`);
  return {
    source,
    files,
    target: targetOf(values.url, values.standalone),
    speed: values.speed === undefined ? null : speedOf(values.speed),
    eventTime: eventTimeOf(values),
    json: values.json,
    symbol: checked('symbol', values.symbol, (value) => SYMBOL.test(value), SYMBOL.source),
    columns: values.columns === undefined ? undefined : columnsOf(values.columns),
    device: checked('device', values.device, (value) => DEVICE_NAME.test(value), DEVICE_NAME.source),
    profile: checked('profile', values.profile, (value) => DEVICE_NAME.test(value), DEVICE_NAME.source),
    zone: checked('zone', values.zone, isZone, 'an IANA zone, like Asia/Tokyo'),
    numbered: !values['no-seq'],
  };
}

function targetOf(url: string | undefined, standalone: boolean): InstanceTarget {
  if (url === undefined) return { kind: standalone ? 'standalone' : 'running' };
  if (standalone) throw new UsageError('--url and --standalone exclude each other');
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`--url ${url}: allowed is an address like http://127.0.0.1:8080`);
  return { kind: 'url', url: new URL(url).origin };
}

function eventTimeOf(values: ReturnType<typeof parsed>['values']): EventTimeOptions | null {
  const { clock = 'real', standalone, speed, seed, delay, keep } = values;
  if (clock !== 'real' && clock !== 'event') throw new UsageError(`--clock ${clock}: allowed is real or event`);
  if (clock === 'real') {
    const foreign = ONLY_EVENT_TIME.find((name) => values[name] !== undefined);
    if (foreign) throw new UsageError(`--${foreign} is for --clock event`);
    return null;
  }
  if (!standalone) throw new UsageError('--clock event needs --standalone: a running Tidemark goes by the real clock');
  if (speed !== undefined) throw new UsageError('--speed and --clock event exclude each other');
  if (keep === '') throw new UsageError('--keep must be the name of a folder, not empty');
  return {
    seed: wholeNumber('seed', seed, MAX_SEED, DEFAULT_SEED),
    meanDelayMs: wholeNumber('delay', delay, MAX_DELAY_MS, DEFAULT_DELAY_MS),
    keepFolder: keep ?? null,
  };
}

function wholeNumber(option: string, text: string | undefined, max: number, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text) || Number(text) > max) throw new UsageError(`--${option} ${text}: allowed is a whole number from 0 to ${max}`);
  return Number(text);
}

function speedOf(text: string): number {
  const speed = text.trim() === '' ? Number.NaN : Number(text);
  if (!(speed > 0 && speed < Infinity)) throw new UsageError(`--speed ${text}: allowed is a number above 0 (1 = as it happened)`);
  return speed;
}

function columnsOf(text: string): ReadingColumns {
  const wanted = `--columns ${text}: allowed is time=NAME,temperature=NAME[,humidity=NAME]`;
  const columns = new Map<string, string>();
  for (const part of text.split(',')) {
    const [role = '', ...rest] = part.split('=');
    const name = rest.join('=').trim();
    const isKnown = ['time', 'temperature', 'humidity'].includes(role.trim());
    if (!isKnown || name === '' || columns.has(role.trim())) throw new UsageError(wanted);
    columns.set(role.trim(), name);
  }
  const time = columns.get('time');
  const temperature = columns.get('temperature');
  const humidity = columns.get('humidity');
  if (time === undefined || temperature === undefined) throw new UsageError(wanted);
  return { time, temperature, ...(humidity === undefined ? {} : { humidity }) };
}

function checked(option: string, value: string | undefined, isAllowed: (value: string) => boolean, allowed: string): string | undefined {
  if (value !== undefined && !isAllowed(value)) throw new UsageError(`--${option} ${value}: allowed is ${allowed}`);
  return value;
}
