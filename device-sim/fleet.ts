import { randomBytes } from 'node:crypto';
import { type Clock, REAL_CLOCK } from '#adapters/clock.ts';
import { partSeed, seededRandom } from '../feed/random.ts';
import { sessionId } from '../feed/session-id.ts';
import { Device } from './device.ts';
import { Dht22 } from './dht22.ts';
import { plainTelemetry } from './telemetry.ts';
import { TroubleLog } from './trouble-log.ts';

export interface FleetOptions {
  /** `mqtt://HOST:PORT` of the broker. */
  readonly mqttUrl: string;
  readonly seed: number;
  /** 0 to 1000 devices. */
  readonly sensorCount: number;
  /** Between two readings of a device, ms; a DHT22 needs 2 s. @default 2000 */
  readonly intervalMs?: number;
  readonly log: (line: string) => void;
  /** @default the real one */
  readonly clock?: Clock;
  /** Names this start in every reading, `[A-Za-z0-9_-]{1,64}`; never used twice. @default a fresh one */
  readonly boot?: string;
}

export interface Fleet {
  /** Takes no more readings, waits for acknowledgements (at most 1.5 s), disconnects. */
  stop(): Promise<void>;
}

export const MAX_SENSORS = 1000;
const DEFAULT_INTERVAL_MS = 2000;
const ACKNOWLEDGE_TIMEOUT_MS = 1500;
const RECONNECT_MS = 1000;
/** One of so many sensors overheats, but never more than MAX_OVERHEATING, and at least one of three. */
const ONE_OVERHEATS_OF = 8;
const MAX_OVERHEATING = 10;

/** Name of a device: its client id, thing name and sensor id. */
export function deviceName(index: number): string {
  return `sensor-${String(index + 1).padStart(4, '0')}`;
}

/** Indices of the sensors that overheat, drawn by lot from the seed. */
export function overheatingSensors(seed: number, sensorCount: number): Set<number> {
  const random = seededRandom(seed);
  const wanted = sensorCount < 3 ? 0 : Math.min(MAX_OVERHEATING, Math.max(1, Math.round(sensorCount / ONE_OVERHEATS_OF)));
  const chosen = new Set<number>();
  while (chosen.size < wanted) chosen.add(Math.floor(random() * sensorCount));
  return chosen;
}

/**
 * Starts simulated DHT22s that publish over MQTT, one connection each, spread over the interval.
 * @throws RangeError when the count or the interval is out of range
 */
export function startFleet(options: FleetOptions): Fleet {
  const { mqttUrl, seed, sensorCount, intervalMs = DEFAULT_INTERVAL_MS, clock = REAL_CLOCK, log } = options;
  if (!Number.isInteger(sensorCount) || sensorCount < 0 || sensorCount > MAX_SENSORS) {
    throw new RangeError(`a fleet has 0 to ${MAX_SENSORS} sensors, not ${sensorCount}`);
  }
  if (!(intervalMs > 0)) throw new RangeError(`the interval between readings is more than 0 ms, not ${intervalMs}`);
  const boot = options.boot ?? sessionId(clock.now(), randomBytes(4).toString('hex'));
  const overheating = overheatingSensors(seed, sensorCount);
  const troubles = new TroubleLog(clock, log);
  const startMs = clock.now();
  const devices = Array.from({ length: sensorCount }, (_, index) => {
    const device = new Device({
      mqttUrl,
      name: deviceName(index),
      telemetry: plainTelemetry(new Dht22(partSeed(seed, index), overheating.has(index)), boot),
      intervalMs,
      // Devices that lost one broker do not come back in one instant.
      reconnectMs: RECONNECT_MS + (index / sensorCount) * RECONNECT_MS,
      clock,
      onTrouble: (trouble) => troubles.note(trouble),
    });
    device.start(startMs + Math.floor((index / sensorCount) * intervalMs));
    return device;
  });
  return {
    async stop() {
      const unacknowledged = await Promise.all(devices.map((device) => device.stop(ACKNOWLEDGE_TIMEOUT_MS)));
      const lost = unacknowledged.reduce((sum, count) => sum + count, 0);
      if (lost > 0) troubles.note(`readings without acknowledgement at the stop: ${lost}`);
      troubles.close();
    },
  };
}
