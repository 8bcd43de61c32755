/** Rows of a query beside what they must be: counts and texts exactly, other numbers to 1e-9 of their size, times as ISO 8601. */
import { DuckDBTimestampValue } from '@duckdb/node-api';
import { expect } from 'vitest';
import type { LakeRow } from './duckdb-lake.ts';

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / 1_000n)).toISOString();
  return value;
}

/** A row with numbers for counts and texts for times. */
export function plainRow(row: LakeRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

/** Holds the fields that are expected; fractions may differ by 1e-9 of their size. */
export function expectFigures(row: LakeRow | undefined, expected: Readonly<Record<string, unknown>>): void {
  const found = plainRow(row ?? {});
  const compared = Object.fromEntries(
    Object.entries(expected).map(([name, value]) => {
      const given = found[name];
      const isClose =
        typeof value === 'number' &&
        typeof given === 'number' &&
        !Number.isInteger(value) &&
        Math.abs(given - value) <= 1e-9 * Math.abs(value);
      return [name, isClose ? value : given];
    }),
  );
  expect(compared).toEqual(expected);
}
