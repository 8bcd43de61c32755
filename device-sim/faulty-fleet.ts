import { randomBytes } from 'node:crypto';
import { type Clock, REAL_CLOCK } from '#adapters/clock.ts';
import { partSeed } from '../feed/random.ts';
import { sessionId } from '../feed/session-id.ts';
import { Device, type DeviceCredentials } from './device.ts';
import { checkRates, type FaultRates } from './faults.ts';
import { FaultyTelemetry } from './faulty-telemetry.ts';
import { overheatingSensors } from './fleet.ts';
import { DeviceLedger, DHT22_EXPECTATIONS, type Expected, type Sample } from './ledger.ts';
import { TroubleLog } from './trouble-log.ts';

export interface FaultyFleetOptions {
  /** `mqtt://HOST:PORT` or `mqtts://HOST:PORT` */
  readonly mqttUrl: string;
  readonly credentials?: DeviceCredentials | undefined;
  readonly seed: number;
  /** 1 to 10,000. */
  readonly deviceCount: number;
  /** Beginning of the devices' names, `[A-Za-z0-9_-]{1,58}`. */
  readonly prefix: string;
  /** Between two readings of a device, 1 ms to 10 min. */
  readonly intervalMs: number;
  /** Readings each device takes. @default without end */
  readonly readingCount?: number | undefined;
  readonly rates: FaultRates;
  readonly log: (line: string) => void;
  /** Hears of each reading taken. */
  readonly onTaken?: () => void;
  /** Hears of each reading sent, and of the bucket it must end in. */
  readonly onEvent?: ((device: string, sample: Sample, expected: Expected) => void) | undefined;
  /** @default the real one */
  readonly clock?: Clock;
}

export interface FaultyFleet {
  /** One a device; complete after `stop`. */
  readonly ledgers: readonly DeviceLedger[];
  /** Resolves when each device has taken its readings; never without a count. */
  readonly finished: Promise<void>;
  /** Sends what the devices kept back, waits for acknowledgements (at most 10 s, of 10,000 devices 40 s), disconnects. Resolves to the messages without one. */
  stop(): Promise<number>;
}

export const MAX_DEVICES = 10_000;
/** A reading swapped with its neighbour, or kept offline, must not become too late by that. */
export const MAX_INTERVAL_MS = 600_000;
/** Devices that connect in a second, at most: every connection costs the broker a handshake. */
const CONNECTS_PER_SECOND = 500;
/** For all of the fleet to say what it kept back, and to be heard: so long and, of each device, a little longer. */
const ACKNOWLEDGE_TIMEOUT_MS = 10_000;
const ACKNOWLEDGE_DEVICE_MS = 3;
const RECONNECT_MS = 2000;

/** Name of a device: its client id, thing name and sensor id. */
export function faultyDeviceName(prefix: string, index: number): string {
  return `${prefix}-${String(index + 1).padStart(5, '0')}`;
}

/**
 * Starts simulated DHT22s with faults, one MQTT connection each.
 * @throws RangeError when a count, the interval or a rate is out of range
 */
export function startFaultyFleet(options: FaultyFleetOptions): FaultyFleet {
  const { deviceCount, intervalMs, readingCount, prefix, seed, rates, mqttUrl, credentials, log, onEvent, clock = REAL_CLOCK } = options;
  if (!Number.isInteger(deviceCount) || deviceCount < 1 || deviceCount > MAX_DEVICES) {
    throw new RangeError(`a faulty fleet has 1 to ${MAX_DEVICES} devices, not ${deviceCount}`);
  }
  if (!(intervalMs >= 1 && intervalMs <= MAX_INTERVAL_MS)) {
    throw new RangeError(`the interval between readings is 1 to ${MAX_INTERVAL_MS} ms, not ${intervalMs}`);
  }
  checkRates(rates);
  const boot = sessionId(clock.now(), randomBytes(4).toString('hex'));
  const overheating = overheatingSensors(seed, deviceCount);
  const troubles = new TroubleLog(clock, log);
  const startMs = clock.now();
  const spreadMs = Math.max(intervalMs, (deviceCount / CONNECTS_PER_SECOND) * 1000);
  const finished = Promise.withResolvers<void>();
  let left = deviceCount * (readingCount ?? Number.POSITIVE_INFINITY);
  const ledgers: DeviceLedger[] = [];
  const devices = Array.from({ length: deviceCount }, (_, index) => {
    const name = faultyDeviceName(prefix, index);
    const ledger = new DeviceLedger(name, DHT22_EXPECTATIONS, onEvent && ((sample, expected) => onEvent(name, sample, expected)));
    ledgers.push(ledger);
    const device = new Device({
      mqttUrl,
      credentials,
      name,
      telemetry: new FaultyTelemetry({ seed: partSeed(seed, index), overheats: overheating.has(index), rates, boot, ledger }),
      intervalMs,
      readingCount,
      // Devices that lost one broker do not come back in one instant.
      reconnectMs: RECONNECT_MS + (index / deviceCount) * spreadMs,
      clock,
      onTrouble: (trouble) => troubles.note(trouble),
      onTaken: () => {
        options.onTaken?.();
        if (--left === 0) finished.resolve();
      },
    });
    device.start(startMs + Math.floor((index / deviceCount) * spreadMs));
    return device;
  });
  return {
    ledgers,
    finished: finished.promise,
    async stop() {
      const timeoutMs = ACKNOWLEDGE_TIMEOUT_MS + deviceCount * ACKNOWLEDGE_DEVICE_MS;
      const unacknowledged = await Promise.all(devices.map((device) => device.stop(timeoutMs)));
      troubles.close();
      return unacknowledged.reduce((sum, count) => sum + count, 0);
    },
  };
}
