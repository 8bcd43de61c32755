/** The end of a simulation: what the devices did, and whether the pipeline says the same. */
import type { Fault } from '../../device-sim/faults.ts';
import { FAULTS } from '../../device-sim/faults.ts';
import { type DeviceLedger, type ExpectedCounters, totalOf } from '../../device-sim/ledger.ts';
import type { KeyCounters } from '../shared/summary.ts';
import { summarize } from '../shared/summary.ts';

type Compared = Pick<ExpectedCounters, 'received' | 'applied' | 'duplicate' | 'quarantined' | 'quality'> & { readonly late: number };

/** A device of which ledger and pipeline do not say the same. */
export interface Difference {
  readonly device: string;
  readonly expected: Compared;
  readonly found: Compared;
}

export interface Account {
  readonly faults: Partial<Record<Fault, number>>;
  readonly expected: ExpectedCounters;
  /** Messages that nobody acknowledged: what became of their readings is not known. */
  readonly unacknowledged: number;
  /** null when there was no pipeline to ask. */
  readonly differences: readonly Difference[] | null;
  readonly devices: readonly DeviceLedger[];
}

/** Holds ledgers against the counters of the same devices, in the same order. */
export function differencesOf(ledgers: readonly DeviceLedger[], counters: readonly KeyCounters[]): Difference[] {
  return ledgers.flatMap((ledger, index) => {
    const { received, applied, duplicate, late, quarantined, quality } = summarize([counters[index]!], 0);
    const found = { received, applied, duplicate, late, quarantined, quality };
    const expected = { ...ledger.counters, late: sum(ledger.counters.late) };
    return canonical(found) === canonical(expected) ? [] : [{ device: ledger.device, expected, found }];
  });
}

export function accountOf(ledgers: readonly DeviceLedger[], unacknowledged: number, differences: readonly Difference[] | null): Account {
  return { ...totalOf(ledgers), unacknowledged, differences, devices: ledgers };
}

/** Why the account is not in order, for a person; undefined when it is. */
export function complaintOf({ unacknowledged, differences }: Account): string | undefined {
  const [first] = differences ?? [];
  if (first) {
    return `ledger and pipeline differ for ${differences?.length} devices; ${first.device}: expected ${JSON.stringify(first.expected)}, found ${JSON.stringify(first.found)}; ${unacknowledged} messages were not acknowledged`;
  }
  return unacknowledged > 0 ? `${unacknowledged} messages were not acknowledged` : undefined;
}

/** The account of the whole fleet as a small table. */
export function tableOf({ faults, expected, differences, devices }: Account): string {
  const transitions = devices.reduce((total, ledger) => total + ledger.transitions.length, 0);
  const rows: [string, string][] = [
    ['devices', count(devices.length)],
    ['readings sent', count(expected.received)],
    ['  applied', count(expected.applied)],
    ['  duplicate', count(expected.duplicate)],
    ['  late', count(sum(expected.late))],
    ['  quarantined', count(sum(expected.quarantined))],
    ...named(expected.quarantined),
    ['quality', ''],
    ...named(expected.quality),
    ['alarm transitions', count(transitions)],
    ['faults', ''],
    ...FAULTS.flatMap((fault): [string, string][] => (faults[fault] ? [[`  ${fault}`, count(faults[fault])]] : [])),
  ];
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}`.trimEnd());
  if (differences?.length === 0) lines.push('the pipeline counted the same for every device');
  return lines.join('\n');
}

function named(counts: Readonly<Record<string, number>>): [string, string][] {
  return Object.entries(counts)
    .sort()
    .map(([name, value]) => [`    ${name}`, count(value)]);
}

/** Text that is equal for equal counters, whatever the order of their names. */
function canonical(counters: Compared): string {
  const entries = Object.entries(counters).map(([name, value]) => [name, typeof value === 'number' ? value : Object.entries(value).sort()]);
  return JSON.stringify(entries.sort());
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, value) => total + value, 0);
}
