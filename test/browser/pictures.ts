/** What the API may tell, for the page to show. */
import type { Picture } from './page-server.ts';

/** A source that nothing came from. */
export const NO_SOURCE = {
  keys: 0,
  received: 0,
  applied: 0,
  duplicate: 0,
  late: {},
  quarantined: {},
  quality: {},
  last_event_time: null,
  last_ingest_time: null,
  archived_through: null,
  boundary: null,
  published_days: 0,
  late_pending: 0,
  failed_days: [],
  drift: null,
};

const NO_BOUNDARY = { trades: null, readings: null };

/** Names of strangers; the API lets none of these pass, the page must not rely on it. */
export const HOSTILE_NAMES = [
  '<img src=x onerror=document.title=1>',
  '"><script>document.title=2</script>',
  `${'a'.repeat(64)}.${'b'.repeat(64)}`,
];

/** A pipeline that nothing has entered. */
export function emptyPicture(): Picture {
  return { alarms: [], sensors: [], symbols: [], pipeline: { boundary: NO_BOUNDARY, sources: { trades: NO_SOURCE, readings: NO_SOURCE } } };
}

export interface SensorFacts {
  sensor_id: string;
  temperature_c?: number | null;
  humidity_pct?: number | null;
  quality?: string | null;
  severity?: string;
  /** Age of the reading, s. */
  ageS?: number;
}

/** One sensor's row as it stood `ageS` before `nowMs`. */
export function sensorRow(facts: SensorFacts, nowMs: number): object {
  const { ageS = 1, ...rest } = facts;
  const time = new Date(nowMs - ageS * 1000).toISOString();
  return {
    profile: 'dht22',
    zone: 'UTC',
    event_time: time,
    ingest_time: time,
    temperature_c: 21.4,
    humidity_pct: 45.2,
    quality: 'OK',
    severity: 'NORMAL',
    day: null,
    counters: {},
    ...rest,
  };
}

export function alarmRow(
  sensorId: string,
  severity: 'HIGH' | 'CRITICAL',
  ageS: number,
  nowMs: number,
  rule = 'temperature-instant',
): object {
  const time = new Date(nowMs - ageS * 1000).toISOString();
  const [value, threshold] = severity === 'CRITICAL' ? [35.7, 35] : [30.2, 30];
  return {
    alarm_id: `${sensorId}:${rule}`,
    sensor_id: sensorId,
    rule,
    rule_version: 1,
    state: 'ACTIVE',
    severity,
    since: time,
    event_time: time,
    value,
    threshold,
    revision: 1,
  };
}

/** What the API tells of the alarm of a sensor that went up to critical in two steps, and of the sensor. */
export function alarmAnswers(sensorId: string, nowMs: number): Record<string, object | readonly object[]> {
  const alarm = alarmRow(sensorId, 'CRITICAL', 48, nowMs);
  const history = [
    { ...alarm, revision: 4 },
    { ...alarmRow(sensorId, 'HIGH', 400, nowMs), revision: 3 },
    { ...alarmRow(sensorId, 'HIGH', 7600, nowMs), severity: 'NORMAL', state: 'NORMAL', value: 29.3, revision: 2 },
    alarmRow(sensorId, 'HIGH', 8200, nowMs),
  ];
  const id = `${sensorId}:temperature-instant`;
  return {
    [`alarms/${id}`]: history[0]!,
    [`alarms/${id}/history`]: history,
    [`sensors/${sensorId}/latest`]: sensorRow({ sensor_id: sensorId, temperature_c: 36.24, severity: 'CRITICAL' }, nowMs),
  };
}

/** One symbol's row; `open` is the first price of its newest day. */
export function symbolRow(
  symbol: string,
  price: number | null,
  change: number | null,
  nowMs: number,
  ageS = 2,
  open: number | null = null,
): object {
  const time = price === null ? null : new Date(nowMs - ageS * 1000).toISOString();
  return {
    symbol,
    event_time: time,
    ingest_time: time,
    price,
    size: 10,
    absolute_price_change: change,
    percentage_change: price === null || change === null ? null : (change / (price - change)) * 100,
    day: open === null ? null : { day: '2026-11-21', open_price: open },
    counters: {},
  };
}

/** 50 sensors of every kind, symbols of every size, alarms, counters. */
export function busyPicture(nowMs: number): Picture {
  const odd: SensorFacts[] = [
    { sensor_id: 'sensor-0003', temperature_c: 36.24, severity: 'CRITICAL' },
    { sensor_id: 'sensor-0012', temperature_c: 35.05, severity: 'CRITICAL', quality: 'OK', ageS: 400 },
    { sensor_id: HOSTILE_NAMES[0]!, temperature_c: 41, severity: 'CRITICAL' },
    { sensor_id: 'sensor-0007', temperature_c: 31.7, severity: 'HIGH' },
    { sensor_id: HOSTILE_NAMES[2]!, temperature_c: 30.2, severity: 'HIGH', ageS: 70 },
    { sensor_id: 'sensor-0020', temperature_c: null, humidity_pct: null, quality: 'NAN' },
    { sensor_id: 'sensor-0021', temperature_c: 12.3, humidity_pct: 3303.1, quality: 'BIT_SHIFT' },
    { sensor_id: 'sensor-0022', temperature_c: 999.9, humidity_pct: 999.9, quality: 'SENTINEL' },
    { sensor_id: 'sensor-0023', temperature_c: -127, humidity_pct: null, quality: 'RANGE' },
    { sensor_id: 'sensor-0024', temperature_c: null, humidity_pct: null, quality: null },
    { sensor_id: 'press.bearing-2', temperature_c: 67.93, humidity_pct: null },
    { sensor_id: 'freezer-1', temperature_c: -18.46, humidity_pct: 38 },
    { sensor_id: 'freezer-2', temperature_c: -0.04, humidity_pct: 100, ageS: 3700 },
    { sensor_id: HOSTILE_NAMES[1]! },
  ];
  const even = Array.from({ length: 50 - odd.length }, (_, index) => ({
    sensor_id: `sensor-${String(100 + index).padStart(4, '0')}`,
    temperature_c: 19 + (index % 17) / 3,
    humidity_pct: 40 + (index % 23) / 2,
    ageS: index % 9,
  }));
  const time = new Date(nowMs - 1000).toISOString();
  return {
    alarms: [
      alarmRow(HOSTILE_NAMES[0]!, 'CRITICAL', 45, nowMs),
      alarmRow('sensor-0003', 'CRITICAL', 750, nowMs),
      alarmRow('sensor-0012', 'CRITICAL', 8000, nowMs, 'temperature-average'),
      alarmRow('sensor-0007', 'HIGH', 3, nowMs),
      alarmRow(HOSTILE_NAMES[2]!, 'HIGH', 260_000, nowMs),
    ],
    sensors: [...even, ...odd].map((facts) => sensorRow(facts, nowMs)),
    symbols: [
      symbolRow('IBM', 145.123456, 0.02, nowMs, 2, 148.25),
      symbolRow('AAPL', 187.5, -0.13, nowMs, 2, 180),
      symbolRow('BRK.A', 541_234.5, -1034.25, nowMs, 90, 541_000),
      symbolRow('OANDA:EUR_USD', 1.08532, 0.00004, nowMs),
      symbolRow('BINANCE:BTCUSDT', 61_042.01, 0, nowMs, 2, 61_042.01),
      symbolRow('BINANCE:SHIBUSDT', 0.00001734, -0.00000002, nowMs, 2, 0.00002),
      symbolRow('FX:USD/JPY', 151.34, null, nowMs, 1_000_000),
      symbolRow('NEW', null, null, nowMs),
    ],
    pipeline: {
      boundary: NO_BOUNDARY,
      sources: {
        trades: {
          ...NO_SOURCE,
          keys: 8,
          received: 1_234_567,
          applied: 1_234_000,
          duplicate: 560,
          late: { LATENESS: 4 },
          quarantined: { BAD_JSON: 2, CLOCK_FUTURE: 1 },
          quality: { OK: 1_233_900, PRICE_UPDATE: 100 },
          last_event_time: time,
          last_ingest_time: time,
          archived_through: new Date(nowMs - 9000).toISOString(),
        },
        readings: {
          ...NO_SOURCE,
          keys: 50,
          received: 23_059,
          applied: 22_995,
          duplicate: 41,
          late: { LATENESS: 7, GAP_GIVEN_UP: 3 },
          quarantined: { CLOCK_EPOCH: 9, BAD_JSON: 4 },
          quality: { OK: 22_695, NAN: 249, BIT_SHIFT: 4, RANGE: 33, SENTINEL: 14 },
          boundary: '2026-01-29',
          published_days: 41,
          late_pending: 7,
          failed_days: [{ day: '2026-01-30', run_id: '20260131T041000Z-0a1b2c3d', cause: 'Athena: HIVE_BAD_DATA' }],
          drift: { day: '2026-01-29', keys: 50, differing: 2, difference: 9, explained: 9, reasons: { LATENESS: 9 } },
          last_event_time: time,
          last_ingest_time: time,
          archived_through: null,
        },
      },
    },
  };
}
