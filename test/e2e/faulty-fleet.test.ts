/** A fleet with all faults at high rates against a running Tidemark: what it counted and alarmed, beside the fleet's own ledgers. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { awaitPassed } from '../../cli/shared/await-passed.ts';
import { getJson, getProgress } from '../../cli/shared/local-api.ts';
import { alarmAccountOf } from '../../cli/simulate/alarm-account.ts';
import { readCounters, readTransitions } from '../../cli/simulate/pipeline-view.ts';
import { allFaults, FAULTS } from '../../device-sim/faults.ts';
import { FaultyTelemetry } from '../../device-sim/faulty-telemetry.ts';
import { DeviceLedger, DHT22_EXPECTATIONS, type ExpectedCounters, totalOf } from '../../device-sim/ledger.ts';
import { type RunningTidemark, startForTest } from '../support/runtime.ts';

const DEVICES = 6;
const READINGS = 140;
/** Four windows of averages in all; a device offline is back before it counts as silent. */
const STEP_MS = 12_000;
const HOUR_MS = 3_600_000;
const ROOT = resolve(import.meta.dirname, '../..');

interface Latest {
  readonly counters: ExpectedCounters;
}

describe('A faulty fleet', () => {
  let running: RunningTidemark;
  beforeAll(async () => {
    running = await startForTest();
  }, 60_000);
  afterAll(() => running?.stop());

  /** Publishes a device's readings of the last minutes in their order, as fast as they are acknowledged. */
  async function publish(telemetry: FaultyTelemetry, device: string): Promise<void> {
    const client = await connectAsync(running.tidemark.runtime.mqtt, { clientId: device, reconnectPeriod: 0 });
    const startMs = Date.now() - READINGS * STEP_MS;
    for (let index = 0; index <= READINGS; index++) {
      const messages = index < READINGS ? telemetry.take(startMs + index * STEP_MS) : telemetry.rest(startMs + index * STEP_MS);
      await Promise.all(messages.map((message) => client.publishAsync(`dht22/${device}/telemetry`, message, { qos: 1 })));
    }
    await client.endAsync();
  }

  it('is counted reading for reading as its ledgers say, with no alarm missed and none invented', async () => {
    const fleet = Array.from({ length: DEVICES }, (_, index) => {
      const ledger = new DeviceLedger(`wild-${index}`, DHT22_EXPECTATIONS);
      return {
        ledger,
        telemetry: new FaultyTelemetry({ seed: 40 + index, overheats: index < 3, rates: allFaults(0.06), boot: 'e2e', ledger }),
      };
    });
    await Promise.all(fleet.map(({ telemetry, ledger }) => publish(telemetry, ledger.device)));
    const ledgers = fleet.map(({ ledger }) => ledger);
    const { faults, expected } = totalOf(ledgers);
    expect(Object.keys(faults).sort()).toEqual([...FAULTS].sort());
    expect(expected.received).toBeGreaterThan(500);

    // The speed layer has emitted all it decided when it has done with the stream: nothing can follow.
    const getProgressOf = () => getProgress(running.tidemark.url);
    const { signal } = new AbortController();
    await awaitPassed({ getProgress: getProgressOf, stream: 'readings', functions: /speed/i, clock: REAL_CLOCK, signal });
    const view = {
      api: running.tidemark.url,
      isOfFleet: (sensor: string) => sensor.startsWith('wild-'),
      ask: getJson,
      onRead: () => undefined,
    };
    const counted = await readCounters(view);
    for (const { device, counters } of ledgers) expect(counted.get(device)).toEqual({ ...counters, claimedDeviceId: 0 });
    const readMs = Date.now();
    const transitions = await readTransitions(view, readMs - HOUR_MS, readMs + HOUR_MS);
    const { agreed, ...rest } = alarmAccountOf({ ledgers, transitions, isKnownBefore: () => false, readMs });
    expect(rest).toEqual({ missed: [], phantom: [], known_before: 0, silent: 0 });
    expect(agreed['temperature-instant']).toBeGreaterThan(20);
    expect(agreed['temperature-average']).toBeGreaterThan(2);
  }, 60_000);

  it('of the command line gives the same account as the pipeline, and its faults are those asked for', async () => {
    const args = '--devices 5 --count 30 --interval 0.02 --faults all=0.1,reboot=0 --seed 3 --prefix cli --json --events'.split(' ');
    const command = ['cli/simulate.ts', ...args, '--url', running.tidemark.url];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, maxBuffer: 1 << 24 });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const account = lines.pop();
    expect(account).toMatchObject({ unacknowledged: 0, differences: [], alarms: { missed: [], phantom: [], known_before: 0 } });
    expect(account.devices).toHaveLength(5);
    expect(account.faults).not.toHaveProperty('reboot');
    expect(lines).toHaveLength(account.expected.received);
    const ofDevice = lines.filter(({ device }) => device === 'cli-00002');
    const { counters } = await running.get<Latest>('sensors/cli-00002/latest');
    expect(ofDevice.filter(({ expected }) => expected.bucket === 'applied')).toHaveLength(counters.applied);
    expect(ofDevice.filter(({ expected }) => expected.bucket === 'duplicate')).toHaveLength(counters.duplicate);
  }, 60_000);
});
