/** The daily rows of a generation, as Athena wrote them → as the API and reconciliation take them. */
import type { DayGeneration } from '#adapters/day-rows.ts';
import type { LakeFiles } from '#adapters/lake-files.ts';
import type { ParquetRow } from '#adapters/parquet-reader.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import { CURATED_TABLES, curatedPrefix } from './places.ts';

const NAME_COLUMN: Readonly<Record<SourceName, string>> = { trades: 'symbol', readings: 'sensor_id' };

/** Symbol or sensor id → its row, times as ISO 8601. */
export async function dailyRows(files: LakeFiles, generation: DayGeneration): Promise<Map<string, Row>> {
  const { source } = generation;
  const rows = await files.rows(curatedPrefix(CURATED_TABLES[source].daily, generation));
  return new Map(rows.map((row) => [String(row[NAME_COLUMN[source]]), withIsoTimes(row)]));
}

function withIsoTimes(row: ParquetRow): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]));
}
