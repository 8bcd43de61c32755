import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allFaults } from '../../../device-sim/faults.ts';
import { type FaultyFleet, faultyDeviceName, MAX_DEVICES, startFaultyFleet } from '../../../device-sim/faulty-fleet.ts';
import { type Published, startTestBroker, type TestBroker } from './broker.ts';

function readingsIn({ payload }: Published): number {
  return Array.isArray(payload['readings']) ? payload['readings'].length : 1;
}

describe('A faulty fleet', () => {
  let broker: TestBroker;
  let fleet: FaultyFleet | undefined;
  beforeEach(async () => {
    broker = await startTestBroker();
  });
  afterEach(async () => {
    await fleet?.stop();
    await broker.close();
  });

  const options = (rates = allFaults(0)) => ({
    mqttUrl: broker.url,
    seed: 2,
    deviceCount: 4,
    prefix: 'p',
    intervalMs: 5,
    readingCount: 20,
    rates,
    log: () => {},
  });

  it('takes its readings, then no more, and its ledgers hold what the broker got', async () => {
    let taken = 0;
    const events: string[] = [];
    fleet = startFaultyFleet({
      // The broker of this test reads what it gets.
      ...options({ ...allFaults(0.1), 'nan-token': 0 }),
      onTaken: () => taken++,
      onEvent: (device, _sample, { bucket }) => events.push(`${device} ${bucket}`),
    });
    await fleet.finished;
    expect(await fleet.stop()).toBe(0);
    expect(taken).toBe(80);
    const expected = fleet.ledgers.reduce((sum, { counters }) => sum + counters.received, 0);
    const messages: Published[] = [];
    for (let readings = 0; readings < expected; readings += readingsIn(messages.at(-1)!)) messages.push(await broker.published.next());
    expect(messages.reduce((sum, message) => sum + readingsIn(message), 0)).toBe(expected);
    expect(events).toHaveLength(expected);
    for (const { clientId, topic, qos } of messages) expect([topic, qos]).toEqual([`dht22/${clientId}/telemetry`, 1]);
  });

  it('sends what a device kept back when it is stopped', async () => {
    // All devices lose the network at their first reading, and are stopped before it comes back.
    fleet = startFaultyFleet({ ...options({ ...allFaults(0), offline: 1 }), readingCount: 2 });
    await fleet.finished;
    expect(await fleet.stop()).toBe(0);
    expect((await broker.published.take(4)).map(readingsIn)).toEqual([2, 2, 2, 2]);
  });

  it('has names that sort, and fails on a size, an interval or a rate out of range', () => {
    expect([faultyDeviceName('p', 0), faultyDeviceName('p', MAX_DEVICES - 1)]).toEqual(['p-00001', 'p-10000']);
    expect(() => startFaultyFleet({ ...options(), deviceCount: 10_001 })).toThrow('1 to 10000 devices, not 10001');
    expect(() => startFaultyFleet({ ...options(), intervalMs: 600_001 })).toThrow('1 to 600000 ms, not 600001');
    expect(() => startFaultyFleet({ ...options(), rates: { ...allFaults(0), nan: 1.1 } })).toThrow('the rate of nan is 0 to 1, not 1.1');
  });
});
