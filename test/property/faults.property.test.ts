/** The pipeline's counters and alarms against the ledgers of devices with any mixture of faults. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, type Fault } from '../../device-sim/faults.ts';
import { runDevice } from '../unit/device-sim/through-pipeline.ts';

const rates = fc
  .tuple(...FAULTS.map(() => fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.4, noNaN: true }), fc.constant(1))))
  .map((values) => Object.fromEntries(FAULTS.map((fault, index) => [fault, values[index]])) as Record<Fault, number>);

describe('A faulty device', () => {
  it('is counted and alarmed as its own ledger says, for any seed and any rates', () => {
    fc.assert(
      fc.property(rates, fc.integer(), fc.boolean(), (rates, seed, overheats) => {
        const { ledger, counters, transitions } = runDevice(rates, seed, 300, overheats);
        expect(counters).toEqual(ledger.counters);
        expect(transitions).toEqual(ledger.transitions);
      }),
      { numRuns: 150 },
    );
  });
});
