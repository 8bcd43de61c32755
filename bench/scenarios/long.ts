import { inTemporaryFolder, withHost } from '../host-client.ts';
import { SENSOR_CONFIG, SENSORS } from '../input.ts';
import { runLive } from '../live.ts';
import type { Conditions, Outcome, Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';
import { speedSums } from '../sums.ts';

const RATE = 1_000;
const SECONDS = 600;
const LEAST_SECONDS = 0.2;

function halves(samples: readonly number[]): [number[], number[]] {
  const middle = Math.ceil(samples.length / 2);
  // Of a single sample both halves are made.
  return [samples.slice(0, middle), samples.slice(Math.min(middle, samples.length - 1))];
}

function run({ scale, seed, log }: Conditions): Promise<Outcome> {
  const seconds = Math.max(LEAST_SECONDS, SECONDS * scale);
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: SENSOR_CONFIG, withArchive: true }, async (host) => {
      const before = await host.usage();
      const live = await runLive({ host, seed, rate: RATE, seconds, prefix: 'long' });
      const { cpuSeconds, memoryMiB, peakMemoryMiB } = await host.usage();
      const [early, late] = halves(live.latenciesMs);
      const [firstHalf, secondHalf] = halves(live.memoryMiB);
      log(`  memory: median ${percentile(firstHalf, 50).toFixed(0)} MiB, then ${percentile(secondHalf, 50).toFixed(0)} MiB`);
      return {
        settings: { devices: SENSORS, readings_a_second: RATE, seconds, consumers: 'speed + archive' },
        warmUp: `the first ${live.warmUpSeconds} s, of the latencies`,
        measured: [
          { name: 'publish to alert readable, first half', unit: 'ms', samples: early },
          { name: 'publish to alert readable, second half', unit: 'ms', samples: late },
          { name: 'memory, first half', unit: 'MiB', samples: firstHalf },
          { name: 'memory, second half', unit: 'MiB', samples: secondHalf },
          { name: 'memory at the end', unit: 'MiB', samples: [memoryMiB] },
        ],
        cpuSeconds: cpuSeconds - before.cpuSeconds,
        peakMemoryMiB,
        sums: [...live.sums, ...(await speedSums(host.runtime.api, 'readings', live.readings))],
      };
    }),
  );
}

/** The latency of what is oldest bounds the iterator age: an alert cannot be read before its reading was. */
export const long: Scenario = {
  id: 'long',
  part: 'g',
  title: `Ten minutes at ${RATE} readings a second, ${SENSORS} devices: memory and latency in the first and the second half`,
  run,
};
