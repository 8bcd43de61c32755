/** Rows of the API: the names and units of the public contract. Times ISO 8601 UTC with milliseconds, days `YYYY-MM-DD`. */
import type { SensorDay, TradeDay } from './days.ts';
import { type Delta, deltaOf } from './deltas.ts';
import type {
  BarWindow,
  Counters,
  ReadingWindow,
  RecentReading,
  RecentTrade,
  SensorState,
  Severity,
  Statistic,
  Sum,
  SymbolState,
} from './key-state.ts';
import { totalOf } from './sums.ts';

export type Row = Readonly<Record<string, unknown>>;

const SEVERITIES_WORST_FIRST: readonly Severity[] = ['CRITICAL', 'HIGH', 'NORMAL'];

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function meanOf({ count, sum }: Statistic): number | null {
  return count === 0 ? null : totalOf(sum) / count;
}

function statisticFields(prefix: string, statistic: Statistic): Row {
  const { count, min, max } = statistic;
  return {
    [`${prefix}_mean`]: meanOf(statistic),
    [`${prefix}_min`]: count === 0 ? null : min,
    [`${prefix}_max`]: count === 0 ? null : max,
  };
}

/** Volume-weighted mean price; null where nothing was traded. */
function vwapOf(notional: Sum, volume: Sum): number | null {
  const total = totalOf(volume);
  return total === 0 ? null : totalOf(notional) / total;
}

export function barRow(symbol: string, bar: BarWindow, windowMs: number): Row {
  return {
    symbol,
    bar_start: isoTime(bar.startMs),
    bar_end: isoTime(bar.startMs + windowMs),
    open_price: bar.open.price,
    high_price: bar.high,
    low_price: bar.low,
    close_price: bar.close.price,
    volume: totalOf(bar.volume),
    trade_count: bar.tradeCount,
    revision: bar.revision,
    closed: bar.closed,
  };
}

export function windowRow(sensorId: string, window: ReadingWindow, windowMs: number): Row {
  return {
    sensor_id: sensorId,
    window_start: isoTime(window.startMs),
    window_end: isoTime(window.startMs + windowMs),
    reading_count: window.temperatureC.count,
    ...statisticFields('temperature_c', window.temperatureC),
    ...statisticFields('humidity_pct', window.humidityPct),
    revision: window.revision,
    closed: window.closed,
  };
}

const SPEED_LAYER = { layer: 'speed', revision: 0 } as const;

/** Fields of a day row that both layers have. */
const TRADE_DAY_FIELDS = [
  'trade_count',
  'volume',
  'min_price',
  'max_price',
  'open_price',
  'close_price',
  'vwap',
  'first_event_time',
  'last_event_time',
] as const;
const SENSOR_DAY_FIELDS = [
  'reading_count',
  ...['temperature_c', 'humidity_pct'].flatMap((value) => ['mean', 'min', 'max'].map((statistic) => `${value}_${statistic}`)),
] as const;
/** Fields that only the batch knows: null in a row of the speed layer. */
const TRADE_DAY_BATCH_FIELDS = ['price_update_count'] as const;
const SENSOR_DAY_BATCH_FIELDS = [
  'ok_count',
  'nan_count',
  'range_count',
  'sentinel_count',
  'bit_shift_count',
  'minutes_high',
  'minutes_critical',
  'interval_count',
  'expected_interval_count',
  'completeness',
] as const;

function fieldsOf(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

export function tradeDayRow(symbol: string, day: TradeDay): Row {
  return {
    day: day.day,
    symbol,
    trade_count: day.tradeCount,
    volume: totalOf(day.volume),
    min_price: day.minPrice,
    max_price: day.maxPrice,
    open_price: day.open.price,
    close_price: day.close.price,
    vwap: vwapOf(day.notional, day.volume),
    first_event_time: isoTime(day.open.eventMs),
    last_event_time: isoTime(day.close.eventMs),
    ...fieldsOf({}, TRADE_DAY_BATCH_FIELDS),
    ...SPEED_LAYER,
  };
}

/** A published day of a symbol; `curated` is its row of the curated table. */
export function settledTradeDayRow(symbol: string, day: string, curated: Row, revision: number): Row {
  return { day, symbol, ...fieldsOf(curated, [...TRADE_DAY_FIELDS, ...TRADE_DAY_BATCH_FIELDS]), layer: 'batch', revision };
}

export function sensorDayRow(sensorId: string, day: SensorDay): Row {
  return {
    day: day.day,
    sensor_id: sensorId,
    reading_count: day.temperatureC.count,
    ...statisticFields('temperature_c', day.temperatureC),
    ...statisticFields('humidity_pct', day.humidityPct),
    ...fieldsOf({}, SENSOR_DAY_BATCH_FIELDS),
    ...SPEED_LAYER,
  };
}

/** A published day of a sensor; `curated` is its row of the curated table. */
export function settledSensorDayRow(sensorId: string, day: string, curated: Row, revision: number): Row {
  return { day, sensor_id: sensorId, ...fieldsOf(curated, [...SENSOR_DAY_FIELDS, ...SENSOR_DAY_BATCH_FIELDS]), layer: 'batch', revision };
}

function deltaFields({ absolutePriceChange, percentageChange }: Delta): Row {
  return { absolute_price_change: absolutePriceChange, percentage_change: percentageChange };
}

export function tradeRow(symbol: string, trade: RecentTrade & Delta): Row {
  return {
    event_id: trade.eventId,
    event_time: isoTime(trade.eventMs),
    ingest_time: isoTime(trade.arrivalMs),
    symbol,
    price: trade.price,
    size: trade.size,
    ...deltaFields(trade),
  };
}

export function readingRow(sensorId: string, reading: RecentReading): Row {
  return {
    event_id: reading.eventId,
    event_time: isoTime(reading.eventMs),
    ingest_time: isoTime(reading.arrivalMs),
    sensor_id: sensorId,
    temperature_c: reading.temperatureC,
    humidity_pct: reading.humidityPct,
    quality: reading.quality,
  };
}

/** received = applied + duplicate + the lates + the quarantined. */
export function countersRow({ received, applied, duplicate, late, quarantined, quality }: Omit<Counters, 'claimedDeviceId'>): Row {
  return { received, applied, duplicate, late, quarantined, quality };
}

/** A symbol as it stands: its newest event, the running figures of its newest day, its counters. Nulls where nothing was applied yet. */
export function symbolRow(state: SymbolState, day: TradeDay | null): Row {
  const { name, latest, recent, counters } = state;
  return {
    symbol: name,
    event_time: latest && isoTime(latest.eventMs),
    ingest_time: latest && isoTime(latest.arrivalMs),
    price: latest?.price ?? null,
    size: latest?.size ?? null,
    ...deltaFields(latest ? deltaOf(latest, recent) : { absolutePriceChange: null, percentageChange: null }),
    day: day && {
      day: day.day,
      trade_count: day.tradeCount,
      volume: totalOf(day.volume),
      min_price: day.minPrice,
      max_price: day.maxPrice,
      open_price: day.open.price,
      close_price: day.close.price,
      vwap: vwapOf(day.notional, day.volume),
    },
    counters: countersRow(counters),
  };
}

/** A sensor as it stands; its severity is the worst of its alarms. */
export function sensorRow(state: SensorState, day: SensorDay | null, assignment: { readonly profile: string; readonly zone: string }): Row {
  const { name, latest, alarms, counters } = state;
  const severities = Object.values(alarms).map(({ severity }) => severity);
  return {
    sensor_id: name,
    ...assignment,
    event_time: latest && isoTime(latest.eventMs),
    ingest_time: latest && isoTime(latest.arrivalMs),
    temperature_c: latest?.temperatureC ?? null,
    humidity_pct: latest?.humidityPct ?? null,
    quality: latest?.quality ?? null,
    severity: SEVERITIES_WORST_FIRST.find((severity) => severities.includes(severity)) ?? 'NORMAL',
    day: day && { day: day.day, reading_count: day.temperatureC.count, ...statisticFields('temperature_c', day.temperatureC) },
    counters: { ...countersRow(counters), claimed_device_id: counters.claimedDeviceId },
  };
}
