/** The alarms a fleet must have caused beside those the pipeline decided. */
import type { ExpectedTransition } from '../../device-sim/expected-alarms.ts';
import type { DeviceLedger } from '../../device-sim/ledger.ts';

/** A transition of a device that only one of the two sides has. */
export interface StrayTransition extends ExpectedTransition {
  readonly device: string;
}

export interface AlarmAccount {
  /** Transitions that both sides have, by rule. */
  readonly agreed: Readonly<Record<ExpectedTransition['rule'], number>>;
  /** Must have been decided, and were not. */
  readonly missed: readonly StrayTransition[];
  /** Were decided without a cause. */
  readonly phantom: readonly StrayTransition[];
  /** Devices of which nothing is said: the pipeline knew them before. */
  readonly known_before: number;
  /** Devices of which the average rule is left out: they were silent for as long as closes windows, and went on. When it closed them nobody outside can tell. */
  readonly silent: number;
}

export interface AlarmComparison {
  readonly ledgers: readonly DeviceLedger[];
  readonly transitions: ReadonlyMap<string, readonly ExpectedTransition[]>;
  readonly isKnownBefore: (device: string) => boolean;
  /** When the transitions were read, ms since the epoch. */
  readonly readMs: number;
}

const RULES = ['temperature-instant', 'temperature-average'] as const;
/** A mean is summed up in another way on either side. */
const VALUE_TOLERANCE = 1e-9;

export function alarmAccountOf({ ledgers, transitions, isKnownBefore, readMs }: AlarmComparison): AlarmAccount {
  const agreed = { 'temperature-instant': 0, 'temperature-average': 0 };
  const missed: StrayTransition[] = [];
  const phantom: StrayTransition[] = [];
  let knownBefore = 0;
  let silent = 0;
  for (const ledger of ledgers) {
    const { device, alarms } = ledger;
    if (isKnownBefore(device)) {
      knownBefore++;
      continue;
    }
    if (ledger.wasSilent) silent++;
    // By now the last window may have been closed by silence, or not.
    const perhaps = ledger.isSilent(readMs) ? alarms.silence() : [];
    for (const rule of ledger.wasSilent ? RULES.slice(0, 1) : RULES) {
      const ofRule = (all: readonly ExpectedTransition[]) => all.filter((each) => each.rule === rule);
      const found = ofRule(transitions.get(device) ?? []);
      const unexplained = [...found];
      const isFound = (expected: ExpectedTransition) => {
        const index = unexplained.findIndex((each) => isSame(each, expected));
        if (index >= 0) unexplained.splice(index, 1);
        return index >= 0;
      };
      for (const expected of ofRule(alarms.transitions)) {
        if (isFound(expected)) agreed[rule]++;
        else missed.push({ device, ...expected });
      }
      ofRule(perhaps).forEach(isFound);
      phantom.push(...unexplained.map((each) => ({ device, ...each })));
    }
  }
  return { agreed, missed, phantom, known_before: knownBefore, silent };
}

function isSame(a: ExpectedTransition, b: ExpectedTransition): boolean {
  return a.atMs === b.atMs && a.severity === b.severity && Math.abs(a.value - b.value) <= VALUE_TOLERANCE * Math.abs(b.value);
}

/** A stray transition for a person. */
export function strayText({ device, rule, atMs, severity, value }: StrayTransition): string {
  return `${device} ${rule} ${severity} at ${new Date(atMs).toISOString()} (${value} °C)`;
}
