import { inTemporaryFolder, withHost } from '../host-client.ts';
import { SENSOR_CONFIG, SENSORS } from '../input.ts';
import { runLive } from '../live.ts';
import type { Conditions, Measured, Outcome, Scenario } from '../scenario.ts';
import { percentile, slope } from '../statistics.ts';
import { speedSums } from '../sums.ts';
import { type Look, watched } from '../watch.ts';

const RATE = 1_000;
const SECONDS = 600;
const LEAST_SECONDS = 0.2;
const LOOKS = 600;
const LEAST_PAUSE_MS = 10;
const MS_A_MINUTE = 60_000;

/** First and second half; of a single sample both halves are made. */
function halves<Sample>(samples: readonly Sample[]): [Sample[], Sample[]] {
  const middle = Math.ceil(samples.length / 2);
  return [samples.slice(0, middle), samples.slice(Math.min(middle, samples.length - 1))];
}

function memoryFigures(looks: readonly Look[]): Measured[] {
  const [first, second] = halves(looks);
  const growth = slope(second.map(({ atMs, memoryMiB }) => [atMs / MS_A_MINUTE, memoryMiB]));
  return [
    { name: 'memory, first half', unit: 'MiB', samples: first.map(({ memoryMiB }) => memoryMiB) },
    { name: 'memory, second half', unit: 'MiB', samples: second.map(({ memoryMiB }) => memoryMiB) },
    { name: 'growth of memory, second half (least squares)', unit: 'MiB/min', samples: [growth] },
    { name: 'memory at the end', unit: 'MiB', samples: [looks.at(-1)!.memoryMiB] },
  ];
}

function ageFigures(looks: readonly Look[]): Measured[] {
  const functions = [...new Set(looks.flatMap(({ iteratorAgeMs }) => [...iteratorAgeMs.keys()]))].sort();
  return functions.map((name) => ({
    name: `iterator age of ${name}`,
    unit: 'ms',
    samples: looks.map(({ iteratorAgeMs }) => iteratorAgeMs.get(name)).filter((age) => age !== undefined),
  }));
}

function run({ scale, seed, log }: Conditions): Promise<Outcome> {
  const seconds = Math.max(LEAST_SECONDS, SECONDS * scale);
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: SENSOR_CONFIG, withArchive: true }, async (host) => {
      const before = await host.usage();
      const pauseMs = Math.max(LEAST_PAUSE_MS, (seconds * 1000) / LOOKS);
      const publish = () => runLive({ host, seed, rate: RATE, seconds, prefix: 'long', withPage: false });
      const { result: live, looks } = await watched(host, 'readings', pauseMs, publish);
      const { cpuSeconds, peakMemoryMiB } = await host.usage();
      const [early, late] = halves(live.latenciesMs);
      const memory = memoryFigures(looks);
      for (const { name, unit, samples } of memory) log(`  ${name}: ${percentile(samples, 50).toFixed(1)} ${unit}`);
      return {
        settings: { devices: SENSORS, readings_a_second: RATE, seconds, consumers: 'speed + archive', looks: looks.length },
        warmUp: `the first ${live.warmUpSeconds} s, of the latencies`,
        measured: [
          { name: 'publish to alert readable, first half', unit: 'ms', samples: early },
          { name: 'publish to alert readable, second half', unit: 'ms', samples: late },
          ...memory,
          ...ageFigures(looks),
        ],
        cpuSeconds: cpuSeconds - before.cpuSeconds,
        peakMemoryMiB,
        sums: [...live.sums, ...(await speedSums(host.runtime.api, 'readings', live.readings))],
      };
    }),
  );
}

/** The archive's iterator age holds its batching window, 10 s. */
export const long: Scenario = {
  id: 'long',
  part: 'g',
  title: `Ten minutes at ${RATE} readings a second, ${SENSORS} devices: memory, latency and iterator age`,
  run,
};
