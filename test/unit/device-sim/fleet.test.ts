import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_UNACKNOWLEDGED } from '../../../device-sim/device.ts';
import { type Fleet, startFleet } from '../../../device-sim/fleet.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from '../feed/inbox.ts';
import { type Published, startTestBroker, type TestBroker } from './broker.ts';

const NOW = Date.UTC(2026, 10, 5, 15);

let broker: TestBroker;
let clock: ManualClock;
let logged: Inbox<string>;
let fleet: Fleet;

function start(sensorCount: number, boot?: string): void {
  fleet = startFleet({
    mqttUrl: broker.url,
    seed: 1,
    sensorCount,
    intervalMs: 2000,
    log: (line) => logged.push(line),
    clock,
    ...(boot !== undefined && { boot }),
  });
}

beforeEach(async () => {
  broker = await startTestBroker();
  clock = new ManualClock(NOW);
  logged = new Inbox();
});

afterEach(async () => {
  await broker.close();
});

/** Moves the clock by one interval once everything before it has arrived. */
async function interval(sensorCount: number): Promise<Published[]> {
  clock.advance(2000);
  return await broker.published.take(sensorCount);
}

describe('A fleet of simulated devices', () => {
  it('publishes each device under its own name, numbered densely, spread over the interval', async () => {
    start(4, 'boot-1');
    clock.advance(0);
    const readings = await broker.published.take(1);
    for (let round = 0; round < 3; round++) readings.push(...(await interval(4)));
    await fleet.stop();
    for (const [index, offsetMs] of [0, 500, 1000, 1500].entries()) {
      const name = `sensor-000${index + 1}`;
      const own = readings.filter(({ clientId }) => clientId === name);
      expect(own.map(({ topic, qos }) => [topic, qos])).toEqual(own.map(() => [`dht22/${name}/telemetry`, 1]));
      expect(own.map(({ payload }) => payload)).toEqual(
        own.map((_, seq) => ({
          timestamp: NOW + offsetMs + seq * 2000,
          temperature: expect.any(Number),
          humidity: expect.any(Number),
          seq,
          boot: 'boot-1',
        })),
      );
      expect(own).toHaveLength(index === 0 ? 4 : 3);
    }
    expect(clock.nextDueMs).toBeNull();
  });

  it('takes a new boot name at every start, and the same temperatures for the same seed', async () => {
    const starts: Published[][] = [];
    for (let run = 0; run < 2; run++) {
      clock = new ManualClock(NOW);
      start(3);
      starts.push(await interval(4));
      await fleet.stop();
    }
    const [first, second] = starts.map((readings) => {
      const sorted = readings.toSorted((a, b) => `${a.topic}${a.payload['seq']}`.localeCompare(`${b.topic}${b.payload['seq']}`));
      return { boots: new Set(sorted.map(({ payload }) => payload['boot'])), values: sorted.map(({ payload }) => payload['temperature']) };
    });
    expect(first!.boots.size).toBe(1);
    expect(first!.boots).not.toEqual(second!.boots);
    expect(first!.values).toEqual(second!.values);
  });

  it('waits for the acknowledgements before it disconnects', async () => {
    start(1);
    clock.advance(0);
    await broker.published.next();
    const gate = Promise.withResolvers<void>();
    broker.acknowledgeAfter(gate.promise);
    await interval(1);
    const events = new Inbox<string>();
    const stopped = fleet.stop().then(() => events.push('stopped'));
    void broker.gone.next().then(() => events.push('disconnected'));
    setImmediate(() => {
      events.push('acknowledged');
      gate.resolve();
    });
    const seen = await events.take(3);
    await stopped;
    expect(seen[0]).toBe('acknowledged');
    expect(clock.nextDueMs).toBeNull();
  });

  it('does not wait for ever, and says how many readings have no acknowledgement', async () => {
    start(1);
    clock.advance(0);
    await broker.published.next();
    broker.acknowledgeAfter(new Promise(() => {}));
    await interval(1);
    const stopped = fleet.stop();
    clock.advance(1500);
    await stopped;
    // The acknowledgement of the first one may be on its way.
    expect(await logged.next()).toMatch(/^devices: readings without acknowledgement at the stop: [12]$/);
    expect(clock.nextDueMs).toBeNull();
  });

  it('comes back after a cut and sends again what was not acknowledged, numbered as before', async () => {
    const gate = Promise.withResolvers<void>();
    broker.acknowledgeAfter(gate.promise);
    start(1);
    clock.advance(0);
    const [first] = await broker.published.take(1);
    broker.cut();
    await broker.gone.next();
    gate.resolve();
    broker.acknowledgeAfter(gate.promise);
    // The same bytes once more: whoever counts by (boot, seq) counts it once.
    expect(await broker.published.next()).toEqual(first);
    const [second] = await interval(1);
    expect(second?.payload['seq']).toBe(1);
    await fleet.stop();
  });

  it('takes no more readings than may wait for their acknowledgement, and leaves no hole in the numbers', async () => {
    const gate = Promise.withResolvers<void>();
    broker.acknowledgeAfter(gate.promise);
    start(1);
    clock.advance(0);
    clock.advance(2000 * (MAX_UNACKNOWLEDGED + 4));
    expect(await logged.next()).toBe('devices: a reading is not taken, 100 wait for their acknowledgement');
    gate.resolve();
    const readings = await broker.published.take(MAX_UNACKNOWLEDGED);
    expect(readings.map(({ payload }) => payload['seq'])).toEqual(Array.from({ length: MAX_UNACKNOWLEDGED }, (_, seq) => seq));
    await fleet.stop();
    expect(await logged.next()).toBe('devices: a reading is not taken, 100 wait for their acknowledgement (2 times)');
  });

  it('says once, not once a device, that there is no broker, and still stops', async () => {
    const { url } = broker;
    await broker.close();
    fleet = startFleet({ mqttUrl: url, seed: 1, sensorCount: 20, intervalMs: 2000, log: (line) => logged.push(line), clock });
    clock.advance(1900);
    expect(await logged.next()).toMatch(/^devices: .*ECONNREFUSED/);
    const stopped = fleet.stop();
    clock.advance(1500);
    await stopped;
    expect(await logged.next()).toMatch(/readings without acknowledgement at the stop: 20$/);
    expect(clock.nextDueMs).toBeNull();
    broker = await startTestBroker();
  });
});
