/** From a reading at the broker to a page's ears: what is pushed is what the API shows. */
import { isDeepStrictEqual } from 'node:util';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type RunningTidemark, startForTest } from '../support/runtime.ts';

let running: RunningTidemark;
let device: MqttClient;
let page: MqttClient;
const heard: { topic: string; row: Record<string, unknown> }[] = [];

interface LiveAnswer {
  readonly url: string;
  readonly client_id: string;
}

beforeAll(async () => {
  running = await startForTest();
  device = await connectAsync(running.tidemark.runtime.mqtt, { clientId: 'roof', reconnectPeriod: 0 });
  const { url, client_id: clientId } = await running.get<LiveAnswer>('live');
  page = await connectAsync(url, { clientId, reconnectPeriod: 0 });
  page.on('message', (topic, payload) => heard.push({ topic, row: JSON.parse(payload.toString()) }));
  await page.subscribeAsync('live/#');
}, 60_000);
afterAll(async () => {
  page.end(true);
  device.end(true);
  await running.stop();
});

let said = 0;
function say(temperature: number): Promise<unknown> {
  const reading = { timestamp: Date.now(), temperature, humidity: 40, seq: said++, boot: 'b' };
  return device.publishAsync('dht22/roof/telemetry', JSON.stringify(reading), { qos: 1 });
}
/** What the API gives of it once it counts so many readings. */
async function latestIf(readings: number): Promise<Record<string, unknown> | null> {
  const row = await running.get<{ counters: { received: number } }>('sensors/roof/latest').catch(() => null);
  return row?.counters.received === readings ? row : null;
}
const newest = (topic: string) => heard.findLast((message) => message.topic === topic)?.row ?? null;

describe('a reading over MQTT', () => {
  it('is heard as the latest row of its sensor, exactly as the API gives it', async () => {
    // One message may be lost: pushing is best effort, and a cold function on a busy machine has no time for it.
    const row = await eventually(async () => {
      await say(21.5);
      const latest = await eventually(async () => latestIf(said));
      return isDeepStrictEqual(newest('live/sensors/roof'), latest) ? latest : null;
    });
    expect(row).toMatchObject({ sensor_id: 'roof', temperature_c: 21.5, severity: 'NORMAL', day: { reading_count: said } });
  });

  it('that is critical is heard as an alarm, as the API shows it', async () => {
    await say(36);
    const row = await eventually(async () => newest('live/alarms/roof%3Atemperature-instant'));
    expect(row).toMatchObject({ alarm_id: 'roof:temperature-instant', state: 'ACTIVE', severity: 'CRITICAL', value: 36 });
    expect(row).toEqual(await eventually(async () => running.get('alarms/roof:temperature-instant').catch(() => null)));
  });

  it('is heard by nobody whose policy is that of a device', async () => {
    const granted = await device.subscribeAsync('live/#').then(
      (grants) => grants.map(({ qos }) => qos),
      () => [128],
    );
    expect(granted).toEqual([128]);
  });
});

describe('the page', () => {
  it('may connect to where it is told to: its policy names the address', async () => {
    const { url } = await running.get<LiveAnswer>('live');
    const policy = (await fetch(running.tidemark.url)).headers.get('content-security-policy');
    expect(policy).toContain(`connect-src 'self' ws://${new URL(url).host};`);
    expect(new URL(url).host).toBe(new URL(running.tidemark.url).host);
  });
});
