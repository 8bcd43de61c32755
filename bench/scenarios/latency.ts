import { inTemporaryFolder, withHost } from '../host-client.ts';
import { SENSOR_CONFIG, SENSORS } from '../input.ts';
import { runLive } from '../live.ts';
import type { Conditions, Outcome, Scenario, Sum } from '../scenario.ts';
import { percentile } from '../statistics.ts';
import { speedSums } from '../sums.ts';

const RATES = [100, 1_000];
const SECONDS = 60;
const LEAST_SECONDS = 0.3;

function run({ scale, seed, log }: Conditions): Promise<Outcome> {
  const seconds = Math.max(LEAST_SECONDS, SECONDS * scale);
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: SENSOR_CONFIG, withArchive: true }, async (host) => {
      const before = await host.usage();
      const measured = [];
      const sums: Sum[] = [];
      let readings = 0;
      let warmUpSeconds = 0;
      for (const rate of RATES) {
        const live = await runLive({ host, seed, rate, seconds, prefix: `at-${rate}` });
        readings += live.readings;
        warmUpSeconds = live.warmUpSeconds;
        sums.push(...live.sums);
        measured.push(
          { name: `publish to alert readable at ${rate}/s`, unit: 'ms', samples: live.latenciesMs },
          { name: `publish to live message at ${rate}/s`, unit: 'ms', samples: live.live.namedMs },
          { name: `publish to shown live, itself or a newer one, at ${rate}/s`, unit: 'ms', samples: live.live.settledMs },
        );
        log(`  ${rate}/s: median ${percentile(live.latenciesMs, 50).toFixed(1)} ms, p99 ${percentile(live.latenciesMs, 99).toFixed(1)} ms`);
      }
      sums.push(...(await speedSums(host.runtime.api, 'readings', readings)));
      const { cpuSeconds, peakMemoryMiB } = await host.usage();
      return {
        settings: { devices: SENSORS, seconds_each: seconds, consumers: 'speed + archive' },
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

export const latency: Scenario = {
  id: 'latency',
  part: 'd',
  title: `From publish (MQTT QoS 1) to the alert readable in the stream alerts and to the live message, ${SENSORS} devices, each reading uniform from 20 to 100 °C`,
  run,
};
