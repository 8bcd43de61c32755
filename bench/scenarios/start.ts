import { readAlerts } from '../alert-reader.ts';
import { inTemporaryFolder, withHost } from '../host-client.ts';
import { deviceName, readingPayload, SENSOR_CONFIG } from '../input.ts';
import { preciseNowMs } from '../machine.ts';
import { pause } from '../passed.ts';
import { withPublishers } from '../publishers.ts';
import type { Conditions, Outcome, Scenario, Sum } from '../scenario.ts';
import { speedSums } from '../sums.ts';

const HOT_C = 85;
const FIRST_ALERT_TIMEOUT_MS = 60_000;
/** At full scale the memory is looked at so long after the first alert. */
const REST_MS = 10_000;

interface StartRun {
  readonly readyMs: number;
  readonly firstAlertMs: number;
  readonly restMiB: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
  readonly sums: readonly Sum[];
}

function startOnce(restMs: number): Promise<StartRun> {
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: SENSOR_CONFIG, withArchive: true }, async ({ runtime, startedAtMs, readyAtMs, usage }) => {
      let alertAtMs: number | null = null;
      const reader = await readAlerts(runtime, (_, atMs) => {
        alertAtMs ??= atMs;
      });
      await withPublishers(runtime.mqtt, [deviceName(0)], async ([publisher]) => {
        await publisher!.publish(readingPayload(Date.now(), HOT_C, 0));
        await reader.until(() => alertAtMs !== null, FIRST_ALERT_TIMEOUT_MS);
      });
      await reader.stop();
      const firstAlertMs = (alertAtMs ?? preciseNowMs()) - startedAtMs;
      await pause(restMs);
      const { memoryMiB, cpuSeconds, peakMemoryMiB } = await usage();
      const sums = await speedSums(runtime.api, 'readings', 1);
      return { readyMs: readyAtMs - startedAtMs, firstAlertMs, restMiB: memoryMiB, cpuSeconds, peakMemoryMiB, sums };
    }),
  );
}

async function run({ scale, runs, log }: Conditions): Promise<Outcome> {
  const restMs = Math.round(REST_MS * scale);
  const done: StartRun[] = [];
  for (let run = 1; run <= runs; run++) {
    done.push(await startOnce(restMs));
    const { readyMs, firstAlertMs } = done.at(-1)!;
    log(`  run ${run} of ${runs}: ready after ${Math.round(readyMs)} ms, first alert after ${Math.round(firstAlertMs)} ms`);
  }
  return {
    settings: { data_folder: 'empty', template: 'synthesized before, if this configuration ever ran', rest_ms: restMs },
    warmUp: 'none',
    measured: [
      { name: 'process start to ready', unit: 'ms', samples: done.map(({ readyMs }) => readyMs) },
      { name: 'process start to first alert readable', unit: 'ms', samples: done.map(({ firstAlertMs }) => firstAlertMs) },
      { name: 'memory at rest', unit: 'MiB', samples: done.map(({ restMiB }) => restMiB) },
    ],
    cpuSeconds: done.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMemoryMiB: Math.max(...done.map(({ peakMemoryMiB }) => peakMemoryMiB)),
    sums: done.flatMap(({ sums }) => sums),
  };
}

export const start: Scenario = {
  id: 'start',
  part: 'g',
  title: 'Start: to ready, to the first alert, memory at rest',
  run,
};
