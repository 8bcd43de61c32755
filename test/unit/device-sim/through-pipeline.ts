/** What a faulty device publishes, through the real decoder and the real fold, beside the ledger of the device. */
import { expect } from 'vitest';
import { decodeRecord } from '#domain/decode.ts';
import { foldDelivery, Outputs } from '#domain/fold.ts';
import { newKeyState } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import type { ExpectedTransition } from '../../../device-sim/expected-alarms.ts';
import type { FaultRates } from '../../../device-sim/faults.ts';
import { FaultyTelemetry } from '../../../device-sim/faulty-telemetry.ts';
import { DeviceLedger, DHT22_EXPECTATIONS } from '../../../device-sim/ledger.ts';
import { positionOf, readingsRecord } from '../../support/records.ts';

export const START_MS = Date.UTC(2026, 5, 1, 8);

export interface Run {
  readonly ledger: DeviceLedger;
  /** What the pipeline counted, in the names of the ledger. */
  readonly counters: DeviceLedger['counters'];
  readonly transitions: readonly ExpectedTransition[];
  readonly messages: readonly string[];
}

/** Takes `count` readings, one every `stepMs`, and what was kept back at the end. */
export function runDevice(rates: FaultRates, seed: number, count: number, overheats = false, stepMs = 2000): Run {
  const ledger = new DeviceLedger('d', DHT22_EXPECTATIONS);
  const telemetry = new FaultyTelemetry({ seed, overheats, rates, boot: 'b', ledger });
  const state = newKeyState('readings', 'd');
  const messages: string[] = [];
  const transitions: ExpectedTransition[] = [];
  const deliver = (sent: readonly string[], arrivalMs: number) => {
    for (const message of sent) {
      messages.push(message);
      const record = readingsRecord('d', message, { position: positionOf(messages.length), arrivalMs });
      const decoded = decodeRecord('readings', record, DEFAULT_SETTINGS);
      const outputs = new Outputs();
      foldDelivery(state, { lane: 'l', position: record.position, arrivalMs, ...decoded }, DEFAULT_SETTINGS, outputs, 1_000_000);
      for (const output of outputs.list()) {
        if (output.type !== 'alarm') continue;
        const { changedMs: atMs, severity, value } = output.alarm;
        transitions.push({ rule: output.rule, atMs, severity, value });
      }
    }
  };
  for (let index = 0; index < count; index++) deliver(telemetry.take(START_MS + index * stepMs), START_MS + index * stepMs);
  deliver(telemetry.rest(START_MS + count * stepMs), START_MS + count * stepMs);
  const { claimedDeviceId: _, ...counters } = state.counters;
  return { ledger, counters, transitions, messages };
}

/** The transitions of each rule are those of the ledger, in its order; a mean may be rounded otherwise. */
export function expectTransitions(found: readonly ExpectedTransition[], { alarms }: DeviceLedger): void {
  for (const rule of ['temperature-instant', 'temperature-average'] as const) {
    const of = (transitions: readonly ExpectedTransition[]) => transitions.filter((each) => each.rule === rule);
    const shown = ({ value, ...rest }: ExpectedTransition) => ({ ...rest, value: Number(value.toFixed(9)) });
    expect(of(found).map(shown)).toEqual(of(alarms.transitions).map(shown));
  }
}
