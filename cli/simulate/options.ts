/** The command line of `simulate`. */
import { allFaults, DEFAULT_RATES, FAULT_HELP, FAULTS, type Fault, type FaultRates } from '../../device-sim/faults.ts';
import { MAX_DEVICES, MAX_INTERVAL_MS } from '../../device-sim/faulty-fleet.ts';
import { parsedArguments } from '../shared/arguments.ts';
import { UsageError } from '../shared/user-error.ts';

export const HELP = `Simulates DHT22 devices with the faults of real ones, and says what must have become of each reading.

  npm run simulate -- [options]        until Ctrl-C, or as long as --count or --duration says

Where to (default: the instance that npm start runs here)
  --url URL          a running instance, as its "ready" line names it
  --endpoint HOST    AWS IoT Core, with --cert FILE --key FILE --ca FILE (PEM); each device is a thing of its name

How
  --devices N        1 to 10000, one connection each (default 10)
  --prefix NAME      devices are NAME-00001, NAME-00002, … (default faulty)
  --interval S       seconds between two readings of a device, 0.001 to 600 (default 2)
  --count N          readings of each device
  --duration S       seconds; the same as the count that fits
  --seed N           an integer; the same seed gives the same faults (default 1)
  --faults LIST      chances per reading, like nan=0.02,reboot=0; all=0.1 sets every one, none stands for all=0
  --events           each reading and its bucket on standard output, one JSON object a line, before the ledger
  --json             the ledger as one JSON object
  --help             this text

Faults, with the usual chance
${FAULTS.map((fault) => `  ${fault.padEnd(16)} ${String(DEFAULT_RATES[fault]).padEnd(7)} ${FAULT_HELP[fault]}`).join('\n')}

Against a local instance the ledger is compared with what the pipeline counted, and with the alarms it decided (both rules): a
difference, an alarm missed or a phantom is an error (exit code 1).
`;

export type SimulateTarget =
  | { readonly kind: 'running' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'aws'; readonly host: string; readonly cert: string; readonly key: string; readonly ca: string };

export interface SimulateOptions {
  readonly target: SimulateTarget;
  readonly deviceCount: number;
  readonly prefix: string;
  readonly intervalMs: number;
  /** Readings of each device; undefined = until Ctrl-C. */
  readonly readingCount: number | undefined;
  readonly seed: number;
  readonly rates: FaultRates;
  readonly events: boolean;
  readonly json: boolean;
}

const OPTIONS = {
  url: { type: 'string' },
  endpoint: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  devices: { type: 'string', default: '10' },
  prefix: { type: 'string', default: 'faulty' },
  interval: { type: 'string', default: '2' },
  count: { type: 'string' },
  duration: { type: 'string' },
  seed: { type: 'string', default: '1' },
  faults: { type: 'string' },
  events: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What leaves room for the number in a name of 64 characters. */
const PREFIX = /^[A-Za-z0-9_-]{1,58}$/;
const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$/;
const MAX_COUNT = 1_000_000_000;
const MAX_SEED = 2 ** 31 - 1;

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): SimulateOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  if (!PREFIX.test(values.prefix)) throw new UsageError(`--prefix ${values.prefix}: allowed is ${PREFIX.source}`);
  const intervalMs = numberOf('interval', values.interval, { min: 0.001, max: MAX_INTERVAL_MS / 1000 }) * 1000;
  if (values.count !== undefined && values.duration !== undefined) throw new UsageError('--count and --duration exclude each other');
  return {
    target: targetOf(values),
    deviceCount: integerOf('devices', values.devices, 1, MAX_DEVICES),
    prefix: values.prefix,
    intervalMs,
    readingCount: countOf(values.count, values.duration, intervalMs),
    seed: integerOf('seed', values.seed, -MAX_SEED, MAX_SEED),
    rates: ratesOf(values.faults),
    events: values.events,
    json: values.json,
  };
}

const parsed = (args: readonly string[]) => parsedArguments({ args: [...args], options: OPTIONS }).values;

type Values = ReturnType<typeof parsed>;

function targetOf({ url, endpoint, cert, key, ca }: Values): SimulateTarget {
  if (endpoint !== undefined) {
    if (url !== undefined) throw new UsageError('--url and --endpoint exclude each other');
    if (!HOST.test(endpoint))
      throw new UsageError(`--endpoint ${endpoint}: allowed is a host name, like abc-ats.iot.eu-west-1.amazonaws.com`);
    if (cert === undefined || key === undefined || ca === undefined) throw new UsageError('--endpoint needs --cert, --key and --ca');
    return { kind: 'aws', host: endpoint, cert, key, ca };
  }
  const lonely = Object.entries({ cert, key, ca }).find(([, value]) => value !== undefined);
  if (lonely) throw new UsageError(`--${lonely[0]} is for --endpoint`);
  if (url === undefined) return { kind: 'running' };
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`--url ${url}: allowed is an address like http://127.0.0.1:8080`);
  return { kind: 'url', url: new URL(url).origin };
}

function countOf(count: string | undefined, duration: string | undefined, intervalMs: number): number | undefined {
  if (count !== undefined) return integerOf('count', count, 1, MAX_COUNT);
  if (duration === undefined) return undefined;
  const seconds = numberOf('duration', duration, { min: 0.001, max: MAX_COUNT });
  return Math.max(1, Math.floor((seconds * 1000) / intervalMs));
}

function ratesOf(text: string | undefined): FaultRates {
  const rates: Record<Fault, number> = { ...DEFAULT_RATES };
  for (const part of text === undefined ? [] : text.split(',')) {
    const [name = '', value] = part === 'none' ? ['all', '0'] : part.split('=');
    const rate = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
    const isKnown = name === 'all' || FAULTS.some((fault) => fault === name);
    if (!isKnown) throw new UsageError(`--faults ${part}: known are all, none, ${FAULTS.join(', ')}`);
    if (!(rate >= 0 && rate <= 1)) throw new UsageError(`--faults ${part}: allowed is a chance from 0 to 1, like ${name}=0.1`);
    Object.assign(rates, name === 'all' ? allFaults(rate) : { [name]: rate });
  }
  return rates;
}

function numberOf(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max)) throw new UsageError(`--${option} ${text}: allowed is ${min} to ${max}`);
  return value;
}

function integerOf(option: string, text: string, min: number, max: number): number {
  const value = numberOf(option, text, { min, max });
  if (!Number.isInteger(value)) throw new UsageError(`--${option} ${text}: allowed is a whole number`);
  return value;
}
