/** JSON schemas of the rows, for the OpenAPI document. Every field is always there; what may be unknown may be null. */

export type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const NUMBER: Schema = { type: 'number' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const FLAG: Schema = { type: 'boolean' };
const TIME: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC, milliseconds' };
const DAY: Schema = { type: 'string', format: 'date', description: "calendar day of the key's zone" };
const COUNTS: Schema = { type: 'object', additionalProperties: COUNT };
const SEVERITY: Schema = { type: 'string', enum: ['NORMAL', 'HIGH', 'CRITICAL'] };
const QUALITY: Schema = { type: 'string', enum: ['OK', 'NAN', 'RANGE', 'SENTINEL', 'BIT_SHIFT'] };
const LAYER: Schema = { type: 'string', enum: ['batch', 'speed'], description: 'batch: settled; speed: still moving' };
const SOURCE_NAME: Schema = { type: 'string', enum: ['trades', 'readings'] };

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
const DAY_REVISION = unit(COUNT, 'of the publication, from 1; 0 in the speed layer');
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
/** What only the batch knows of a day: null in the speed layer. */
function batchOnly(schema: Schema, description: string): Schema {
  return unit(orNull(schema), `${description}; null in the speed layer`);
}

const BOUNDARY = unit(orNull(DAY), 'the newest day up to which everything known is settled by the batch');
const SOURCE = object({
  keys: COUNT,
  ...COUNTERS,
  last_event_time: orNull(TIME),
  last_ingest_time: orNull(TIME),
  archived_through: orNull(unit(TIME, 'what arrived up to this instant is archived')),
  boundary: BOUNDARY,
  published_days: COUNT,
  late_pending: unit(COUNT, 'archived rows of published days that came after their publication: the next run makes these days anew'),
  failed_days: {
    type: 'array',
    items: object({ day: DAY, run_id: TEXT, cause: orNull(TEXT) }),
    description: 'days whose newest try failed',
  },
  drift: unit(
    orNull(
      object({
        day: DAY,
        keys: COUNT,
        differing: unit(COUNT, 'keys whose figures differ'),
        difference: unit({ type: 'integer' }, 'events that the batch counts and the speed layer does not'),
        explained: unit({ type: 'integer' }, 'of these, how many have a reason'),
        reasons: unit({ type: 'object', additionalProperties: { type: 'integer' } }, 'events by reason'),
      }),
    ),
    'published day against speed day, of the newest day that was reconciled',
  ),
});
const RUN_STEP = object({ step: TEXT, started_at: TIME, ended_at: orNull(TIME), outcome: orNull(TEXT) });
const RUN_DAY = object({
  source: SOURCE_NAME,
  day: DAY,
  status: unit(TEXT, 'published, unchanged, refused, failed; another word while the run goes on'),
  revision: orNull(COUNT),
  rows: orNull(unit(COUNT, 'rows of raw data that the day is made of')),
  attempts: COUNT,
  cause: orNull(TEXT),
  steps: { type: 'array', items: RUN_STEP },
});
const HISTORIC = { event_day: DAY, layer: LAYER, revision: DAY_REVISION };
const EVENT = { event_id: TEXT, event_time: TIME, ingest_time: TIME };
const TRADE = { ...EVENT, symbol: TEXT, price: NUMBER, size: NUMBER };
const READING = { ...EVENT, sensor_id: TEXT, temperature_c: orNull(CELSIUS), humidity_pct: orNull(PERCENT), quality: QUALITY };

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
  Trade: object({ ...TRADE, ...DELTA }),
  HistoricTrade: object({ ...TRADE, ...HISTORIC }),
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
    price_update_count: batchOnly(COUNT, 'trades without a size, which only tell a price'),
    layer: LAYER,
    revision: DAY_REVISION,
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
  Reading: object(READING),
  HistoricReading: object({ ...READING, ...HISTORIC }),
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
    ok_count: batchOnly(COUNT, 'readings that can be trusted'),
    nan_count: batchOnly(COUNT, 'readings without a value'),
    range_count: batchOnly(COUNT, 'readings outside of what the sensor can measure'),
    sentinel_count: batchOnly(COUNT, 'readings with an error value'),
    bit_shift_count: batchOnly(COUNT, 'readings of a shifted frame'),
    minutes_high: batchOnly(COUNT, 'UTC minutes with a trusted reading at or above the limit for HIGH'),
    minutes_critical: batchOnly(COUNT, 'the same for CRITICAL'),
    interval_count: batchOnly(COUNT, 'intervals of the day in which something was heard'),
    expected_interval_count: batchOnly(COUNT, 'intervals of the day'),
    completeness: batchOnly(NUMBER, 'share of these in which something was heard, 0 to 1'),
    layer: LAYER,
    revision: DAY_REVISION,
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
  BatchRun: object({
    run_id: TEXT,
    status: { type: 'string', enum: ['running', 'succeeded', 'failed', 'skipped'] },
    trigger: { type: 'string', enum: ['schedule', 'command'] },
    started_at: TIME,
    ended_at: orNull(TIME),
    cause: orNull(TEXT),
    remaining: unit(COUNT, 'days that wait for the next run'),
    days: { type: 'array', items: RUN_DAY },
  }),
  Pipeline: object({
    boundary: object({ trades: BOUNDARY, readings: BOUNDARY }),
    sources: object({ trades: SOURCE, readings: SOURCE }),
  }),
} as const;

export type RowName = keyof typeof ROW_SCHEMAS;

export const AS_OF_SCHEMA = object({
  boundary: BOUNDARY,
  boundary_time: unit(orNull(TIME), "the instant at which that day ends in the key's zone"),
  generated_at: TIME,
});

/** RFC 9457; a problem may have members of its own. */
export const PROBLEM_SCHEMA: Schema = {
  type: 'object',
  properties: { type: TEXT, title: TEXT, status: COUNT, detail: TEXT, instance: TEXT, parameter: TEXT, value: TEXT, allowed: TEXT },
  required: ['type', 'title', 'status', 'detail', 'instance'],
};
