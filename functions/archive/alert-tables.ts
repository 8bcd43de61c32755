/** Parquet tables of the alerts: transitions (`instant`) and closed windows (`avg_temp`), by the day they arrived. */
import type { ColumnType } from '#adapters/parquet-writer.ts';
import { eventDay } from '#domain/calendar.ts';
import { ALERT_FIELDS, type Alert, type AlertKind, type FieldKind } from './alert-record.ts';
import type { LakeTable } from './lake-object.ts';
import { PROVENANCE_COLUMNS } from './source-tables.ts';

const TYPES = {
  text: 'STRING',
  count: 'INT64',
  number: 'DOUBLE',
  'number or null': 'DOUBLE',
  time: 'TIMESTAMP',
} as const satisfies Record<FieldKind, ColumnType>;

export function alertTable(kind: AlertKind): LakeTable<Alert> {
  return {
    stream: 'alerts',
    folder: `alerts/${kind}`,
    partition: 'day',
    eventDay: ({ fields }) => eventDay('UTC', fields['event_time'] as number),
    columns: [
      ...Object.entries<FieldKind>(ALERT_FIELDS[kind]).map(([name, expected]) => ({
        name,
        type: TYPES[expected],
        nullable: expected === 'number or null',
        of: ({ value }: { value: Alert }) => value.fields[name] ?? null,
        ...(name === 'alert_id' && { distinct: true, statistics: false }),
      })),
      { name: 'ingest_ms', type: 'INT64', nullable: false, of: ({ record }) => record.arrivalMs },
      ...PROVENANCE_COLUMNS,
    ],
  };
}
