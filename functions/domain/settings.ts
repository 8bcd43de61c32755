/** Everything about the meaning of data that is configured: built by infra/config.ts, carried to the functions as one JSON value. */

export type SourceName = 'trades' | 'readings';

/** Event-time windows of one source; all durations in ms. */
export interface WindowSettings {
  /** Length of a window; divides 15 minutes, so that no window straddles a day in any zone. */
  readonly windowMs: number;
  /** A window closes when the key's newest event time reaches its end plus this. */
  readonly graceMs: number;
  /** An event up to this much older than the key's newest event still revises its window; an older one is late. */
  readonly latenessMs: number;
  /** A key that heard nothing for this long (arrival time of its lane) has its open windows closed. */
  readonly idleMs: number;
}

/** What is plausible and what is alarming for one kind of sensor. */
export interface SensorProfile {
  /** Plausible temperature in °C, both ends included. */
  readonly temperatureMinC: number;
  readonly temperatureMaxC: number;
  /** Plausible relative humidity in %, both ends included; absent for a sensor that measures none. */
  readonly humidityMinPct?: number;
  readonly humidityMaxPct?: number;
  /** A temperature at or above this is HIGH, in °C. */
  readonly highC: number;
  /** A temperature at or above this is CRITICAL, in °C; above highC. */
  readonly criticalC: number;
  /** A level is left when the temperature falls below its threshold minus this, in °C; not negative. */
  readonly hysteresisC: number;
  /** How often such a sensor reports, in ms: what a day's completeness is measured against. */
  readonly expectedIntervalMs: number;
}

/** Which sensors have which profile and zone; the first match wins. */
export interface SensorAssignment {
  /** A sensor id; `*` stands for any run of characters. */
  readonly match: string;
  readonly profile: string;
  /** IANA zone whose calendar day is the sensor's event day. */
  readonly zone: string;
}

export interface Settings {
  readonly trades: WindowSettings;
  readonly readings: WindowSettings;
  /** An event later than its arrival by more than this has an impossible clock, in ms. */
  readonly clockSkewMs: number;
  /** How long speed rows (windows, alarm history) are kept, in days. */
  readonly speedRetentionDays: number;
  readonly profiles: Readonly<Record<string, SensorProfile>>;
  readonly sensors: readonly SensorAssignment[];
}

export const DEFAULT_SETTINGS: Settings = {
  trades: { windowMs: 60_000, graceMs: 5_000, latenessMs: 600_000, idleMs: 120_000 },
  readings: { windowMs: 300_000, graceMs: 30_000, latenessMs: 3_600_000, idleMs: 600_000 },
  clockSkewMs: 300_000,
  speedRetentionDays: 14,
  profiles: {
    dht22: {
      temperatureMinC: -40,
      temperatureMaxC: 80,
      humidityMinPct: 0,
      humidityMaxPct: 100,
      highC: 30,
      criticalC: 35,
      hysteresisC: 0.5,
      expectedIntervalMs: 60_000,
    },
    industrial: { temperatureMinC: -50, temperatureMaxC: 200, highC: 80, criticalC: 90, hysteresisC: 1, expectedIntervalMs: 300_000 },
  },
  sensors: [],
};

/** What a sensor has that no assignment matches. */
export const DEFAULT_ASSIGNMENT = { profile: 'dht22', zone: 'UTC' } as const;
const EQUITIES_ZONE = 'America/New_York';
const EXCHANGES_ZONE = 'UTC';
const patterns = new Map<string, RegExp>();

function matches(pattern: string, sensorId: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    compiled = new RegExp(`^${pattern.replace(/[^*A-Za-z0-9_-]/g, '\\$&').replaceAll('*', '.*')}$`);
    patterns.set(pattern, compiled);
  }
  return compiled.test(sensorId);
}

function assignmentOf(sensorId: string, settings: Settings): { profile: string; zone: string } {
  return settings.sensors.find((sensor) => matches(sensor.match, sensorId)) ?? DEFAULT_ASSIGNMENT;
}

/** The profile's name of a sensor: the first assignment that matches, else `dht22`. */
export function profileNameOf(sensorId: string, settings: Settings): string {
  return assignmentOf(sensorId, settings).profile;
}

/** The profile of a sensor. Throws when an assignment names a profile that is not configured. */
export function profileOf(sensorId: string, settings: Settings): SensorProfile {
  const name = profileNameOf(sensorId, settings);
  const profile = settings.profiles[name];
  if (!profile) throw new Error(`sensor ${sensorId} is assigned to profile "${name}", which is not configured`);
  return profile;
}

/**
 * The zone whose calendar day is the event day of a key: US equities trade by New York, `EXCHANGE:` symbols by UTC,
 * sensors by their assignment (default UTC).
 */
export function zoneOf(source: SourceName, name: string, settings: Settings): string {
  if (source === 'trades') return name.includes(':') ? EXCHANGES_ZONE : EQUITIES_ZONE;
  return assignmentOf(name, settings).zone;
}

/** All zones that keys of a source may have. */
export function zonesOf(source: SourceName, settings: Settings): string[] {
  if (source === 'trades') return [EQUITIES_ZONE, EXCHANGES_ZONE];
  return [...new Set([DEFAULT_ASSIGNMENT.zone, ...settings.sensors.map(({ zone }) => zone)])];
}
