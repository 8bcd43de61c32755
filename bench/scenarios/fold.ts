import type { SourceRecord } from '../../functions/domain/events.ts';
import { foldDelivery, Outputs } from '../../functions/domain/fold.ts';
import { type KeyState, newKeyState } from '../../functions/domain/key-state.ts';
import { DEFAULT_SETTINGS, type Settings, type SourceName } from '../../functions/domain/settings.ts';
import { deliveriesByName } from '../../functions/speed/deliveries.ts';
import { batchesOf, measureRuns, ownUsage, sourceRecords } from '../in-process.ts';
import { hourBefore, readingEntries, SENSOR_CONFIG, TRADES_A_RECORD, tradeEntries } from '../input.ts';
import { type Conditions, type Outcome, type Scenario, type Sum, scaled } from '../scenario.ts';

const EVENTS = 1_000_000;
/** As the mappings of the speed function have them. */
const BATCH_RECORDS = { trades: 1_000, readings: 2_000 };
/** As the speed function cuts its commits. */
const MAX_OUTPUTS = 128;
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, sensors: [{ ...SENSOR_CONFIG.sensors[0]!, zone: 'UTC' }] };

/** What the speed function does with records between its event and its tables; answers with the events applied. */
function foldAll(source: SourceName, batches: readonly SourceRecord[][]): number {
  const states = new Map<string, KeyState>();
  for (const batch of batches) {
    for (const [name, deliveries] of deliveriesByName(source, batch, SETTINGS)) {
      const state = states.get(name) ?? newKeyState(source, name);
      states.set(name, state);
      let outputs = new Outputs();
      for (const delivery of deliveries) while (!foldDelivery(state, delivery, SETTINGS, outputs, MAX_OUTPUTS)) outputs = new Outputs();
    }
  }
  return [...states.values()].reduce((sum, { counters }) => sum + counters.applied, 0);
}

async function run({ scale, runs, seed }: Conditions): Promise<Outcome> {
  const nowMs = Date.now();
  const startMs = hourBefore(nowMs);
  const before = ownUsage();
  const trades = scaled(EVENTS, scale, TRADES_A_RECORD);
  const readings = scaled(EVENTS, scale);
  const input = { seed, count: readings, startMs };
  const work = [
    { name: 'trades', source: 'trades', events: trades, entries: () => tradeEntries(seed, trades, startMs) },
    { name: 'readings, uniform', source: 'readings', events: readings, entries: () => readingEntries({ ...input, pattern: 'uniform' }) },
    { name: 'readings, episodes', source: 'readings', events: readings, entries: () => readingEntries({ ...input, pattern: 'episodes' }) },
  ] as const;
  const measured = [];
  const sums: Sum[] = [];
  for (const { name, source, events, entries } of work) {
    const batches = batchesOf(sourceRecords(entries(), nowMs), BATCH_RECORDS[source]);
    let applied = 0;
    const fold = (): void => {
      applied = foldAll(source, batches);
    };
    measured.push(...(await measureRuns(name, 'events', events, runs, fold)));
    sums.push({ name: `${name}: applied`, expected: events, found: applied });
  }
  const { cpuSeconds, peakMemoryMiB } = ownUsage();
  const settings = { trades, readings, batch_of_trades: BATCH_RECORDS.trades, batch_of_readings: BATCH_RECORDS.readings };
  return { settings, warmUp: 'one run of each', measured, cpuSeconds: cpuSeconds - before.cpuSeconds, peakMemoryMiB, sums };
}

export const fold: Scenario = {
  id: 'fold',
  part: 'e',
  title: 'Decode and fold alone: bytes of records to states and outputs, one thread, no tables',
  run,
};
