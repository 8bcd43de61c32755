import { describe, expect, it } from 'vitest';
import { accountOf, complaintOf, tableOf } from '../../../cli/simulate/account.ts';
import { alarmAccountOf } from '../../../cli/simulate/alarm-account.ts';
import type { ExpectedTransition } from '../../../device-sim/expected-alarms.ts';
import { DeviceLedger, DHT22_EXPECTATIONS, type Sample } from '../../../device-sim/ledger.ts';

const START_MS = Date.UTC(2026, 5, 1, 8);
const MINUTE_MS = 60_000;

/** A sensor that shows these temperatures, one a minute. */
function ledgerOf(temperatures: readonly number[]): DeviceLedger {
  const ledger = new DeviceLedger('d', DHT22_EXPECTATIONS);
  for (const [index, temperature] of temperatures.entries()) {
    const eventMs = START_MS + index * MINUTE_MS;
    const sample: Sample = { eventMs, temperature, humidity: 50, seq: index, boot: 'b', verdict: 'OK', faults: [] };
    ledger.sent(sample, eventMs);
  }
  return ledger;
}

/** Six minutes of heat: HIGH at once; the mean of the first window, 32 °C, is known when the second one is 30 s old. */
const HOT = [20, 35, 35, 35, 35, 35, 29.6, 29.4];
const instant = (minute: number, severity: ExpectedTransition['severity'], value: number): ExpectedTransition => ({
  rule: 'temperature-instant',
  atMs: START_MS + minute * MINUTE_MS,
  severity,
  value,
});
const MUST: readonly [ExpectedTransition, ExpectedTransition, ExpectedTransition, ExpectedTransition] = [
  instant(1, 'CRITICAL', 35),
  instant(6, 'HIGH', 29.6),
  instant(7, 'NORMAL', 29.4),
  { rule: 'temperature-average', atMs: START_MS + 5 * MINUTE_MS, severity: 'HIGH', value: 32 },
];

function compare(ledger: DeviceLedger, found: readonly ExpectedTransition[], readMs = START_MS + 8 * MINUTE_MS, known = false) {
  return alarmAccountOf({ ledgers: [ledger], transitions: new Map([['d', found]]), isKnownBefore: () => known, readMs });
}

describe('The alarms of a simulation', () => {
  it('follow from what was sent: each reading by itself, and the mean of each window that is over', () => {
    expect(compare(ledgerOf(HOT), MUST)).toEqual({
      agreed: { 'temperature-instant': 3, 'temperature-average': 1 },
      missed: [],
      phantom: [],
      known_before: 0,
      silent: 0,
    });
  });

  it.each([0, 1, 2, 3])('are missed by name when the pipeline lacks one (%i)', (index) => {
    const account = compare(ledgerOf(HOT), MUST.toSpliced(index, 1));
    expect(account).toMatchObject({ missed: [{ device: 'd', ...MUST[index] }], phantom: [] });
  });

  it.each([
    ['twice', [...MUST, MUST[0]], MUST[0]],
    ['at another time', [...MUST.slice(0, 3), { ...MUST[3], atMs: MUST[3].atMs + 1 }], { ...MUST[3], atMs: MUST[3].atMs + 1 }],
    ['of another mean', [...MUST.slice(0, 3), { ...MUST[3], value: 32.000001 }], { ...MUST[3], value: 32.000001 }],
  ])('are phantoms by name when the pipeline has one %s', (_how, found, phantom) => {
    expect(compare(ledgerOf(HOT), found).phantom).toEqual([{ device: 'd', ...phantom }]);
  });

  it('may come from a last window that silence closed, ten minutes after the last reading and not before', () => {
    const closed = { rule: 'temperature-average', atMs: START_MS + 5 * MINUTE_MS, severity: 'HIGH', value: 32 } as const;
    const found = [MUST[0], closed];
    // Nothing was heard after the fifth minute: its window is not over by event time.
    const early = compare(ledgerOf(HOT.slice(0, 5)), found, START_MS + 10 * MINUTE_MS);
    expect(early.phantom).toEqual([{ device: 'd', ...closed }]);
    expect(compare(ledgerOf(HOT.slice(0, 5)), found, START_MS + 16 * MINUTE_MS)).toMatchObject({ phantom: [], missed: [] });
    expect(compare(ledgerOf(HOT.slice(0, 5)), [MUST[0]], START_MS + 16 * MINUTE_MS)).toMatchObject({ phantom: [], missed: [] });
  });

  it('are not judged where nobody can: of a sensor known before, and the averages of one that was silent and came back', () => {
    expect(compare(ledgerOf(HOT), [], undefined, true)).toMatchObject({ missed: [], known_before: 1 });
    const ledger = ledgerOf(HOT.slice(0, 5));
    const eventMs = START_MS + 15 * MINUTE_MS;
    ledger.sent({ eventMs, temperature: 36, humidity: 50, seq: 5, boot: 'b', verdict: 'OK', faults: [] }, eventMs);
    expect(compare(ledger, [MUST[0]])).toMatchObject({
      agreed: { 'temperature-instant': 1, 'temperature-average': 0 },
      missed: [],
      silent: 1,
    });
  });

  it('stand in the account, and those missed or invented are complained of', () => {
    const ledger = ledgerOf(HOT);
    const good = accountOf([ledger], 0, { differences: [], alarms: compare(ledgerOf(HOT), MUST) });
    expect(complaintOf(good)).toBeUndefined();
    expect(tableOf(good)).toContain('alarms: 0 missed, 0 phantom, 4 as they must be');
    const bad = accountOf([ledger], 0, { differences: [], alarms: compare(ledgerOf(HOT), [...MUST.slice(1), MUST[2]]) });
    expect(complaintOf(bad)).toBe(
      '1 missed alarms: d temperature-instant CRITICAL at 2026-06-01T08:01:00.000Z (35 °C); ' +
        '1 phantom alarms: d temperature-instant NORMAL at 2026-06-01T08:07:00.000Z (29.4 °C)',
    );
  });
});
