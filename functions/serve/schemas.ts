/** JSON schemas of the rows, for the OpenAPI document. Every field is always there; what may be unknown may be null. */

export type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const NUMBER: Schema = { type: 'number' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const FLAG: Schema = { type: 'boolean' };
const TIME: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC, milliseconds' };
const DAY: Schema = { type: 'string', format: 'date', description: "calendar day of the key's zone" };
const COUNTS: Schema = { type: 'object', additionalProperties: COUNT };
const NOTHING_YET: Schema = { type: 'null', description: 'no batch layer yet' };
const SEVERITY: Schema = { type: 'string', enum: ['NORMAL', 'HIGH', 'CRITICAL'] };
const QUALITY: Schema = { type: 'string', enum: ['OK', 'NAN', 'RANGE', 'SENTINEL', 'BIT_SHIFT'] };
const LAYER: Schema = { type: 'string', enum: ['speed'] };

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

function unit(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const CELSIUS = unit(NUMBER, '°C');
const PERCENT = unit(NUMBER, '%');

function statistic(prefix: string, schema: Schema): Record<string, Schema> {
  return { [`${prefix}_mean`]: orNull(schema), [`${prefix}_min`]: orNull(schema), [`${prefix}_max`]: orNull(schema) };
}

const COUNTERS = {
  received: COUNT,
  applied: COUNT,
  duplicate: COUNT,
  late: unit(COUNTS, 'by reason'),
  quarantined: unit(COUNTS, 'by reason'),
  quality: unit(COUNTS, 'applied events by verdict'),
};
const DELTA = {
  absolute_price_change: orNull(unit(NUMBER, 'price minus the price of the trade before it in event order, with its sign')),
  percentage_change: orNull(unit(NUMBER, 'the same in % of the price before')),
};
const TRADE_FIGURES = { trade_count: COUNT, volume: NUMBER, min_price: NUMBER, max_price: NUMBER, open_price: NUMBER, close_price: NUMBER };
const VWAP = { vwap: orNull(unit(NUMBER, 'volume-weighted mean price')) };
const REVISION = unit(COUNT, '0 while open; one more at the close and at each revision');
const ALARM = {
  alarm_id: TEXT,
  sensor_id: TEXT,
  rule: TEXT,
  rule_version: COUNT,
  state: { type: 'string', enum: ['NORMAL', 'ACTIVE'] },
  severity: SEVERITY,
  since: unit(TIME, 'event time of the transition into the state'),
  event_time: unit(TIME, 'event time of the newest transition'),
  value: CELSIUS,
  threshold: CELSIUS,
  revision: COUNT,
};
const SOURCE = object({
  keys: COUNT,
  ...COUNTERS,
  last_event_time: orNull(TIME),
  last_ingest_time: orNull(TIME),
  archived_through: orNull(unit(TIME, 'what arrived up to this instant is archived')),
});

export const ROW_SCHEMAS = {
  Symbol: object({
    symbol: TEXT,
    event_time: orNull(TIME),
    ingest_time: orNull(TIME),
    price: orNull(NUMBER),
    size: orNull(NUMBER),
    ...DELTA,
    day: orNull(object({ day: DAY, ...TRADE_FIGURES, ...VWAP })),
    counters: object(COUNTERS),
  }),
  Trade: object({ event_id: TEXT, event_time: TIME, ingest_time: TIME, symbol: TEXT, price: NUMBER, size: NUMBER, ...DELTA }),
  Bar: object({
    symbol: TEXT,
    bar_start: TIME,
    bar_end: TIME,
    open_price: NUMBER,
    high_price: NUMBER,
    low_price: NUMBER,
    close_price: NUMBER,
    volume: NUMBER,
    trade_count: COUNT,
    revision: REVISION,
    closed: FLAG,
  }),
  TradeDay: object({
    day: DAY,
    symbol: TEXT,
    ...TRADE_FIGURES,
    ...VWAP,
    first_event_time: TIME,
    last_event_time: TIME,
    layer: LAYER,
    revision: COUNT,
  }),
  Sensor: object({
    sensor_id: TEXT,
    profile: TEXT,
    zone: TEXT,
    event_time: orNull(TIME),
    ingest_time: orNull(TIME),
    temperature_c: orNull(CELSIUS),
    humidity_pct: orNull(PERCENT),
    quality: orNull(QUALITY),
    severity: unit(SEVERITY, "worst of the sensor's alarms"),
    day: orNull(object({ day: DAY, reading_count: COUNT, ...statistic('temperature_c', CELSIUS) })),
    counters: object({ ...COUNTERS, claimed_device_id: COUNT }),
  }),
  Reading: object({
    event_id: TEXT,
    event_time: TIME,
    ingest_time: TIME,
    sensor_id: TEXT,
    temperature_c: orNull(CELSIUS),
    humidity_pct: orNull(PERCENT),
    quality: QUALITY,
  }),
  Window: object({
    sensor_id: TEXT,
    window_start: TIME,
    window_end: TIME,
    reading_count: unit(COUNT, 'trusted readings'),
    ...statistic('temperature_c', CELSIUS),
    ...statistic('humidity_pct', PERCENT),
    revision: REVISION,
    closed: FLAG,
  }),
  SensorDay: object({
    day: DAY,
    sensor_id: TEXT,
    reading_count: unit(COUNT, 'trusted readings'),
    ...statistic('temperature_c', CELSIUS),
    ...statistic('humidity_pct', PERCENT),
    layer: LAYER,
    revision: COUNT,
  }),
  Alarm: object(ALARM),
  Alert: object({ kind: { type: 'string', enum: ['instant'] }, alert_id: TEXT, ...ALARM }),
  Rule: object({
    rule: TEXT,
    rule_version: COUNT,
    on: TEXT,
    profiles: {
      type: 'object',
      additionalProperties: object({ high_c: CELSIUS, critical_c: CELSIUS, hysteresis_c: CELSIUS }),
    },
  }),
  Live: object({
    url: unit(TEXT, 'WebSocket address with everything needed in it: a secret of who asked'),
    protocol: { type: 'string', enum: ['mqtt'], description: 'MQTT 3.1.1 in the WebSocket subprotocol mqtt' },
    expires_at: unit(TIME, 'until then one can connect, and what changes is published; who wants to hear more asks again'),
    client_id: unit(TEXT, 'the only client id that the address admits'),
    topics: unit(
      object({ symbols: TEXT, sensors: TEXT, alarms: TEXT }),
      'topics by what they carry; <key> is percent-encoded, as encodeURIComponent does it',
    ),
  }),
  Pipeline: object({ boundary: NOTHING_YET, sources: object({ trades: SOURCE, readings: SOURCE }) }),
} as const;

export type RowName = keyof typeof ROW_SCHEMAS;

export const AS_OF_SCHEMA = object({ boundary: NOTHING_YET, generated_at: TIME });

/** RFC 9457; a problem may have members of its own. */
export const PROBLEM_SCHEMA: Schema = {
  type: 'object',
  properties: { type: TEXT, title: TEXT, status: COUNT, detail: TEXT, instance: TEXT, parameter: TEXT, value: TEXT, allowed: TEXT },
  required: ['type', 'title', 'status', 'detail', 'instance'],
};
