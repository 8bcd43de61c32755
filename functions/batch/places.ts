/** Where a generation lies: a folder of its own in each curated table, and what it was made of and with. */
import type { DayGeneration } from '#adapters/day-rows.ts';
import type { SourceName } from '#domain/settings.ts';

export interface CuratedTables {
  /** Every event once. */
  readonly events: string;
  /** One row a key. */
  readonly daily: string;
}

export const CURATED_TABLES: Readonly<Record<SourceName, CuratedTables>> = {
  trades: { events: 'curated_trades', daily: 'curated_daily_trade_stats' },
  readings: { events: 'curated_readings', daily: 'curated_daily_sensor_stats' },
};

/** The folder of a generation in a curated table. */
export function curatedPrefix(table: string, { day, gen }: DayGeneration): string {
  return `curated/${table.replace(/^curated_/, '')}/day=${day}/gen=${gen}/`;
}

/** The objects that a generation was made of, with their rows. */
export function inputKey(generation: DayGeneration): string {
  return `${inputPrefix(generation)}objects.jsonl`;
}

/** The limits of sensors that its daily figures were made with. */
export function limitsKey(generation: DayGeneration): string {
  return `${limitsPrefix(generation)}limits.jsonl`;
}

/** Everything that goes with a generation when it is removed. */
export function prefixesOf(generation: DayGeneration): string[] {
  const { events, daily } = CURATED_TABLES[generation.source];
  const own = [curatedPrefix(daily, generation), curatedPrefix(events, generation), inputPrefix(generation)];
  return generation.source === 'readings' ? [...own, limitsPrefix(generation)] : own;
}

/** What reconciliation found of a generation; it stays when the generation goes. */
export function reconciliationKey({ source, day, gen }: DayGeneration): string {
  return `reconciliation/source=${source}/day=${day}/${gen}.json`;
}

function inputPrefix({ source, day, gen }: DayGeneration): string {
  return `curated/inputs/${source}/day=${day}/gen=${gen}/`;
}

function limitsPrefix({ day, gen }: DayGeneration): string {
  return `reference/sensor_limits/day=${day}/gen=${gen}/`;
}
