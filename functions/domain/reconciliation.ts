/**
 * A day of the batch against the final day of the speed layer, key by key. Both count the same events but for those that came too late
 * for the speed layer, which its late ledger names with their reason: what no reason explains is an error of one of the layers.
 */
import type { Row } from './rows.ts';
import type { SourceName } from './settings.ts';

/** The speed layer's late ledger of a key and day: reason → events. */
export type LateLedger = Readonly<Record<string, number>>;

export interface KeyDays {
  /** Symbol or sensor id. */
  readonly key: string;
  /** The row of the daily table; null when the batch has none. */
  readonly batch: Row | null;
  /** The same day of the speed layer, with the same names; null when it has none. */
  readonly speed: Row | null;
  readonly late: LateLedger;
}

/** A field whose values differ. */
export interface FieldDifference {
  readonly field: string;
  readonly batch: number | string | null;
  readonly speed: number | string | null;
}

/** A key in which the layers differ. */
export interface KeyDifference {
  readonly name: string;
  readonly batchCount: number;
  readonly speedCount: number;
  /** Events that one layer counts and the other does not. */
  readonly difference: number;
  /** Of these, how many have a reason. */
  readonly explained: number;
  /** Reason → events, that add up to the difference; `UNEXPLAINED_VALUE` where both count the same and yet differ. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly fields: readonly FieldDifference[];
}

export interface Reconciliation {
  /** Keys that either layer has the day of. */
  readonly keys: number;
  readonly differing: number;
  /** Sums of those of the keys. */
  readonly difference: number;
  readonly explained: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Keys with a difference, in count or in value, of which no reason is known. */
  readonly unexplainedKeys: number;
  readonly differences: readonly KeyDifference[];
}

/** Events that differ without a reason. */
const UNEXPLAINED = 'UNEXPLAINED';
const UNEXPLAINED_VALUE = 'UNEXPLAINED_VALUE';
/** The order in which the ledger's reasons are used up, when it holds more than the difference: copies and price updates are in it too. */
const LATE_REASONS = ['LATENESS', 'GAP_GIVEN_UP', 'SESSION_RETIRED'];
/** Sums are compensated in one layer and decimal in the other. */
const RELATIVE_TOLERANCE = 1e-9;

interface Fields {
  readonly count: string;
  readonly exact: readonly string[];
  /** Sums, and what is made of them. */
  readonly summed: readonly string[];
}

const FIELDS: Readonly<Record<SourceName, Fields>> = {
  trades: {
    count: 'trade_count',
    exact: ['min_price', 'max_price', 'open_price', 'close_price', 'first_event_time', 'last_event_time'],
    summed: ['volume', 'vwap'],
  },
  readings: {
    count: 'reading_count',
    exact: ['temperature_c_min', 'temperature_c_max', 'humidity_pct_min', 'humidity_pct_max'],
    summed: ['temperature_c_mean', 'humidity_pct_mean'],
  },
};

export function reconcile(source: SourceName, days: Iterable<KeyDays>): Reconciliation {
  const differences: KeyDifference[] = [];
  const reasons: Record<string, number> = {};
  let keys = 0;
  for (const day of days) {
    if (day.batch === null && day.speed === null) continue;
    keys++;
    const found = differenceOf(FIELDS[source], day);
    if (found === null) continue;
    differences.push(found);
    for (const [reason, events] of Object.entries(found.reasons)) reasons[reason] = (reasons[reason] ?? 0) + events;
  }
  const sum = (of: (each: KeyDifference) => number) => differences.reduce((total, each) => total + of(each), 0);
  return {
    keys,
    differing: differences.length,
    difference: sum(({ difference }) => difference),
    explained: sum(({ explained }) => explained),
    reasons,
    unexplainedKeys: differences.filter((each) => UNEXPLAINED in each.reasons || UNEXPLAINED_VALUE in each.reasons).length,
    differences,
  };
}

/** Null when the layers agree. Where one layer counts more events, its other figures are of more events too. */
function differenceOf({ count, exact, summed }: Fields, { key, batch, speed, late }: KeyDays): KeyDifference | null {
  const batchCount = Number(batch?.[count] ?? 0);
  const speedCount = Number(speed?.[count] ?? 0);
  const fields = [
    ...exact.filter((field) => valueIn(batch, field) !== valueIn(speed, field)),
    ...summed.filter((field) => !isClose(valueIn(batch, field), valueIn(speed, field))),
  ].map((field) => ({ field, batch: valueIn(batch, field), speed: valueIn(speed, field) }));
  const difference = Math.abs(batchCount - speedCount);
  if (difference === 0 && fields.length === 0) return null;
  const reasons = difference === 0 ? { [UNEXPLAINED_VALUE]: 1 } : reasonsOf(batchCount - speedCount, late);
  return { name: key, batchCount, speedCount, difference, explained: difference - (reasons[UNEXPLAINED] ?? 0), reasons, fields };
}

/** Late events are missing in the speed layer: they explain nothing that the batch does not count. */
function reasonsOf(events: number, late: LateLedger): Record<string, number> {
  const reasons: Record<string, number> = {};
  let open = events;
  for (const reason of events > 0 ? LATE_REASONS : []) {
    const used = Math.min(open, late[reason] ?? 0);
    if (used > 0) reasons[reason] = used;
    open -= used;
  }
  if (open !== 0) reasons[UNEXPLAINED] = Math.abs(open);
  return reasons;
}

function valueIn(row: Row | null, field: string): number | string | null {
  return (row?.[field] ?? null) as number | string | null;
}

function isClose(a: number | string | null, b: number | string | null): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}
