/** Parquet tables of what was refused, one a stream, with the bytes as they came. */
import type { Refusal } from '#domain/events.ts';
import type { LakeTable } from './lake-object.ts';
import { PROVENANCE_COLUMNS } from './source-tables.ts';

/** One refusal of a record; a record may have many. */
export interface Quarantined {
  readonly refusal: Refusal;
  /**
   * The record's bytes with its first refusal, null with each further one, which finds them by lane and position: one
   * record of 256 KiB may hold 80,000 refused elements.
   */
  readonly raw: Uint8Array | null;
}

export function quarantineTable(stream: string): LakeTable<Quarantined> {
  return {
    stream,
    folder: `quarantine/${stream}`,
    partition: 'day',
    eventDay: () => null,
    columns: [
      { name: 'raw', type: 'BYTE_ARRAY', nullable: true, of: ({ value }) => value.raw },
      { name: 'reason', type: 'STRING', nullable: false, of: ({ value }) => value.refusal.reason },
      { name: 'detail', type: 'STRING', nullable: false, of: ({ value }) => value.refusal.detail },
      { name: 'name', type: 'STRING', nullable: false, of: ({ value }) => value.refusal.name },
      { name: 'partition_key', type: 'STRING', nullable: false, of: ({ record }) => record.key },
      { name: 'ingest_ms', type: 'INT64', nullable: false, of: ({ record }) => record.arrivalMs },
      ...PROVENANCE_COLUMNS,
    ],
  };
}
