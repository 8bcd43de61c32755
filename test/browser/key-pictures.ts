/** What the API may tell of one sensor and of one symbol, with everything that a chart has to be honest about. */
import { HOSTILE_NAMES, sensorRow, symbolRow } from './pictures.ts';

export const SENSOR = 'hall-1.roof';
export const SYMBOL = 'FX:USD/JPY';

const MINUTE_MS = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const COUNTERS = {
  received: 1200,
  applied: 1190,
  duplicate: 4,
  late: { LATENESS: 5 },
  quarantined: { [HOSTILE_NAMES[1]!]: 1 },
  quality: { OK: 1180, NAN: 7, BIT_SHIFT: 3 },
};

/** The end of the windows of a picture: those before are of closed time. */
export function windowsEnd(nowMs: number): number {
  return Math.floor(nowMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
}

/** Ten windows in a row, half an hour without any, two closed ones of which one was corrected, and one that is open. */
export function sensorWindows(nowMs: number): object[] {
  const end = windowsEnd(nowMs);
  const starts = [...Array.from({ length: 10 }, (_, index) => index - 19), -2, -1, 0].map((place) => end + place * 5 * MINUTE_MS);
  return starts.map((start, index) => ({
    sensor_id: SENSOR,
    window_start: iso(start),
    window_end: iso(start + 5 * MINUTE_MS),
    reading_count: 60 - index,
    temperature_c_mean: 27 + index / 4,
    temperature_c_min: 26 + index / 4,
    temperature_c_max: 28.5 + index / 4,
    humidity_pct_mean: 40,
    humidity_pct_min: 39,
    humidity_pct_max: 41,
    revision: index === 11 ? 3 : index === 12 ? 0 : 1,
    closed: index < 12,
  }));
}

/** Thirty readings, newest first: one that is no number, one with shifted bits, a pause of 90 s in the middle. */
export function sensorReadings(nowMs: number): object[] {
  return Array.from({ length: 30 }, (_, age) => {
    const odd =
      age === 3
        ? { temperature_c: null, humidity_pct: null, quality: 'NAN' }
        : age === 8
          ? { temperature_c: 14.4, humidity_pct: 3303, quality: 'BIT_SHIFT' }
          : {};
    const time = iso(nowMs - 2000 - age * 5000 - (age >= 15 ? 90_000 : 0));
    return {
      event_id: `e${String(30 - age).padStart(3, '0')}`,
      event_time: time,
      ingest_time: time,
      sensor_id: SENSOR,
      temperature_c: 29 + age / 30,
      humidity_pct: 40,
      quality: 'OK',
      ...odd,
    };
  });
}

function transition(revision: number, severity: string, value: number, threshold: number, ageS: number, nowMs: number): object {
  const alarm = { alarm_id: `${SENSOR}:temperature-instant`, sensor_id: SENSOR, rule: 'temperature-instant', rule_version: 1 };
  const time = iso(nowMs - ageS * 1000);
  return {
    ...alarm,
    state: severity === 'NORMAL' ? 'NORMAL' : 'ACTIVE',
    severity,
    since: time,
    event_time: time,
    value,
    threshold,
    revision,
  };
}

/** What the batch knows besides of a day of SENSOR. */
const CHECKED = {
  nan_count: 3,
  range_count: 0,
  sentinel_count: 1,
  bit_shift_count: 2,
  minutes_high: 61,
  minutes_critical: 0,
  completeness: 0.8194,
};

/** Answers about SENSOR. */
export function sensorAnswers(nowMs: number): Record<string, object | readonly object[]> {
  const path = `sensors/${SENSOR}`;
  const day = iso(nowMs).slice(0, 10);
  const figures = { reading_count: 1180, temperature_c_mean: 28.25, temperature_c_min: 25.75, temperature_c_max: 31.5 };
  return {
    [`${path}/latest`]: {
      ...sensorRow({ sensor_id: SENSOR, temperature_c: 29.04, humidity_pct: 40.25, severity: 'HIGH' }, nowMs),
      zone: HOSTILE_NAMES[0],
      day: { day, ...figures },
      counters: COUNTERS,
    },
    [`${path}/readings`]: sensorReadings(nowMs),
    [`${path}/windows`]: sensorWindows(nowMs),
    [`${path}/daily`]: [
      {
        day: '2026-01-30',
        sensor_id: SENSOR,
        ...figures,
        ...CHECKED,
        temperature_c_mean: -0.04,
        humidity_pct_mean: 41.5,
        layer: 'batch',
        revision: 2,
      },
      { day, sensor_id: SENSOR, ...figures, humidity_pct_mean: null, layer: 'speed', revision: 0 },
    ],
    rules: [
      { rule: 'temperature-instant', rule_version: 1, on: '', profiles: { dht22: { high_c: 30, critical_c: 35, hysteresis_c: 0.5 } } },
      { rule: 'temperature-average', rule_version: 1, on: '', profiles: { dht22: { high_c: 30, critical_c: 35, hysteresis_c: 0.5 } } },
    ],
    [`alarms/${SENSOR}:temperature-instant/history`]: [
      transition(3, 'HIGH', 30.25, 30, 90, nowMs),
      transition(2, 'NORMAL', 29.25, 30, 3690, nowMs),
      transition(1, 'CRITICAL', 35.5, 35, 7290, nowMs),
    ],
  };
}

/** Forty bars of a minute: after twenty of them six minutes without a trade; the last is open, the last but one was corrected. */
export function symbolBars(nowMs: number): object[] {
  const end = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: 40 }, (_, index) => {
    const start = end - (39 - index + (index < 20 ? 6 : 0)) * MINUTE_MS;
    return {
      symbol: SYMBOL,
      bar_start: iso(start),
      bar_end: iso(start + MINUTE_MS),
      open_price: 151 + index / 100,
      high_price: 151.2 + index / 100,
      low_price: 150.9 + index / 100,
      close_price: 151 + (index % 3 === 0 ? -0.05 : 0.1) + index / 100,
      volume: index === 39 ? 0.25 : 1000 + 10 * index,
      trade_count: index === 39 ? 1 : 12,
      revision: index === 38 ? 2 : index === 39 ? 0 : 1,
      closed: index < 39,
    };
  });
}

/** Answers about SYMBOL. */
export function symbolAnswers(nowMs: number): Record<string, object | readonly object[]> {
  const path = `symbols/${SYMBOL}`;
  const day = {
    trade_count: 469,
    volume: 46_830.25,
    min_price: 150.9,
    max_price: 151.59,
    open_price: 151,
    close_price: 151.49,
    vwap: 151.234,
  };
  const today = iso(nowMs).slice(0, 10);
  return {
    [`${path}/latest`]: { ...symbolRow(SYMBOL, 151.49, -0.01, nowMs), size: 0.25, day: { day: today, ...day }, counters: COUNTERS },
    [`${path}/trades`]: Array.from({ length: 32 }, (_, age) => ({
      event_id: `t${String(32 - age).padStart(3, '0')}`,
      event_time: iso(nowMs - 2000 - age * 1500),
      ingest_time: iso(nowMs - 1900 - age * 1500),
      symbol: SYMBOL,
      price: 151.49 + age / 100,
      size: age === 0 ? 0.25 : 100 * age,
      absolute_price_change: age === 31 ? null : -0.01,
      percentage_change: age === 31 ? null : -0.0066,
    })),
    [`${path}/bars`]: symbolBars(nowMs),
    [`${path}/daily`]: [
      {
        day: '2026-01-30',
        symbol: SYMBOL,
        ...day,
        vwap: null,
        price_update_count: 1203,
        first_event_time: '2026-01-30T00:00:01.000Z',
        last_event_time: '2026-01-30T23:59:01.000Z',
        layer: 'batch',
        revision: 1,
      },
      {
        day: today,
        symbol: SYMBOL,
        ...day,
        first_event_time: iso(nowMs - 45 * MINUTE_MS),
        last_event_time: iso(nowMs),
        layer: 'speed',
        revision: 0,
      },
    ],
  };
}
