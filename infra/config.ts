/** The one configuration: what may differ between two deployments of Tidemark, checked before anything is built from it. */
import { SYMBOL } from '../functions/domain/names.ts';
import {
  DEFAULT_SETTINGS,
  type SensorAssignment,
  type SensorProfile,
  type Settings,
  type WindowSettings,
} from '../functions/domain/settings.ts';
import { check, fieldsOf, integer, list, number, oneOf, text } from './config-fields.ts';

/**
 * Everything has a default. Besides the fields here, those of `Settings` (windows, lateness, profiles, sensors …):
 * `trades` and `readings` may be given in part; `profiles` are added to the built-in ones, one of the same name replaces it.
 */
export interface Config extends Settings {
  /** Which deployment this is: part of the stacks' names, `[a-z][a-z0-9-]{0,19}`. @default dev */
  readonly stage: string;
  /** Shards of each stream, 1 to 200; a shard takes 1,000 records or 1 MB a second. @default 1 each */
  readonly shards: { readonly trades: number; readonly readings: number; readonly alerts: number };
  /** How long the streams keep records: the time to mend a consumer; 24 to 8,760 hours. @default 168 */
  readonly streamRetentionHours: number;
  /** What the feed subscribes to, 1 to 50 symbols as the exchange writes them. */
  readonly symbols: readonly string[];
  readonly api: {
    /** `iam`: requests need an IAM signature; `none`: anybody who knows the address may read. @default iam */
    readonly auth: 'iam' | 'none';
  };
  readonly archive: {
    /** How long the archive gathers records before it writes a file, 0 to 300 s. @default 10 at stage `local`, else 60 */
    readonly batchingWindowSeconds: number;
  };
  readonly batch: {
    /** Days that a run builds at once, 1 to 10: each takes a query slot of Athena. @default 2 */
    readonly parallelDays: number;
  };
  /** What becomes of streams, tables and buckets with their stack. `destroy` counts only together with the context flag `tidemark:destroyData`. @default retain */
  readonly dataRemoval: 'retain' | 'destroy';
}

const DEFAULT_SYMBOLS = ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT', 'BINANCE:BTCUSDT', 'BINANCE:ETHUSDT'];
/** A window divides this: no zone's day boundary lies inside a window then. */
const WINDOW_GRID_MS = 15 * 60_000;
/** A key's item holds every window that may still be revised, and has to stay small. */
const MAX_REVISABLE_WINDOWS = 240;
const DAY_MS = 86_400_000;
/** How often a sensor of a profile reports that does not say so. */
const DEFAULT_INTERVAL_MS = 60_000;
/** Lambda allows 4 KB of environment; the names of tables, streams and bucket need at most this much of it. */
const ENVIRONMENT_BYTES = 4_096;
const OTHER_ENVIRONMENT_BYTES = 1_024;
export const MAX_SETTINGS_BYTES = ENVIRONMENT_BYTES - OTHER_ENVIRONMENT_BYTES;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SETTINGS_FIELDS = [
  'trades',
  'readings',
  'clockSkewMs',
  'speedRetentionDays',
  'profiles',
  'sensors',
] as const satisfies (keyof Settings)[];
const OWN_FIELDS = [
  'stage',
  'shards',
  'streamRetentionHours',
  'symbols',
  'api',
  'archive',
  'batch',
  'dataRemoval',
] as const satisfies (keyof Config)[];

/** The configuration with all defaults filled in. Throws a ConfigError on an unknown field, a wrong type or a value out of range. */
export function resolveConfig(input: unknown): Config {
  const fields = fieldsOf(input, '', [...OWN_FIELDS, ...SETTINGS_FIELDS]);
  const stage = text(fields['stage'], 'stage', /^[a-z][a-z0-9-]{0,19}$/, 'dev');
  const shards = fieldsOf(fields['shards'], 'shards', ['trades', 'readings', 'alerts']);
  const shardsOf = (stream: string) => integer(shards[stream], `shards.${stream}`, 1, 200, 1);
  const api = fieldsOf(fields['api'], 'api', ['auth']);
  const archive = fieldsOf(fields['archive'], 'archive', ['batchingWindowSeconds']);
  const batch = fieldsOf(fields['batch'], 'batch', ['parallelDays']);
  const window = archive['batchingWindowSeconds'];
  const config = {
    stage,
    shards: { trades: shardsOf('trades'), readings: shardsOf('readings'), alerts: shardsOf('alerts') },
    streamRetentionHours: integer(fields['streamRetentionHours'], 'streamRetentionHours', 24, 8_760, 168),
    symbols: symbolsOf(fields['symbols']),
    api: { auth: oneOf(api['auth'], 'api.auth', ['iam', 'none'], 'iam') },
    archive: { batchingWindowSeconds: integer(window, 'archive.batchingWindowSeconds', 0, 300, stage === 'local' ? 10 : 60) },
    batch: { parallelDays: integer(batch['parallelDays'], 'batch.parallelDays', 1, 10, 2) },
    dataRemoval: oneOf(fields['dataRemoval'], 'dataRemoval', ['retain', 'destroy'], 'retain'),
    ...resolveSettings(fields),
  };
  const bytes = Buffer.byteLength(JSON.stringify(settingsOf(config)));
  check(
    bytes <= MAX_SETTINGS_BYTES,
    'profiles and config.sensors',
    `at most ${MAX_SETTINGS_BYTES} bytes of JSON with the other settings`,
    bytes,
  );
  return config;
}

/** The part of the configuration that the functions read. */
export function settingsOf(config: Config): Settings {
  const { trades, readings, clockSkewMs, speedRetentionDays, profiles, sensors } = config;
  return { trades, readings, clockSkewMs, speedRetentionDays, profiles, sensors };
}

function resolveSettings(fields: Record<string, unknown>): Settings {
  const given = fieldsOf(fields['profiles'], 'profiles', 'any');
  const profiles = {
    ...DEFAULT_SETTINGS.profiles,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, profileOf(name, value)])),
  };
  const { clockSkewMs, speedRetentionDays } = DEFAULT_SETTINGS;
  return {
    trades: windowsOf(fields['trades'], 'trades', DEFAULT_SETTINGS.trades),
    readings: windowsOf(fields['readings'], 'readings', DEFAULT_SETTINGS.readings),
    clockSkewMs: integer(fields['clockSkewMs'], 'clockSkewMs', 0, DAY_MS, clockSkewMs),
    speedRetentionDays: integer(fields['speedRetentionDays'], 'speedRetentionDays', 1, 365, speedRetentionDays),
    profiles,
    sensors: list(fields['sensors'], 'sensors', 0, 100, DEFAULT_SETTINGS.sensors).map((value, index) =>
      sensorOf(value, index, Object.keys(profiles)),
    ),
  };
}

function symbolsOf(value: unknown): string[] {
  const symbols = list(value, 'symbols', 1, 50, DEFAULT_SYMBOLS).map((symbol, index) => text(symbol, `symbols[${index}]`, SYMBOL));
  check(new Set(symbols).size === symbols.length, 'symbols', 'a list without repetition', symbols);
  return symbols;
}

function windowsOf(value: unknown, source: string, defaults: WindowSettings): WindowSettings {
  const fields = fieldsOf(value, source, ['windowMs', 'graceMs', 'latenessMs', 'idleMs']);
  const windowMs = integer(fields['windowMs'], `${source}.windowMs`, 1_000, WINDOW_GRID_MS, defaults.windowMs);
  check(WINDOW_GRID_MS % windowMs === 0, `${source}.windowMs`, `a divisor of ${WINDOW_GRID_MS} (15 minutes)`, windowMs);
  return {
    windowMs,
    graceMs: integer(fields['graceMs'], `${source}.graceMs`, 0, WINDOW_GRID_MS, defaults.graceMs),
    latenessMs: integer(fields['latenessMs'], `${source}.latenessMs`, 0, MAX_REVISABLE_WINDOWS * windowMs, defaults.latenessMs),
    idleMs: integer(fields['idleMs'], `${source}.idleMs`, 1_000, DAY_MS, defaults.idleMs),
  };
}

function profileOf(name: string, value: unknown): SensorProfile {
  text(name, 'profiles (a name)', NAME);
  const path = `profiles.${name}`;
  const levels = ['temperatureMinC', 'temperatureMaxC', 'highC', 'criticalC', 'hysteresisC'];
  const fields = fieldsOf(value, path, [...levels, 'humidityMinPct', 'humidityMaxPct', 'expectedIntervalMs']);
  const temperature = (field: string) => number(fields[field], `${path}.${field}`, -273.15, 5_000);
  const temperatureMinC = temperature('temperatureMinC');
  const temperatureMaxC = temperature('temperatureMaxC');
  const highC = temperature('highC');
  const criticalC = temperature('criticalC');
  check(temperatureMinC < temperatureMaxC, `${path}.temperatureMaxC`, `above temperatureMinC (${temperatureMinC})`, temperatureMaxC);
  check(highC < criticalC, `${path}.criticalC`, `above highC (${highC})`, criticalC);
  const hysteresisC = number(fields['hysteresisC'], `${path}.hysteresisC`, 0, 1_000);
  const expectedIntervalMs = integer(fields['expectedIntervalMs'], `${path}.expectedIntervalMs`, 1_000, DAY_MS, DEFAULT_INTERVAL_MS);
  return { temperatureMinC, temperatureMaxC, ...humidityOf(fields, path), highC, criticalC, hysteresisC, expectedIntervalMs };
}

function humidityOf(fields: Record<string, unknown>, path: string): Pick<SensorProfile, 'humidityMinPct' | 'humidityMaxPct'> {
  if (fields['humidityMinPct'] === undefined && fields['humidityMaxPct'] === undefined) return {};
  const humidityMinPct = number(fields['humidityMinPct'], `${path}.humidityMinPct`, 0, 100);
  const humidityMaxPct = number(fields['humidityMaxPct'], `${path}.humidityMaxPct`, 0, 100);
  check(humidityMinPct < humidityMaxPct, `${path}.humidityMaxPct`, `above humidityMinPct (${humidityMinPct})`, humidityMaxPct);
  return { humidityMinPct, humidityMaxPct };
}

function sensorOf(value: unknown, index: number, profiles: readonly string[]): SensorAssignment {
  const path = `sensors[${index}]`;
  const fields = fieldsOf(value, path, ['match', 'profile', 'zone']);
  const zone = text(fields['zone'], `${path}.zone`, /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'UTC');
  check(isZone(zone), `${path}.zone`, 'an IANA time zone such as Europe/Berlin', zone);
  return {
    match: text(fields['match'], `${path}.match`, /^[A-Za-z0-9_.*-]{1,129}$/),
    profile: oneOf(fields['profile'], `${path}.profile`, profiles, 'dht22'),
    zone,
  };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
