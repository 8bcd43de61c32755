/** Draining a stream that was filled before the start: a fresh runtime on a fresh data folder for each run. */
import type { SourceName } from '../functions/domain/settings.ts';
import { readAlerts } from './alert-reader.ts';
import { inTemporaryFolder, withHost } from './host-client.ts';
import { type Entry, SENSOR_CONFIG } from './input.ts';
import { passedAtMs } from './passed.ts';
import { preload } from './preload.ts';
import type { Conditions, Measured, Outcome, Sum } from './scenario.ts';
import { archiveSum, speedSums, transitionsOf } from './sums.ts';

export interface Drain {
  readonly source: SourceName;
  readonly withArchive: boolean;
  /** Events that the entries hold. */
  readonly events: number;
  readonly entries: () => Iterable<Entry>;
}

interface DrainRun {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly perCpuSecondFromReady: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
  readonly sums: readonly Sum[];
}

/** A drain's last batch is not to wait for more: there is no more. */
const CONFIG = { ...SENSOR_CONFIG, archive: { batchingWindowSeconds: 0 } };
const ALERTS_TIMEOUT_MS = 60_000;

async function alertsSum(runtime: Parameters<typeof readAlerts>[0]): Promise<Sum> {
  const expected = await transitionsOf(runtime.api, 'temperature-instant');
  const ids = new Set<string>();
  const reader = await readAlerts(runtime, ({ alert_id: id }) => {
    if (id.includes(':temperature-instant#')) ids.add(id);
  });
  await reader.until(() => ids.size >= expected, ALERTS_TIMEOUT_MS);
  await reader.stop();
  return { name: 'transitions readable in alerts', expected, found: ids.size };
}

function drainOnce({ source, withArchive, events, entries }: Drain): Promise<DrainRun> {
  return inTemporaryFolder(async (dataFolder) => {
    await preload(dataFolder, source, entries());
    return withHost({ dataFolder, config: CONFIG, withArchive }, async ({ runtime, readyAtMs, usage }) => {
      const atReady = await usage();
      const seconds = (await passedAtMs(runtime.api, source)) / 1000 - readyAtMs / 1000;
      const { cpuSeconds, peakMemoryMiB } = await usage();
      const sums = await speedSums(runtime.api, source, events);
      if (withArchive) sums.push(archiveSum(dataFolder, source, events));
      if (source === 'readings') sums.push(await alertsSum(runtime));
      return {
        perSecond: events / seconds,
        perCpuSecond: events / cpuSeconds,
        perCpuSecondFromReady: events / (cpuSeconds - atReady.cpuSeconds),
        cpuSeconds,
        peakMemoryMiB,
        sums,
      };
    });
  });
}

/** Runs a drain as often as asked; the time runs from `ready` to the instant the last function has passed the last record. */
export async function measureDrain(drain: Drain, { runs, log }: Conditions): Promise<Outcome> {
  const done: DrainRun[] = [];
  for (let run = 1; run <= runs; run++) {
    done.push(await drainOnce(drain));
    log(`  run ${run} of ${runs}: ${Math.round(done.at(-1)!.perSecond)} events/s`);
  }
  const measured: Measured[] = [
    { name: `${drain.source} drained`, unit: 'events/s', samples: done.map(({ perSecond }) => perSecond) },
    { name: 'per CPU second, start included', unit: 'events/CPU s', samples: done.map(({ perCpuSecond }) => perCpuSecond) },
    {
      name: 'per CPU second from ready on',
      unit: 'events/CPU s',
      samples: done.map(({ perCpuSecondFromReady }) => perCpuSecondFromReady),
    },
  ];
  return {
    settings: { events: drain.events, consumers: drain.withArchive ? 'speed + archive' : 'speed' },
    warmUp: 'none: functions start cold',
    measured,
    cpuSeconds: done.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMemoryMiB: Math.max(...done.map(({ peakMemoryMiB }) => peakMemoryMiB)),
    sums: done.flatMap(({ sums }) => sums),
  };
}
