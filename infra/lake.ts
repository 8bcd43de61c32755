/** Tables and views of the lake as Athena knows them. Types are Hive's. */

export type ColumnType = 'string' | 'bigint' | 'int' | 'double' | 'date' | 'timestamp' | 'binary' | 'array<string>';
export type Column = readonly [name: string, type: ColumnType];

export interface PartitionKey {
  readonly name: string;
  readonly type: ColumnType;
  readonly comment: string;
  /** How its values are computed, as Athena's table properties `projection.<name>.…` say it; absent where partitions are registered. */
  readonly projection?: Readonly<Record<string, string>>;
}

export interface TableDefinition {
  readonly name: string;
  readonly description: string;
  /** Folder of the data bucket, without a slash at its end. */
  readonly folder: string;
  readonly format: 'parquet' | 'json';
  readonly columns: readonly Column[];
  /** Either all of them are computed, or none. */
  readonly partitionKeys: readonly PartitionKey[];
}

export interface ViewDefinition {
  /** Also the name of its text below sql/views. */
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
}

/** Folder of the data bucket that takes Athena's results, without a slash at its end. */
export const RESULT_FOLDER = 'athena-results';

/** First arrival day that a query may see. */
const FIRST_DAY = '2024-01-01';

const ARRIVAL_DAY: PartitionKey = {
  name: 'dt',
  type: 'date',
  comment: 'arrival day, UTC',
  projection: { type: 'date', format: 'yyyy-MM-dd', range: `${FIRST_DAY},NOW`, interval: '1', 'interval.unit': 'DAYS' },
};
const ARRIVAL_HOUR: PartitionKey = {
  name: 'hr',
  type: 'int',
  comment: 'arrival hour, UTC',
  projection: { type: 'integer', range: '0,23', digits: '2' },
};
const GENERATION: readonly PartitionKey[] = [
  { name: 'day', type: 'string', comment: "event day, in the key's own zone" },
  { name: 'gen', type: 'string', comment: 'generation; published names the one that counts' },
];

const TIMES: readonly Column[] = [
  ['event_id', 'string'],
  ['event_ms', 'bigint'],
  ['event_time', 'timestamp'],
  ['ingest_ms', 'bigint'],
  ['ingest_time', 'timestamp'],
];
const PROVENANCE: readonly Column[] = [
  ['lane', 'string'],
  ['position', 'string'],
];
const OBJECT: Column = ['object', 'string'];
const TRADE: readonly Column[] = [
  ['symbol', 'string'],
  ['price', 'double'],
  ['size', 'double'],
  ['conditions', 'string'],
  ['quality', 'string'],
];
const READING: readonly Column[] = [
  ['sensor_id', 'string'],
  ['temperature_c', 'double'],
  ['humidity_pct', 'double'],
  ['quality', 'string'],
  ['boot', 'string'],
  ['seq', 'bigint'],
];
const EVENT_DAY: Column = ['event_day', 'string'];
const DAY: Column = ['day', 'string'];
const LAYER: Column = ['layer', 'string'];
const REVISION: Column = ['revision', 'bigint'];
const DAILY_TRADE_STATS: readonly Column[] = [
  ['symbol', 'string'],
  ['trade_count', 'bigint'],
  ['volume', 'double'],
  ['min_price', 'double'],
  ['max_price', 'double'],
  ['open_price', 'double'],
  ['close_price', 'double'],
  ['vwap', 'double'],
  ['first_event_ms', 'bigint'],
  ['last_event_ms', 'bigint'],
  ['first_event_time', 'timestamp'],
  ['last_event_time', 'timestamp'],
  ['price_update_count', 'bigint'],
];
const DAILY_SENSOR_STATS: readonly Column[] = [
  ['sensor_id', 'string'],
  ['reading_count', 'bigint'],
  ['temperature_c_mean', 'double'],
  ['temperature_c_min', 'double'],
  ['temperature_c_max', 'double'],
  ['humidity_pct_mean', 'double'],
  ['humidity_pct_min', 'double'],
  ['humidity_pct_max', 'double'],
  ['ok_count', 'bigint'],
  ['nan_count', 'bigint'],
  ['range_count', 'bigint'],
  ['sentinel_count', 'bigint'],
  ['bit_shift_count', 'bigint'],
  ['minutes_high', 'bigint'],
  ['minutes_critical', 'bigint'],
  ['interval_count', 'bigint'],
  ['expected_interval_count', 'bigint'],
  ['completeness', 'double'],
];
const TRANSITION: readonly Column[] = [
  ['alert_id', 'string'],
  ['alarm_id', 'string'],
  ['sensor_id', 'string'],
  ['rule', 'string'],
  ['rule_version', 'bigint'],
  ['state', 'string'],
  ['severity', 'string'],
  ['previous_severity', 'string'],
  ['event_time', 'timestamp'],
  ['value', 'double'],
  ['threshold', 'double'],
  REVISION,
];

function raw(source: string, columns: readonly Column[]): TableDefinition {
  return {
    name: `raw_${source}`,
    description: `Every record of ${source} as it arrived, at least once; duplicates share their event_id`,
    folder: `raw/${source}`,
    format: 'parquet',
    columns: [...TIMES, EVENT_DAY, ...columns, ...PROVENANCE, OBJECT],
    partitionKeys: [ARRIVAL_DAY, ARRIVAL_HOUR],
  };
}

function curated(name: string, description: string, columns: readonly Column[]): TableDefinition {
  return {
    name: `curated_${name}`,
    description,
    folder: `curated/${name}`,
    format: 'parquet',
    columns,
    partitionKeys: GENERATION,
  };
}

function alerts(kind: string, description: string, columns: readonly Column[]): TableDefinition {
  return {
    name: `alerts_${kind}`,
    description,
    folder: `alerts/${kind}`,
    format: 'parquet',
    columns: [...columns, ['ingest_ms', 'bigint'], ...PROVENANCE, OBJECT],
    partitionKeys: [ARRIVAL_DAY],
  };
}

function quarantine(stream: string): TableDefinition {
  return {
    name: `quarantine_${stream}`,
    description: `What was refused of ${stream}, with the bytes as they came and the reason`,
    folder: `quarantine/${stream}`,
    format: 'parquet',
    columns: [
      ['raw', 'binary'],
      ['reason', 'string'],
      ['detail', 'string'],
      ['name', 'string'],
      ['partition_key', 'string'],
      ['ingest_ms', 'bigint'],
      ...PROVENANCE,
      OBJECT,
    ],
    partitionKeys: [ARRIVAL_DAY],
  };
}

export const TABLES = {
  RawTrades: raw('trades', TRADE),
  RawReadings: raw('readings', READING),
  CuratedTrades: curated('trades', 'Every trade of a day once, by generation', [...TIMES, ...TRADE, ...PROVENANCE]),
  CuratedReadings: curated('readings', 'Every reading of a day once, by generation', [...TIMES, ...READING, ...PROVENANCE]),
  CuratedDailyTradeStats: curated('daily_trade_stats', 'Figures of each symbol and day, by generation', DAILY_TRADE_STATS),
  CuratedDailySensorStats: curated('daily_sensor_stats', 'Figures of each sensor and day, by generation', DAILY_SENSOR_STATS),
  Published: {
    name: 'published',
    description: "Which generation of a day counts; day '*' is the speed side, with the first arrival day that it needs",
    folder: 'published',
    format: 'json',
    columns: [
      ['source', 'string'],
      DAY,
      ['gen', 'string'],
      REVISION,
      ['input', 'string'],
      ['rows', 'bigint'],
      ['marker', 'string'],
      ['since', 'string'],
    ],
    partitionKeys: [],
  },
  SensorLimits: {
    name: 'sensor_limits',
    description:
      'Thresholds and expected interval by pattern of sensor ids, as a generation was made with them; the first rank that matches counts',
    folder: 'reference/sensor_limits',
    format: 'json',
    columns: [
      ['rank', 'int'],
      ['pattern', 'string'],
      ['profile', 'string'],
      ['high_c', 'double'],
      ['critical_c', 'double'],
      ['expected_interval_ms', 'bigint'],
      ['day_ms', 'bigint'],
    ],
    // A query names the day and the generation: they are neither listed nor registered.
    partitionKeys: GENERATION.map((key) => ({ ...key, projection: { type: 'injected' } })),
  },
  Reconciliation: {
    name: 'reconciliation',
    description: 'Where a published day differs from the speed layer, key by key, with the reason',
    folder: 'reconciliation',
    format: 'json',
    columns: [
      ['source', 'string'],
      DAY,
      ['gen', 'string'],
      ['name', 'string'],
      ['batch_count', 'bigint'],
      ['speed_count', 'bigint'],
      ['difference', 'bigint'],
      ['explained', 'bigint'],
      ['reasons', 'string'],
      ['fields', 'string'],
    ],
    partitionKeys: [],
  },
  AlertsInstant: alerts('instant', 'Transitions of alarms, at least once; copies share their alert_id', TRANSITION),
  AlertsAvgTemp: alerts('avg_temp', 'Closed windows of sensors, at least once; copies share their alert_id', [
    ['alert_id', 'string'],
    ['sensor_id', 'string'],
    ['window_start', 'timestamp'],
    ['window_end', 'timestamp'],
    ['reading_count', 'bigint'],
    ['temperature_c_mean', 'double'],
    ['temperature_c_min', 'double'],
    ['temperature_c_max', 'double'],
    ['humidity_pct_mean', 'double'],
    ['severity', 'string'],
    REVISION,
    ['event_time', 'timestamp'],
  ]),
  QuarantineTrades: quarantine('trades'),
  QuarantineReadings: quarantine('readings'),
  QuarantineAlerts: quarantine('alerts'),
} as const satisfies Record<string, TableDefinition>;

export const VIEWS = {
  PublishedLines: {
    name: 'published_lines',
    description: 'What counts of each source: a line a published day, and one a day of the month for all other days',
    columns: [
      ['source', 'string'],
      ['side_day', 'string'],
      ['side_gen', 'string'],
      REVISION,
      ['since', 'date'],
      ['published_days', 'array<string>'],
    ],
  },
  Trades: {
    name: 'trades',
    description: 'Every trade once, batch and speed',
    columns: [...TIMES, EVENT_DAY, ...TRADE, LAYER, REVISION],
  },
  Readings: {
    name: 'readings',
    description: 'Every reading once, batch and speed',
    columns: [...TIMES, EVENT_DAY, ...READING, LAYER, REVISION],
  },
  DailyTradeStats: {
    name: 'daily_trade_stats',
    description: 'Figures of each symbol and day, batch and speed',
    columns: [DAY, ...DAILY_TRADE_STATS, LAYER, REVISION],
  },
  DailySensorStats: {
    name: 'daily_sensor_stats',
    description: 'Figures of each sensor and day, batch and speed',
    columns: [DAY, ...DAILY_SENSOR_STATS, LAYER, REVISION],
  },
  SpeedTable: {
    name: 'speed_table',
    description: 'Every trade with its change from the trade before it',
    columns: [
      ['event_id', 'string'],
      ['event_time', 'timestamp'],
      ['ingest_time', 'timestamp'],
      EVENT_DAY,
      ['symbol', 'string'],
      ['price', 'double'],
      ['size', 'double'],
      ['absolute_price_change', 'double'],
      ['percentage_change', 'double'],
      LAYER,
    ],
  },
  LatestReadings: {
    name: 'latest_readings',
    description: 'The newest reading of each sensor, and its severity',
    columns: [
      ['sensor_id', 'string'],
      ['event_id', 'string'],
      ['event_time', 'timestamp'],
      ['ingest_time', 'timestamp'],
      EVENT_DAY,
      ['temperature_c', 'double'],
      ['humidity_pct', 'double'],
      ['quality', 'string'],
      ['severity', 'string'],
      LAYER,
    ],
  },
  AlertsBySeverity: {
    name: 'alerts_by_severity',
    description: 'Transitions of alarms, each once, worst first, then newest',
    columns: [...TRANSITION, ['severity_rank', 'int']],
  },
} as const satisfies Record<string, ViewDefinition>;

/** What the API asks, by name: its text is sql/<name>.sql with hyphens. */
export const PREPARED_STATEMENTS = {
  TradeHistory: { name: 'trade_history', description: "A page of a symbol's trades" },
  ReadingHistory: { name: 'reading_history', description: "A page of a sensor's readings" },
} as const;
