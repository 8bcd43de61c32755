import { describe, expect, it } from 'vitest';
import { accountOf, complaintOf, differencesOf, tableOf } from '../../../cli/simulate/account.ts';
import { openTarget } from '../../../cli/simulate/target.ts';
import { allFaults } from '../../../device-sim/faults.ts';
import { runDevice } from '../device-sim/through-pipeline.ts';

const { ledger, counters: counted } = runDevice(allFaults(0.05), 1, 300, true);
const counters = { ...counted, claimedDeviceId: 0 };
const IN_ORDER = { agreed: { 'temperature-instant': 3, 'temperature-average': 1 }, missed: [], phantom: [], known_before: 0, silent: 0 };
const earlier = { received: 5, applied: 4, duplicate: 1, late: {}, quarantined: {}, quality: { OK: 4 }, claimedDeviceId: 0 };

describe('The account of a simulation', () => {
  it('has no difference when the pipeline counted the same, also on top of what it counted before', () => {
    expect(differencesOf([ledger], [{ before: undefined, after: counters }])).toEqual([]);
    const quality = { ...counters.quality, OK: (counters.quality['OK'] ?? 0) + 4 };
    const after = {
      ...counters,
      received: counters.received + 5,
      applied: counters.applied + 4,
      duplicate: counters.duplicate + 1,
      quality,
    };
    expect(differencesOf([ledger], [{ before: earlier, after }])).toEqual([]);
  });

  it.each([
    ['one reading too few', { received: counters.received - 1 }],
    ['another verdict', { quality: { ...counters.quality, RANGE: 0, OK: 0 } }],
    ['another reason', { quarantined: { BAD_JSON: 1 } }],
    ['nothing late', { late: {} }],
  ])('names the device of which the pipeline counted otherwise: %s', (_what, change) => {
    const differences = differencesOf([ledger], [{ before: undefined, after: { ...counters, ...change } }]);
    expect(differences.map(({ device }) => device)).toEqual(['d']);
    expect(complaintOf(accountOf([ledger], 0, { differences, alarms: IN_ORDER }))).toContain(
      'ledger and pipeline differ for 1 devices; d: expected {',
    );
  });

  it('complains of messages without acknowledgement, and of nothing when all is well', () => {
    expect(complaintOf(accountOf([ledger], 3, null))).toBe('3 messages were not acknowledged');
    expect(complaintOf(accountOf([ledger], 0, { differences: [], alarms: IN_ORDER }))).toBeUndefined();
  });

  it('is a table of the whole fleet, each fault with its count', () => {
    const table = tableOf(accountOf([ledger, ledger], 0, { differences: [], alarms: IN_ORDER }));
    expect(table).toMatch(new RegExp(`^readings sent +${2 * counters.received}$`, 'm'));
    expect(table).toMatch(new RegExp(`^ +bit-shift +${2 * (ledger.faults['bit-shift'] ?? 0)}$`, 'm'));
    expect(table).toMatch(new RegExp(`^ +CLOCK_EPOCH +${2 * (counters.quarantined['CLOCK_EPOCH'] ?? 0)}$`, 'm'));
    expect(table).toContain('the pipeline counted the same for every device');
  });
});

describe('The target of a simulation', () => {
  it('in AWS needs files that are there and are PEM', async () => {
    const target = { kind: 'aws', host: 'h', cert: '/nowhere/c.pem', key: '/nowhere/k.pem', ca: '/nowhere/ca.pem' } as const;
    const { signal } = new AbortController();
    await expect(openTarget(target, () => {}, signal)).rejects.toThrow('--cert /nowhere/c.pem: ENOENT');
    const here = import.meta.filename;
    await expect(openTarget({ ...target, cert: here, key: here, ca: here }, () => {}, signal)).rejects.toThrow('no PEM file');
  });
});
