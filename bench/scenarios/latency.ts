import { inTemporaryFolder, withHost } from '../host-client.ts';
import { SENSOR_CONFIG, SENSORS } from '../input.ts';
import { type LiveRun, runLive } from '../live.ts';
import type { Conditions, Measured, Outcome, Scenario, Sum } from '../scenario.ts';
import { percentile } from '../statistics.ts';
import { speedSums } from '../sums.ts';

const RATES = [100, 1_000];
const SECONDS = 60;
const LEAST_SECONDS = 0.3;

function figuresOf({ latenciesMs, live }: LiveRun, rate: number): Measured[] {
  return [
    { name: `publish to alert readable at ${rate}/s`, unit: 'ms', samples: latenciesMs },
    { name: `publish to live message at ${rate}/s`, unit: 'ms', samples: live.namedMs },
    { name: `publish to shown live, itself or a newer one, at ${rate}/s`, unit: 'ms', samples: live.settledMs },
  ];
}

function run({ scale, seed, log }: Conditions, withPage: boolean): Promise<Outcome> {
  const seconds = Math.max(LEAST_SECONDS, SECONDS * scale);
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: SENSOR_CONFIG, withArchive: true }, async (host) => {
      const before = await host.usage();
      const measured: Measured[] = [];
      const sums: Sum[] = [];
      let readings = 0;
      let warmUpSeconds = 0;
      for (const rate of RATES) {
        const live = await runLive({ host, seed, rate, seconds, prefix: `at-${rate}`, withPage });
        readings += live.readings;
        warmUpSeconds = live.warmUpSeconds;
        sums.push(...live.sums);
        measured.push(...figuresOf(live, rate));
        log(`  ${rate}/s: median ${percentile(live.latenciesMs, 50).toFixed(1)} ms, p99 ${percentile(live.latenciesMs, 99).toFixed(1)} ms`);
      }
      sums.push(...(await speedSums(host.runtime.api, 'readings', readings)));
      const { cpuSeconds, peakMemoryMiB } = await host.usage();
      return {
        settings: { devices: SENSORS, seconds_each: seconds, consumers: 'speed + archive', pages: withPage ? 1 : 0 },
        warmUp: `the first ${warmUpSeconds} s at each rate`,
        // Live messages are best effort: none may have come.
        measured: measured.filter(({ samples }) => samples.length > 0),
        cpuSeconds: cpuSeconds - before.cpuSeconds,
        peakMemoryMiB,
        sums,
      };
    }),
  );
}

const INPUT = `${SENSORS} devices, each reading uniform from 20 to 100 °C`;

export const latency: Scenario = {
  id: 'latency',
  part: 'd',
  title: `From publish (MQTT QoS 1) to the alert readable in the stream alerts, ${INPUT}`,
  run: (conditions) => run(conditions, false),
};

/** Apart from the one above: to publish live costs the speed function time, and without a page nothing is. */
export const liveLatency: Scenario = {
  id: 'live',
  part: 'd',
  title: `The same while a page listens, and from publish to the live message, ${INPUT}`,
  run: (conditions) => run(conditions, true),
};
