/** Devices that publish at a fixed rate, and the time until each alert can be read from the stream `alerts` and each reading is heard live. */
import { partSeed, seededRandom } from '../feed/random.ts';
import { readAlerts } from './alert-reader.ts';
import type { Host } from './host-client.ts';
import { deviceName, readingPayload, SENSORS, temperatureC } from './input.ts';
import { type LiveRow, listenLive, ReadingsUnderway, type Shown } from './live-messages.ts';
import { preciseNowMs } from './machine.ts';
import { passedAtMs, pause, SPEED } from './passed.ts';
import { type Publisher, withPublishers } from './publishers.ts';
import type { Sum } from './scenario.ts';
import { transitionsOf } from './sums.ts';

export interface LiveOptions {
  readonly host: Host;
  readonly seed: number;
  /** Readings a second of all devices together. */
  readonly rate: number;
  readonly seconds: number;
  /** First part of the devices' names: each run on a host has devices of its own. */
  readonly prefix: string;
  /** Whether a page hears the live messages of all sensors meanwhile: without one nothing is published live. */
  readonly withPage: boolean;
}

export interface LiveRun {
  readonly readings: number;
  /** From publish to readable, ms, of the alerts behind the warm-up, in the order they were read. */
  readonly latenciesMs: readonly number[];
  /** From publish to the live message that names the reading, and of every reading to the first message that shows it or a newer one of its sensor, ms. */
  readonly live: { readonly namedMs: readonly number[]; readonly settledMs: readonly number[] };
  readonly warmUpSeconds: number;
  readonly sums: readonly Sum[];
}

const TICK_MS = 5;
const RULE = 'temperature-instant';
const LAST_ALERTS_MS = 60_000;

/** As in the peers' figures the beginning is left out: 20 s, or a fifth of a short run. */
function warmUpOf(seconds: number): number {
  return Math.min(20, seconds / 5);
}

/** Told of each reading right before it is published. */
type OnPublish = (sensor: string, eventMs: number, sentMs: number) => void;

async function publishAtRate(options: LiveOptions, publishers: readonly Publisher[], onPublish: OnPublish): Promise<number> {
  const { seed, rate, seconds } = options;
  const random = seededRandom(partSeed(seed, rate));
  const acknowledgements: Promise<void>[] = [];
  const startMs = preciseNowMs();
  const total = Math.max(1, Math.round(rate * seconds));
  const lastEventMs = publishers.map(() => 0);
  for (let next = 0; next < total; ) {
    const due = Math.min(total, Math.floor(((preciseNowMs() - startMs) / 1000) * rate) + 1);
    for (; next < due; next++) {
      const sensor = next % publishers.length;
      const publisher = publishers[sensor]!;
      // Event times of a device differ, so that an alert names the reading it came from.
      const eventMs = Math.max(Date.now(), lastEventMs[sensor]! + 1);
      lastEventMs[sensor] = eventMs;
      onPublish(publisher.name, eventMs, preciseNowMs());
      const payload = readingPayload(eventMs, temperatureC('uniform', random, sensor, eventMs), Math.floor(next / publishers.length));
      acknowledgements.push(publisher.publish(payload));
    }
    await pause(TICK_MS);
  }
  await Promise.all(acknowledgements);
  return total;
}

/** Publishes for the given time, then waits until everything is folded and every alert was read. */
export async function runLive(options: LiveOptions): Promise<LiveRun> {
  const { host, seconds, prefix, withPage } = options;
  const { runtime } = host;
  const names = Array.from({ length: SENSORS }, (_, index) => deviceName(index, prefix));
  const publishedMs = new Map<string, number>();
  const readAtMs = new Map<string, Shown>();
  const underway = new ReadingsUnderway();
  const before = await transitionsOf(runtime.api, RULE);
  const reader = await readAlerts(runtime, ({ alert_id: id, sensor_id: sensor, event_time: time }, atMs) => {
    const sentMs = publishedMs.get(`${sensor} ${Date.parse(time)}`);
    if (sentMs !== undefined && id.includes(`:${RULE}#`) && !readAtMs.has(id)) readAtMs.set(id, { sentMs, atMs });
  });
  const onRow = ({ sensor_id: sensor, event_time: time }: LiveRow) => underway.heard(sensor, Date.parse(time), preciseNowMs());
  const page = withPage ? await listenLive(runtime.api, onRow) : null;
  return withPublishers(runtime.mqtt, names, async (publishers) => {
    const startMs = preciseNowMs();
    const readings = await publishAtRate(options, publishers, (sensor, eventMs, sentMs) => {
      publishedMs.set(`${sensor} ${eventMs}`, sentMs);
      if (withPage) underway.published(sensor, eventMs, sentMs);
    });
    await passedAtMs(runtime.api, 'readings', SPEED);
    const expected = (await transitionsOf(runtime.api, RULE)) - before;
    await reader.until(() => readAtMs.size >= expected, LAST_ALERTS_MS);
    await reader.stop();
    await page?.stop();
    const warmUpSeconds = warmUpOf(seconds);
    const counted = (shown: Iterable<Shown>): number[] =>
      [...shown].filter(({ sentMs }) => sentMs >= startMs + warmUpSeconds * 1000).map(({ sentMs, atMs }) => atMs - sentMs);
    return {
      readings,
      latenciesMs: counted(readAtMs.values()),
      live: { namedMs: counted(underway.named), settledMs: counted(underway.settled) },
      warmUpSeconds,
      sums: [{ name: `transitions of ${prefix} readable in alerts`, expected, found: readAtMs.size }],
    };
  });
}
