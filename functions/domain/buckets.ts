/** The buckets of a key's counters as plain numbers: received = applied + duplicate + late + quarantined. */
import type { Counters } from './key-state.ts';

export const BUCKETS = ['received', 'applied', 'duplicate', 'late', 'quarantined'] as const;
export type Buckets = Record<(typeof BUCKETS)[number], number>;

export function noBuckets(): Buckets {
  return { received: 0, applied: 0, duplicate: 0, late: 0, quarantined: 0 };
}

export function bucketsOf({ received, applied, duplicate, late, quarantined }: Counters): Buckets {
  return { received, applied, duplicate, late: totalOf(late), quarantined: totalOf(quarantined) };
}

/** Adds to `into` what came between two states of the same counters. */
export function addDifference(into: Buckets, before: Buckets, after: Buckets): void {
  for (const bucket of BUCKETS) into[bucket] += after[bucket] - before[bucket];
}

function totalOf(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((total, count) => total + count, 0);
}
