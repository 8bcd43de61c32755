import { partSeed, seededRandom } from '../../feed/random.ts';
import { inTemporaryFolder, withHost } from '../host-client.ts';
import { deviceName, readingPayload, SENSOR_CONFIG, SENSORS, temperatureC } from '../input.ts';
import { preciseNowMs } from '../machine.ts';
import { passedAtMs } from '../passed.ts';
import { publishAll, withPublishers } from '../publishers.ts';
import { type Conditions, type Outcome, type Scenario, scaled } from '../scenario.ts';
import { archiveSum, speedSums } from '../sums.ts';

const READINGS = 300_000;
const CONFIG = { ...SENSOR_CONFIG, archive: { batchingWindowSeconds: 0 } };

function run({ scale, seed, log }: Conditions): Promise<Outcome> {
  const events = scaled(READINGS, scale, SENSORS);
  const perDevice = events / SENSORS;
  const names = Array.from({ length: SENSORS }, (_, index) => deviceName(index));
  return inTemporaryFolder((dataFolder) =>
    withHost({ dataFolder, config: CONFIG, withArchive: true }, ({ runtime, usage }) =>
      withPublishers(runtime.mqtt, names, async (publishers) => {
        const before = await usage();
        const startMs = preciseNowMs();
        const publishing = publishers.map((publisher, sensor) => {
          const random = seededRandom(partSeed(seed, 100 + sensor));
          return publishAll(publisher, perDevice, (index) => {
            const nowMs = Date.now();
            return readingPayload(nowMs, temperatureC('steady', random, sensor, nowMs), index);
          });
        });
        await Promise.all(publishing);
        const acknowledgedSeconds = (preciseNowMs() - startMs) / 1000;
        const seconds = ((await passedAtMs(runtime.api, 'readings')) - startMs) / 1000;
        const { cpuSeconds, peakMemoryMiB } = await usage();
        log(`  ${Math.round(events / seconds)} readings/s`);
        return {
          settings: { readings: events, devices: SENSORS, qos: 1, consumers: 'speed + archive' },
          warmUp: 'none',
          measured: [
            { name: 'published and acknowledged', unit: 'readings/s', samples: [events / acknowledgedSeconds] },
            { name: 'published, folded and archived', unit: 'readings/s', samples: [events / seconds] },
          ],
          cpuSeconds: cpuSeconds - before.cpuSeconds,
          peakMemoryMiB,
          sums: [...(await speedSums(runtime.api, 'readings', events)), archiveSum(dataFolder, 'readings', events)],
        };
      }),
    ),
  );
}

export const mqttEndToEnd: Scenario = {
  id: 'mqtt',
  part: 'c',
  title: `Readings over MQTT QoS 1 end to end, ${SENSORS} devices, every fourth above the threshold`,
  run,
};
