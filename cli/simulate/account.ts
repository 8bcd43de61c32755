/** The end of a simulation: what the devices did, and whether the pipeline says the same. */
import type { Fault } from '../../device-sim/faults.ts';
import { FAULTS } from '../../device-sim/faults.ts';
import { type DeviceLedger, type ExpectedCounters, totalOf } from '../../device-sim/ledger.ts';
import type { KeyCounters } from '../shared/summary.ts';
import { summarize } from '../shared/summary.ts';
import { type AlarmAccount, strayText } from './alarm-account.ts';

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
  /** Both null when there was no pipeline to ask. */
  readonly differences: readonly Difference[] | null;
  readonly alarms: AlarmAccount | null;
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

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly alarms: AlarmAccount;
}

/** @param comparison null when there was no pipeline to ask */
export function accountOf(ledgers: readonly DeviceLedger[], unacknowledged: number, comparison: Comparison | null): Account {
  const { differences, alarms } = comparison ?? { differences: null, alarms: null };
  return { ...totalOf(ledgers), unacknowledged, differences, alarms, devices: ledgers };
}

const MAX_NAMED = 5;

/** Why the account is not in order, for a person; undefined when it is. */
export function complaintOf({ unacknowledged, differences, alarms }: Account): string | undefined {
  const complaints: string[] = [];
  const [first] = differences ?? [];
  if (first) {
    complaints.push(
      `ledger and pipeline differ for ${differences?.length} devices; ${first.device}: expected ${JSON.stringify(first.expected)}, found ${JSON.stringify(first.found)}`,
    );
  }
  for (const kind of ['missed', 'phantom'] as const) {
    const strays = alarms?.[kind] ?? [];
    const more = strays.length > MAX_NAMED ? ` and ${strays.length - MAX_NAMED} more` : '';
    if (strays.length > 0)
      complaints.push(`${strays.length} ${kind} alarms: ${strays.slice(0, MAX_NAMED).map(strayText).join(', ')}${more}`);
  }
  if (unacknowledged > 0) complaints.push(`${unacknowledged} messages were not acknowledged`);
  return complaints.length > 0 ? complaints.join('; ') : undefined;
}

/** The account of the whole fleet as a small table. */
export function tableOf({ faults, expected, differences, alarms, devices }: Account): string {
  const transitions = devices.flatMap((ledger) => ledger.alarms.transitions);
  const transitionsOf = (rule: string) => count(transitions.filter((transition) => transition.rule === rule).length);
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
    ['alarm transitions', count(transitions.length)],
    ['  temperature-instant', transitionsOf('temperature-instant')],
    ['  temperature-average', transitionsOf('temperature-average')],
    ['faults', ''],
    ...FAULTS.flatMap((fault): [string, string][] => (faults[fault] ? [[`  ${fault}`, count(faults[fault])]] : [])),
  ];
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}`.trimEnd());
  if (differences?.length === 0) lines.push('the pipeline counted the same for every device');
  if (alarms) lines.push(...alarmLines(alarms));
  return lines.join('\n');
}

function alarmLines({ agreed, missed, phantom, known_before, silent }: AlarmAccount): string[] {
  const sum = agreed['temperature-instant'] + agreed['temperature-average'];
  const lines = [`alarms: ${count(missed.length)} missed, ${count(phantom.length)} phantom, ${count(sum)} as they must be`];
  if (known_before > 0)
    lines.push(`  not compared: ${count(known_before)} devices that the pipeline knew before (another --prefix gives new ones)`);
  if (silent > 0) lines.push(`  averages not compared: ${count(silent)} devices that were silent for about ten minutes`);
  return lines;
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
