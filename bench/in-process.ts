/** Work that is measured in this process, on one thread: a warm-up run, then the measured ones. */
import type { SourceRecord } from '../functions/domain/events.ts';
import type { Entry } from './input.ts';
import { preciseNowMs } from './machine.ts';
import type { Measured } from './scenario.ts';

export const LANE = 'shardId-000000000000';

/** Entries as the functions get them, arrived now. */
export function sourceRecords(entries: Iterable<Entry>, nowMs: number): SourceRecord[] {
  return Array.from(entries, ({ partitionKey, data }, index) => ({
    lane: LANE,
    position: `1${String(index).padStart(55, '0')}`,
    key: partitionKey,
    bytes: data,
    arrivalMs: nowMs,
  }));
}

export function batchesOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Items a second of `runs` runs of `work`, which does `items` of them; one run before is not measured. */
export async function measureRuns(
  name: string,
  unit: string,
  items: number,
  runs: number,
  work: () => void | Promise<void>,
): Promise<Measured> {
  await work();
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startMs = preciseNowMs();
    await work();
    samples.push(items / ((preciseNowMs() - startMs) / 1000));
  }
  return { name, unit, samples };
}

/** What this process has cost so far. */
export function ownUsage(): { cpuSeconds: number; peakMemoryMiB: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMemoryMiB: maxRSS / 1024 };
}
