/** What became of the replayed rows: the difference of the counters of the keys they belong to. */
import type { Counters } from '#domain/key-state.ts';

/** Field names as they are printed. */
export interface Summary {
  readonly received: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly quality: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly events_per_second: number;
}

/** Counters of one key before and after; undefined where the key was not known. */
export interface KeyCounters {
  readonly before: Counters | undefined;
  readonly after: Counters | undefined;
}

/** Sums up the differences of all keys. Reasons and verdicts without a difference are left out. */
export function summarize(keys: readonly KeyCounters[], elapsedMs: number): Summary {
  const total = (of: (counters: Counters) => number) =>
    keys.reduce((sum, { before, after }) => sum + (after ? of(after) : 0) - (before ? of(before) : 0), 0);
  const totals = (of: (counters: Counters) => Readonly<Record<string, number>>) => {
    const names = new Set(keys.flatMap(({ after }) => (after ? Object.keys(of(after)) : [])));
    const entries = [...names].sort().map((name) => [name, total((counters) => of(counters)[name] ?? 0)] as const);
    return Object.fromEntries(entries.filter(([, count]) => count !== 0));
  };
  const received = total((counters) => counters.received);
  const seconds = Math.round(elapsedMs) / 1000;
  return {
    received,
    applied: total((counters) => counters.applied),
    duplicate: total((counters) => counters.duplicate),
    late: total((counters) => sum(counters.late)),
    quarantined: totals((counters) => counters.quarantined),
    quality: totals((counters) => counters.quality),
    seconds,
    events_per_second: elapsedMs > 0 ? Math.round((received / elapsedMs) * 1000) : 0,
  };
}

/** Why the summary does not account for every row sent, for a person; undefined when it does. */
export function discrepancyOf(summary: Summary, sent: number): string | undefined {
  const { received, applied, duplicate, late, quarantined } = summary;
  const refused = sum(quarantined);
  if (received !== applied + duplicate + late + refused) {
    return `the sum does not close: ${received} received, but ${applied} applied + ${duplicate} duplicate + ${late} late + ${refused} quarantined`;
  }
  if (received !== sent) return `${sent} rows were sent and ${received} received; does something else write to the same keys?`;
  return undefined;
}

/** The summary as a small table. */
export function tableOf(summary: Summary): string {
  const rows: [string, string][] = [
    ['received', count(summary.received)],
    ['applied', count(summary.applied)],
    ['duplicate', count(summary.duplicate)],
    ['late', count(summary.late)],
    ['quarantined', count(sum(summary.quarantined))],
    ...Object.entries(summary.quarantined).map(([reason, number]): [string, string] => [`  ${reason}`, count(number)]),
    ['quality', ''],
    ...Object.entries(summary.quality).map(([verdict, number]): [string, string] => [`  ${verdict}`, count(number)]),
    ['seconds', summary.seconds.toFixed(1)],
    ['events per second', count(summary.events_per_second)],
  ];
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}`.trimEnd()).join('\n');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, number) => total + number, 0);
}
