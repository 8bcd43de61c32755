/** Parquet tables of the two sources: what the Glue tables `raw_trades` and `raw_readings` read. */
import type { ParquetColumn } from '#adapters/parquet-writer.ts';
import { eventDay } from '#domain/calendar.ts';
import type { Reading, Trade } from '#domain/events.ts';
import { qualityOf } from '#domain/quality.ts';
import { profileOf, type Settings, zoneOf } from '#domain/settings.ts';
import type { Entry, LakeTable } from './lake-object.ts';

type Event = Trade | Reading;

/** Columns that begin each raw table: identity and both times. The `_ms` twins keep statistics where an engine's own timestamps have none. */
function leadingColumns<E extends Event>(day: (event: E) => string): ParquetColumn<Entry<E>>[] {
  return [
    { name: 'event_id', type: 'STRING', nullable: false, of: ({ value }) => value.eventId, distinct: true, statistics: false },
    { name: 'event_ms', type: 'INT64', nullable: false, of: ({ value }) => value.eventMs },
    { name: 'event_time', type: 'TIMESTAMP', nullable: false, of: ({ value }) => value.eventMs },
    { name: 'ingest_ms', type: 'INT64', nullable: false, of: ({ record }) => record.arrivalMs },
    { name: 'ingest_time', type: 'TIMESTAMP', nullable: false, of: ({ record }) => record.arrivalMs },
    { name: 'event_day', type: 'STRING', nullable: false, of: ({ value }) => day(value) },
  ];
}

/** Columns that end each table, before the object: where exactly a row came from. */
export const PROVENANCE_COLUMNS: readonly ParquetColumn<Entry<unknown>>[] = [
  { name: 'lane', type: 'STRING', nullable: false, of: ({ record }) => record.lane },
  { name: 'position', type: 'STRING', nullable: false, of: ({ record }) => record.position, distinct: true, statistics: false },
];

export function tradesTable(settings: Settings): LakeTable<Trade> {
  const day = (trade: Trade) => eventDay(zoneOf('trades', trade.symbol, settings), trade.eventMs);
  return {
    stream: 'trades',
    folder: 'raw/trades',
    partition: 'hour',
    eventDay: day,
    columns: [
      ...leadingColumns(day),
      { name: 'symbol', type: 'STRING', nullable: false, of: ({ value }) => value.symbol },
      { name: 'price', type: 'DOUBLE', nullable: false, of: ({ value }) => value.price },
      { name: 'size', type: 'DOUBLE', nullable: false, of: ({ value }) => value.size },
      { name: 'conditions', type: 'STRING', nullable: true, of: ({ value }) => value.conditions?.join(',') ?? null, statistics: false },
      { name: 'quality', type: 'STRING', nullable: false, of: ({ value }) => (value.size === 0 ? 'PRICE_UPDATE' : 'OK') },
      ...PROVENANCE_COLUMNS,
    ],
  };
}

export function readingsTable(settings: Settings): LakeTable<Reading> {
  const day = (reading: Reading) => eventDay(zoneOf('readings', reading.sensorId, settings), reading.eventMs);
  return {
    stream: 'readings',
    folder: 'raw/readings',
    partition: 'hour',
    eventDay: day,
    columns: [
      ...leadingColumns(day),
      { name: 'sensor_id', type: 'STRING', nullable: false, of: ({ value }) => value.sensorId },
      { name: 'temperature_c', type: 'DOUBLE', nullable: true, of: ({ value }) => value.temperatureC },
      { name: 'humidity_pct', type: 'DOUBLE', nullable: true, of: ({ value }) => value.humidityPct ?? null },
      { name: 'quality', type: 'STRING', nullable: false, of: ({ value }) => qualityOf(value, profileOf(value.sensorId, settings)) },
      { name: 'boot', type: 'STRING', nullable: true, of: ({ value }) => value.numbered?.boot ?? null, statistics: false },
      { name: 'seq', type: 'INT64', nullable: true, of: ({ value }) => value.numbered?.seq ?? null, statistics: false },
      ...PROVENANCE_COLUMNS,
    ],
  };
}
