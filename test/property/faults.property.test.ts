/** The pipeline's counters and alarms against the ledgers of devices with any mixture of faults. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, type Fault } from '../../device-sim/faults.ts';
import { expectTransitions, runDevice } from '../unit/device-sim/through-pipeline.ts';

const rates = fc
  .tuple(...FAULTS.map(() => fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.4, noNaN: true }), fc.constant(1))))
  .map((values) => Object.fromEntries(FAULTS.map((fault, index) => [fault, values[index]])) as Record<Fault, number>);

describe('A faulty device', () => {
  it('is counted and alarmed as its own ledger says, for any seed and any rates', () => {
    fc.assert(
      fc.property(rates, fc.integer(), fc.boolean(), fc.constantFrom(2000, 15_000, 60_000), (rates, seed, overheats, stepMs) => {
        const { ledger, counters, transitions } = runDevice(rates, seed, 300, overheats, stepMs);
        expect(counters).toEqual(ledger.counters);
        expectTransitions(transitions, ledger);
      }),
      { seed: 20261121, numRuns: 150 },
    );
  });
});
