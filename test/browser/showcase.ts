/** What the pictures in docs/pictures show: a made-up plant and market, the same at each run but for the time of day. */
import { batchAnswers, runId, runStarts } from './batch-pictures.ts';
import type { Picture } from './page-server.ts';
import { alarmAnswers, alarmRow, NO_SOURCE, sensorRow, symbolRow } from './pictures.ts';

export const SENSOR = 'furnace-2.inlet';
export const SYMBOL = 'BINANCE:ETHUSDT';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const PLACES = ['greenhouse', 'cellar', 'server-room', 'cold-store', 'attic', 'workshop', 'dock', 'laboratory'];
const SENSORS = 1000;
/** Of SYMBOL, the last one. */
const PRICE = 3127.4;
const iso = (ms: number) => new Date(ms).toISOString();

/** Numbers from 0 up to 1, always the same (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function sensors(nowMs: number): object[] {
  const random = randomFrom(1);
  const odd = [
    { sensor_id: SENSOR, temperature_c: 36.9, humidity_pct: 21.4, severity: 'CRITICAL' },
    { sensor_id: 'server-room-7', temperature_c: 31.2, humidity_pct: 33.8, severity: 'HIGH' },
    { sensor_id: 'greenhouse-41', temperature_c: 30.6, humidity_pct: 71.9, severity: 'HIGH' },
    { sensor_id: 'cellar-3', temperature_c: 12.3, humidity_pct: 3303.1, quality: 'BIT_SHIFT' },
    { sensor_id: 'dock-12', temperature_c: null, humidity_pct: null, quality: 'NAN' },
    { sensor_id: 'attic-9', temperature_c: 24.1, humidity_pct: 48.2, ageS: 1900 },
  ];
  const even = Array.from({ length: SENSORS - odd.length }, (_, index) => ({
    sensor_id: `${PLACES[index % PLACES.length]}-${100 + Math.floor(index / PLACES.length)}`,
    temperature_c: 18 + 8 * random(),
    humidity_pct: 35 + 30 * random(),
    ageS: 4 * random(),
  }));
  return [...odd, ...even].map((facts) => sensorRow(facts, nowMs));
}

function symbols(nowMs: number): object[] {
  const random = randomFrom(2);
  const prices = {
    AAPL: 187.5,
    AMZN: 178.3,
    'BINANCE:BTCUSDT': 61_042.01,
    'BINANCE:SHIBUSDT': 0.00001734,
    IBM: 145.12,
    MSFT: 411.22,
    NVDA: 877.35,
    'OANDA:EUR_USD': 1.08532,
    TSLA: 171.05,
  };
  const rows = Object.entries(prices).map(([symbol, price]) =>
    symbolRow(symbol, price, price * (random() - 0.5) * 0.002, nowMs, 3 * random(), price * (1 + (random() - 0.5) * 0.06)),
  );
  return [symbolRow(SYMBOL, PRICE, 1.85, nowMs, 1, 3010.2), ...rows];
}

/** A day of five-minute means that ends in heat, with an hour in which nothing was heard. */
function windows(nowMs: number): object[] {
  const end = Math.floor(nowMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
  const random = randomFrom(3);
  return Array.from({ length: DAY_MINUTES / 5 }, (_, index) => {
    const start = end - (DAY_MINUTES / 5 - 1 - index) * 5 * MINUTE_MS;
    const mean = 26.5 + 2.2 * Math.sin(index / 31) + 9 * Math.max(0, (index - 255) / 33) + 0.4 * random();
    return {
      sensor_id: SENSOR,
      window_start: iso(start),
      window_end: iso(start + 5 * MINUTE_MS),
      reading_count: 60,
      temperature_c_mean: mean,
      temperature_c_min: mean - 0.5 - random() / 2,
      temperature_c_max: mean + 0.5 + random() / 2,
      humidity_pct_mean: 40 - index / 20,
      humidity_pct_min: 38 - index / 20,
      humidity_pct_max: 42 - index / 20,
      revision: index === DAY_MINUTES / 5 - 1 ? 0 : index === 200 ? 2 : 1,
      closed: index < DAY_MINUTES / 5 - 1,
    };
  }).filter((_, index) => index < 120 || index >= 132);
}

function readings(nowMs: number): object[] {
  const random = randomFrom(4);
  return Array.from({ length: 100 }, (_, age) => ({
    event_id: String(100 - age).padStart(4, '0'),
    event_time: iso(nowMs - 1000 - age * 5000),
    ingest_time: iso(nowMs - 900 - age * 5000),
    sensor_id: SENSOR,
    temperature_c: age % 41 === 7 ? null : 36.9 - age / 40 + random() / 4,
    humidity_pct: age % 41 === 7 ? null : 21.4 + age / 50,
    quality: age % 41 === 7 ? 'NAN' : 'OK',
  }));
}

/** A walk of a day that ends at the last price. */
function bars(nowMs: number): object[] {
  const end = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const random = randomFrom(5);
  const walk = [1];
  for (let minute = 0; minute < DAY_MINUTES; minute++) walk.push(walk.at(-1)! * (1 + (random() - 0.487) * 0.0022));
  const prices = walk.map((step) => (PRICE * step) / walk.at(-1)!);
  return prices.slice(1).map((close, index) => {
    const open = prices[index]!;
    const start = end - (DAY_MINUTES - 1 - index) * MINUTE_MS;
    return {
      symbol: SYMBOL,
      bar_start: iso(start),
      bar_end: iso(start + MINUTE_MS),
      open_price: open,
      high_price: Math.max(open, close) * (1 + random() * 0.0004),
      low_price: Math.min(open, close) * (1 - random() * 0.0004),
      close_price: close,
      volume: 40 + 200 * random() ** 3,
      trade_count: 30,
      revision: index === DAY_MINUTES - 1 ? 0 : 1,
      closed: index < DAY_MINUTES - 1,
    };
  });
}

/** Days that the batch has settled before the two that still move. */
const SETTLED_DAYS = 22;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** What the batch knows besides of a settled day of SENSOR. */
const CHECKED = { nan_count: 14, range_count: 0, sentinel_count: 0, bit_shift_count: 3, minutes_critical: 0, completeness: 0.998 };

/** The newest days, ascending, with their place among them. */
function dayNames(
  nowMs: number,
): { readonly day: string; readonly index: number; readonly layer: 'batch' | 'speed'; readonly revision: number }[] {
  return Array.from({ length: SETTLED_DAYS + 2 }, (_, index) => {
    const isSettled = index < SETTLED_DAYS;
    const revision = isSettled ? (index === SETTLED_DAYS - 3 ? 2 : 1) : 0;
    return { day: iso(nowMs - (SETTLED_DAYS + 1 - index) * DAY_MS).slice(0, 10), index, layer: isSettled ? 'batch' : 'speed', revision };
  });
}

/** Everything before it is settled. */
export function boundaryOf(nowMs: number): string {
  return `${iso(nowMs - DAY_MS).slice(0, 10)}T00:00:00.000Z`;
}

function sensorDays(nowMs: number): object[] {
  const random = randomFrom(6);
  return dayNames(nowMs).map(({ index, ...day }) => {
    const mean = 26.4 + 1.6 * Math.sin(index / 4) + random();
    return {
      ...day,
      sensor_id: SENSOR,
      reading_count: 16_900 + Math.floor(400 * random()),
      temperature_c_mean: mean,
      temperature_c_min: mean - 3 - random(),
      temperature_c_max: day.layer === 'speed' && index > SETTLED_DAYS ? 36.9 : mean + 2.5 + random(),
      humidity_pct_mean: 34 + 4 * random(),
      ...(day.layer === 'batch' ? { ...CHECKED, minutes_high: Math.floor(40 * random()) } : {}),
    };
  });
}

function symbolDays(nowMs: number, today: object): object[] {
  const random = randomFrom(7);
  let close = 2850;
  return dayNames(nowMs).map(({ index, ...day }) => {
    const open = close;
    close = index === SETTLED_DAYS + 1 ? PRICE : open * (1 + (random() - 0.45) * 0.03);
    const figures = {
      trade_count: 43_200,
      volume: 90_000 + 60_000 * random(),
      min_price: Math.min(open, close) * (1 - random() * 0.01),
      max_price: Math.max(open, close) * (1 + random() * 0.01),
      open_price: open,
      close_price: close,
      vwap: (open + close) / 2,
    };
    return {
      ...day,
      symbol: SYMBOL,
      ...figures,
      ...(index === SETTLED_DAYS + 1 ? today : {}),
      price_update_count: day.layer === 'batch' ? 211 : null,
      first_event_time: `${day.day}T00:00:00.120Z`,
      last_event_time: `${day.day}T23:59:59.870Z`,
    };
  });
}

const COUNTERS = {
  received: 17_290,
  applied: 17_281,
  duplicate: 6,
  late: { LATENESS: 3 },
  quarantined: {},
  quality: { OK: 17_260, NAN: 21 },
};

function answers(nowMs: number): Record<string, object | readonly object[]> {
  const today = iso(nowMs).slice(0, 10);
  const daily = {
    reading_count: 17_260,
    temperature_c_mean: 27.9,
    temperature_c_min: 23.8,
    temperature_c_max: 36.9,
    humidity_pct_mean: 33.1,
  };
  const traded = {
    trade_count: 43_200,
    volume: 128_400.5,
    min_price: 2988.1,
    max_price: 3139.9,
    open_price: 3010.2,
    close_price: PRICE,
    vwap: 3066.71,
  };
  const limits = { dht22: { high_c: 30, critical_c: 35, hysteresis_c: 0.5 } };
  return {
    ...alarmAnswers(SENSOR, nowMs),
    [`alarms/${SENSOR}:temperature-average/history`]: [alarmRow(SENSOR, 'HIGH', 1500, nowMs, 'temperature-average')],
    [`sensors/${SENSOR}/latest`]: {
      ...sensorRow({ sensor_id: SENSOR, temperature_c: 36.9, humidity_pct: 21.4, severity: 'CRITICAL' }, nowMs),
      day: { day: today, ...daily },
      counters: COUNTERS,
    },
    [`sensors/${SENSOR}/windows`]: windows(nowMs),
    [`sensors/${SENSOR}/readings`]: readings(nowMs),
    [`sensors/${SENSOR}/daily`]: sensorDays(nowMs),
    rules: ['temperature-instant', 'temperature-average'].map((rule) => ({ rule, rule_version: 1, on: '', profiles: limits })),
    [`symbols/${SYMBOL}/latest`]: {
      ...symbolRow(SYMBOL, PRICE, 1.85, nowMs, 1, 3010.2),
      day: { day: today, ...traded },
      counters: COUNTERS,
    },
    [`symbols/${SYMBOL}/bars`]: bars(nowMs),
    [`symbols/${SYMBOL}/trades`]: Array.from({ length: 32 }, (_, age) => ({
      event_id: String(32 - age).padStart(4, '0'),
      event_time: iso(nowMs - 1000 - age * 900),
      ingest_time: iso(nowMs - 800 - age * 900),
      symbol: SYMBOL,
      price: PRICE - ((age * 7) % 5) / 2,
      size: 0.1 + ((age * 13) % 17) / 10,
      absolute_price_change: age % 2 === 0 ? 0.5 : -0.75,
      percentage_change: age % 2 === 0 ? 0.016 : -0.024,
    })),
    [`symbols/${SYMBOL}/daily`]: symbolDays(nowMs, traded),
    ...batchAnswers(nowMs),
  };
}

function pipeline(nowMs: number): object {
  const boundary = iso(nowMs - 2 * DAY_MS).slice(0, 10);
  const drift = { day: boundary, keys: SENSORS, differing: 0, difference: 0, explained: 0, reasons: {} };
  const settled = { boundary, published_days: SETTLED_DAYS, drift };
  const times = { ...settled, last_event_time: iso(nowMs - 900), last_ingest_time: iso(nowMs - 700), archived_through: iso(nowMs - 700) };
  const trades = { ...NO_SOURCE, ...times, keys: 10, received: 432_118, applied: 432_114, duplicate: 4, quality: { OK: 432_114 } };
  const readings = {
    ...NO_SOURCE,
    ...times,
    keys: SENSORS,
    received: 17_290_041,
    applied: 17_281_337,
    duplicate: 8_412,
    late: { LATENESS: 288 },
    quarantined: { CLOCK_EPOCH: 3, BAD_JSON: 1 },
    late_pending: 31,
    quality: { OK: 17_281_090, NAN: 214, BIT_SHIFT: 33 },
  };
  return { boundary: { trades: boundary, readings: boundary }, sources: { trades, readings } };
}

/** Everything that the API tells. */
export function showcase(nowMs: number): Picture {
  return {
    alarms: [
      alarmRow(SENSOR, 'CRITICAL', 48, nowMs),
      alarmRow('server-room-7', 'HIGH', 760, nowMs),
      alarmRow('greenhouse-41', 'HIGH', 9300, nowMs, 'temperature-average'),
    ],
    sensors: sensors(nowMs),
    symbols: symbols(nowMs),
    pipeline: pipeline(nowMs),
    other: answers(nowMs),
  };
}

/** The run of it that settled two days and failed on one. */
export function partlyFailedRun(nowMs: number): string {
  return runId(runStarts(nowMs)[1]!);
}
