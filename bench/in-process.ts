/** Work that is measured in this process, on one thread: a warm-up run, then the measured ones. */
import type { SourceRecord } from '../functions/domain/events.ts';
import type { Entry } from './input.ts';
import { preciseNowMs } from './machine.ts';
import type { Measured } from './scenario.ts';

export const LANE = 'shardId-000000000000';
/** What the system can tell apart, s. */
const SHORTEST_S = 1e-6;

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

/**
 * Items of `runs` runs of `work`, which does `items` of them: by the clock, and by CPU second (all threads, so the collection of garbage
 * counts), which neighbours on the machine change far less. One run before is not measured.
 */
export async function measureRuns(
  name: string,
  what: string,
  items: number,
  runs: number,
  work: () => void | Promise<void>,
): Promise<Measured[]> {
  await work();
  const perSecond: number[] = [];
  const perCpuSecond: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startMs = preciseNowMs();
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    perSecond.push(items / ((preciseNowMs() - startMs) / 1000));
    perCpuSecond.push(items / Math.max((user + system) / 1e6, SHORTEST_S));
  }
  return [
    { name, unit: `${what}/s`, samples: perSecond },
    { name: `${name}, per CPU second`, unit: `${what}/CPU s`, samples: perCpuSecond },
  ];
}

/** What this process has cost so far. */
export function ownUsage(): { cpuSeconds: number; peakMemoryMiB: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMemoryMiB: maxRSS / 1024 };
}
