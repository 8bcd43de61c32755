/** The input of all scenarios, from a seed: readings and trades as they lie in the streams. */
import { between, partSeed, type Random, seededRandom } from '../feed/random.ts';

/** Temperatures of the sensors; in each pattern 25 % of the readings lie above 80 °C, the threshold of profile `industrial`. */
export type Pattern =
  /** Uniform from 20 to 100 °C, each reading on its own: nearly every second reading moves an alarm. */
  | 'uniform'
  /** 5 of every 20 minutes above the threshold, each sensor at its own time: alarms as sensors raise them. */
  | 'episodes'
  /** Every fourth sensor is above the threshold all the time. */
  | 'steady';

export interface Entry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

export interface ReadingInput {
  readonly seed: number;
  readonly count: number;
  readonly pattern: Pattern;
  /** Event time of the first reading, ms; the others follow evenly over an hour. */
  readonly startMs: number;
}

export const SENSORS = 100;
export const SYMBOLS = 50;
export const TRADES_A_RECORD = 10;
/** All sensors have these thresholds: high 80 °C, critical 90 °C. */
export const SENSOR_CONFIG = { sensors: [{ match: '*', profile: 'industrial' }] };
const HOUR_MS = 3_600_000;
const WINDOW_MS = 300_000;
const EPISODE_MS = 4 * WINDOW_MS;

/** An hour that ends now, begun at the start of a window. */
export function hourBefore(nowMs: number): number {
  return Math.floor((nowMs - HOUR_MS) / WINDOW_MS) * WINDOW_MS;
}

/** `dev-001` and so on; names of different prefixes are different sensors. */
export function deviceName(index: number, prefix = 'dev'): string {
  return `${prefix}-${String(index + 1).padStart(3, '0')}`;
}

export function temperatureC(pattern: Pattern, random: Random, sensor: number, eventMs: number): number {
  const isHot = pattern === 'steady' ? sensor % 4 === 0 : (eventMs + sensor * WINDOW_MS) % EPISODE_MS < WINDOW_MS;
  const range: [number, number] = pattern === 'uniform' ? [20, 100] : isHot ? [82, 88] : [20, 75];
  return Math.round(between(random, ...range) * 10) / 10;
}

/** What a device publishes. */
export function readingPayload(eventMs: number, temperature: number, seq: number): string {
  return JSON.stringify({ timestamp: eventMs, temperature, humidity: 50, seq, boot: 'b1' });
}

/** The readings of 100 sensors in turn, one a record, in the form the IoT rule gives them. */
export function* readingEntries({ seed, count, pattern, startMs }: ReadingInput): Generator<Entry> {
  const random = seededRandom(partSeed(seed, 1));
  for (let index = 0; index < count; index++) {
    const sensor = index % SENSORS;
    const device = deviceName(sensor);
    const eventMs = startMs + Math.floor((index / count) * HOUR_MS);
    const payload = readingPayload(eventMs, temperatureC(pattern, random, sensor, eventMs), Math.floor(index / SENSORS));
    const record = {
      payload: Buffer.from(payload).toString('base64'),
      v: 1,
      type: 'readings',
      device_id: device,
      client_id: device,
      ingest_ms: eventMs,
      trace_id: '00000000-0000-0000-0000-000000000000',
    };
    yield { partitionKey: device, data: Buffer.from(JSON.stringify(record)) };
  }
}

/** Trades of 50 symbols in turn, so many a record, as the feed writes them; `count` is a multiple of that. */
export function* tradeEntries(seed: number, count: number, startMs: number, aRecord = TRADES_A_RECORD): Generator<Entry> {
  const random = seededRandom(partSeed(seed, 2));
  const records = count / aRecord;
  for (let index = 0; index < records; index++) {
    const symbol = `BENCH:S${String(index % SYMBOLS).padStart(2, '0')}`;
    const eventMs = startMs + Math.floor((index / records) * HOUR_MS);
    const trades = Array.from({ length: aRecord }, (_, at) => ({
      p: Math.round(between(random, 100, 110) * 100) / 100,
      t: eventMs + at,
      v: 1 + Math.floor(random() * 200),
    }));
    const n = Math.floor(index / SYMBOLS) * aRecord;
    const record = { v: 1, type: 'trades', session: 's1', symbol, n, received_at: eventMs + aRecord, trades };
    yield { partitionKey: symbol, data: Buffer.from(JSON.stringify(record)) };
  }
}
