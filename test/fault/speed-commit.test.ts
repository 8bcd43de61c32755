/** The speed layer's commit under faults: whatever breaks, re-delivery ends in the state of an undisturbed run. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDifference, bucketsOf, noBuckets } from '#domain/buckets.ts';
import type { SourceRecord } from '#domain/events.ts';
import type { Delivery } from '#domain/fold.ts';
import { newKeyState } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { newReadingWindow } from '#domain/windows.ts';
import { deliveriesByName } from '../../functions/speed/deliveries.ts';
import { ARRIVAL_MS, positionOf, readingsRecord } from '../support/records.ts';
import { processKey, processorOn, writerOn } from '../support/speed.ts';
import { InjectedFault, startTables, type Tables } from '../support/tables.ts';

const START = ARRIVAL_MS - 10 * 3_600_000;

/** Small, fast, seeded (a linear congruential generator); 0 <= value < 1. */
function random(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A sensor that overheats again and again, one reading a minute; some readings arrive out of order, some twice. */
function batchesOf(device: string, seed: number): SourceRecord[][] {
  const next = random(seed);
  const payloads = Array.from({ length: 60 }, (_, seq) => ({
    timestamp: START + seq * 60_000 - Math.floor(next() * 240_000),
    temperature: 25 + Math.round(14 * next() * 10) / 10,
    humidity: 50,
    boot: 'b',
    seq,
  }));
  const sent = payloads.flatMap((payload) => (next() < 0.2 ? [payload, payload] : [payload]));
  const records = sent.map((payload, index) => readingsRecord(device, payload, { position: positionOf(index + 1) }));
  const batches: SourceRecord[][] = [];
  while (records.length > 0) batches.push(records.splice(0, 1 + Math.floor(next() * 12)));
  return batches;
}

/** Records what was put into a stream; may break like the tables do. */
function recordingStream(fault: () => 'before' | 'after' | null): { client: KinesisClient; alerts: Map<string, string> } {
  const alerts = new Map<string, string>();
  const send = async (command: { input: { Records: { Data: Uint8Array }[] } }) => {
    const when = fault();
    if (when === 'before') throw new InjectedFault('PutRecords was not sent');
    for (const { Data } of command.input.Records) {
      const text = Buffer.from(Data).toString();
      alerts.set(JSON.parse(text).alert_id, text);
    }
    if (when === 'after') throw new InjectedFault('PutRecords took effect, its answer was lost');
    return { Records: command.input.Records.map(() => ({})) };
  };
  return { client: { send } as unknown as KinesisClient, alerts };
}

describe('commit and outbox', () => {
  let tables: Tables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.close());

  /** Delivers batches as the stream does: a batch that failed is delivered again until it succeeds; gives what is left of the key. */
  async function run(device: string, batches: SourceRecord[][], fault: () => 'before' | 'after' | null, freshEachBatch = false) {
    const stream = recordingStream(fault);
    const start = () => processorOn(tables.faulty(fault), stream.client, () => ARRIVAL_MS);
    let processor = start();
    let faults = 0;
    const committed = noBuckets();
    for (const batch of batches) {
      const deliveries: Delivery[] = deliveriesByName('readings', batch, DEFAULT_SETTINGS).get(device)!;
      for (let attempt = 0; ; attempt++) {
        const { failures, counts } = await processor.process('readings', new Map([[device, deliveries]]));
        addDifference(committed, noBuckets(), counts);
        const error = failures.get(device);
        if (error === undefined) break;
        if (!(error instanceof InjectedFault) || attempt > 200) throw error;
        faults++;
        // A crash loses all that a warm function knew.
        if (freshEachBatch) processor = start();
      }
    }
    const of = async (table: string, key: string) =>
      JSON.parse(
        JSON.stringify((await tables.rows(table)).filter((row) => String(row[key]).includes(device))).replaceAll(device, 'DEVICE'),
      );
    const state = (await of('state', 'key'))[0];
    // The slot is a hash of the key's own name.
    const { version: _version, timerSlot: _slot, state: json, ...item } = state;
    return {
      faults,
      committed,
      rows: {
        item,
        state: JSON.parse(json),
        windows: await of('window', 'key'),
        alarms: await of('alarm', 'alarmId'),
        alerts: [...stream.alerts.values()].map((text) => text.replaceAll(device, 'DEVICE')).sort(),
      },
    };
  }

  it.each([1, 2, 3, 4, 5, 6])(
    'ends the same with every call breaking at random, before or after it took effect (seed %i)',
    async (seed) => {
      const undisturbed = await run(`calm${seed}`, batchesOf(`calm${seed}`, seed), () => null);
      const next = random(1000 + seed);
      const fault = () => (next() < 0.3 ? (next() < 0.5 ? 'before' : 'after') : null);
      const disturbed = await run(`torn${seed}`, batchesOf(`torn${seed}`, seed), fault, seed % 2 === 0);
      expect(disturbed.faults).toBeGreaterThan(5);
      expect(undisturbed.rows.alarms.length).toBeGreaterThan(5);
      expect(disturbed.rows).toEqual(undisturbed.rows);
      // The metrics are those of the items; a commit whose answer was lost is missing in them, none is in them twice.
      expect(undisturbed.committed).toEqual(bucketsOf(undisturbed.rows.state.counters));
      expect(disturbed.committed.received).toBeLessThanOrEqual(undisturbed.committed.received);
      const { received, applied, duplicate, late, quarantined } = disturbed.committed;
      expect(applied + duplicate + late + quarantined).toBe(received);
    },
  );

  it('emits what was decided before a crash when its records come again, though they change nothing', async () => {
    const [batch] = [batchesOf('crash', 9).flat()];
    let writes = 0;
    const crash = (command = '') => (command === 'BatchExecuteStatementCommand' && ++writes > 1 ? ('before' as const) : null);
    const stream = recordingStream(() => null);
    const deliveries = deliveriesByName('readings', batch!, DEFAULT_SETTINGS).get('crash')!;
    const processor = (dynamo = tables.client) => processorOn(dynamo, stream.client, () => ARRIVAL_MS);
    await expect(processKey(processor(tables.faulty(crash)), 'readings', 'crash', deliveries)).rejects.toThrow(InjectedFault);
    expect((await tables.rows('window')).filter(({ key }) => key === 'readings#crash')).toEqual([]);
    await processKey(processor(), 'readings', 'crash', deliveries);
    const state = JSON.parse(String((await tables.rows('state')).find(({ key }) => key === 'readings#crash')!['state']));
    expect(state.counters.received).toBe(batch!.length);
    expect((await tables.rows('window')).filter(({ key }) => key === 'readings#crash').length).toBeGreaterThan(5);
  });

  it('lets one of two writers of a key win, and the other one fold again on what it finds', async () => {
    const records = batchesOf('race', 10).flat();
    const half = Math.floor(records.length / 2);
    // Two lanes, as around a reshard: both halves are new to the key.
    const lanes = [records.slice(0, half), records.slice(half).map((record) => ({ ...record, lane: 'shardId-000000000001' }))];
    const stream = recordingStream(() => null);
    await Promise.all(
      lanes.map(async (lane) => {
        const processor = processorOn(tables.client, stream.client, () => ARRIVAL_MS);
        for (const record of lane)
          await retryConflicts(() =>
            processKey(processor, 'readings', 'race', deliveriesByName('readings', [record], DEFAULT_SETTINGS).get('race')!),
          );
      }),
    );
    const { counters } = JSON.parse(String((await tables.rows('state')).find(({ key }) => key === 'readings#race')!['state']));
    expect([counters.received, counters.applied]).toEqual([records.length, 60]);
  });

  describe('of many keys in one batch', () => {
    const devices = (prefix: string) => Array.from({ length: 30 }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);
    const deliveriesOf = (names: readonly string[]) =>
      new Map(names.map((name, index) => [name, deliveriesByName('readings', batchesOf(name, index).flat(), DEFAULT_SETTINGS).get(name)!]));
    const rowsOf = async (table: string, key: string, prefix: string) =>
      (await tables.rows(table)).filter((row) => String(row[key]).includes(prefix));
    /** Alerts by sensor; a request that holds one of `unsendable` fails as a whole. */
    const refusingStream = (unsendable: string) => {
      const sent = new Map<string, Set<string>>();
      const send = async ({ input }: { input: { Records: { PartitionKey: string; Data: Uint8Array }[] } }) => {
        if (input.Records.some(({ PartitionKey }) => PartitionKey === unsendable)) throw new InjectedFault(`${unsendable} cannot be sent`);
        for (const { PartitionKey, Data } of input.Records) {
          const ids = sent.get(PartitionKey) ?? new Set();
          sent.set(PartitionKey, ids.add(JSON.parse(Buffer.from(Data).toString()).alert_id));
        }
        return { Records: input.Records.map(() => ({})) };
      };
      return { client: { send } as unknown as KinesisClient, sent };
    };

    it('is the same as of each key by itself', async () => {
      const alone = recordingStream(() => null);
      const aloneProcessor = processorOn(tables.client, alone.client, () => ARRIVAL_MS);
      for (const [name, deliveries] of deliveriesOf(devices('alone'))) await processKey(aloneProcessor, 'readings', name, deliveries);
      const together = recordingStream(() => null);
      const { failures } = await processorOn(tables.client, together.client, () => ARRIVAL_MS).process(
        'readings',
        deliveriesOf(devices('group')),
      );
      expect(failures.size).toBe(0);
      const named = (rows: unknown, prefix: string) => JSON.parse(JSON.stringify(rows).replaceAll(prefix, 'DEVICE'));
      const withoutSlot = (rows: Record<string, unknown>[]) => rows.map(({ timerSlot: _, ...row }) => row);
      // Readings of the two fleets differ in nothing but the name: seeds follow from the place in the batch.
      for (const [table, key] of [
        ['state', 'key'],
        ['window', 'key'],
        ['alarm', 'alarmId'],
      ] as const) {
        const [a, b] = [await rowsOf(table, key, 'alone'), await rowsOf(table, key, 'group')];
        expect(a.length).toBeGreaterThanOrEqual(30);
        expect(named(withoutSlot(b), 'group')).toEqual(named(withoutSlot(a), 'alone'));
      }
      expect([...together.alerts.keys()].sort()).toEqual([...alone.alerts.keys()].map((id) => id.replace('alone', 'group')).sort());
    });

    it('stops at the key that cannot be emitted and at no other; when it can, its alerts are all there', async () => {
      const names = devices('block');
      const bad = names[3]!;
      const refusing = refusingStream(bad);
      const { failures } = await processorOn(tables.client, refusing.client, () => ARRIVAL_MS).process('readings', deliveriesOf(names));
      expect([...failures.keys()]).toEqual([bad]);
      const healthy = refusingStream('nobody');
      const { failures: again } = await processorOn(tables.client, healthy.client, () => ARRIVAL_MS).process(
        'readings',
        deliveriesOf(names),
      );
      expect(again.size).toBe(0);
      const transitions = (await rowsOf('alarm', 'alarmId', 'block')).filter(({ record }) => record !== 'current');
      for (const name of names) {
        const expected = transitions.filter(({ alarmId }) => String(alarmId).startsWith(`${name}:`));
        const sent = new Set([...(refusing.sent.get(name) ?? []), ...(healthy.sent.get(name) ?? [])]);
        expect(expected.length).toBeGreaterThan(0);
        expect(expected.every(({ alarmId, record }) => sent.has(`${alarmId}#${Number(String(record).slice(2))}`))).toBe(true);
      }
    });

    it('folds again only the key that another writer committed in between', async () => {
      const names = devices('rival');
      const rival = names[7]!;
      const silent = recordingStream(() => null).client;
      const first = processorOn(tables.client, silent, () => ARRIVAL_MS);
      const [head, tail] = [new Map<string, Delivery[]>(), new Map<string, Delivery[]>()];
      for (const [name, deliveries] of deliveriesOf(names)) {
        head.set(name, deliveries.slice(0, 20));
        tail.set(name, deliveries.slice(20));
      }
      expect((await first.process('readings', head)).failures.size).toBe(0);
      // Another function commits a part of what the first one, which remembers the key, is about to fold.
      await processKey(
        processorOn(tables.client, silent, () => ARRIVAL_MS),
        'readings',
        rival,
        tail.get(rival)!.slice(0, 5),
      );
      expect((await first.process('readings', tail)).failures.size).toBe(0);
      const versions = new Map<unknown, unknown>();
      for (const { key, state, version } of await rowsOf('state', 'key', 'rival')) {
        const { received, applied, duplicate } = JSON.parse(String(state)).counters;
        expect([applied, received - duplicate]).toEqual([60, 60]);
        versions.set(key, version);
      }
      expect(versions.size).toBe(30);
      expect(versions.get(`readings#${rival}`)).toBe('3');
      expect(versions.get(`readings#${names[8]}`)).toBe('2');
    });
  });

  it('never lets an older revision overwrite a newer row, whoever emits it last', async () => {
    const writer = writerOn(tables.client, recordingStream(() => null).client, () => ARRIVAL_MS);
    const state = newKeyState('readings', 'zombie');
    const window = (revision: number) => ({ type: 'window' as const, window: { ...newReadingWindow(START), closed: true, revision } });
    const alarm = (revision: number) => ({
      type: 'alarm' as const,
      rule: 'temperature-instant' as const,
      previousSeverity: 'NORMAL' as const,
      alarm: { state: 'ACTIVE' as const, severity: 'HIGH' as const, revision, sinceMs: START, changedMs: START, value: 31, threshold: 30 },
    });
    for (const revision of [2, 3, 1]) await writer.emit([{ state, outputs: [window(revision), alarm(revision)] }]);
    expect((await tables.rows('window')).filter(({ key }) => key === 'readings#zombie').map(({ revision }) => revision)).toEqual(['3']);
    const alarms = (await tables.rows('alarm')).filter(({ alarmId }) => alarmId === 'zombie:temperature-instant');
    expect(alarms.map(({ record, revision }) => [String(record).slice(-3), revision])).toEqual([
      ['ent', '3'],
      ['001', '1'],
      ['002', '2'],
      ['003', '3'],
    ]);
  });

  async function retryConflicts(task: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await task();
      } catch (error) {
        if (attempt === 50 || !(error instanceof Error && error.name === 'CommitConflict')) throw error;
      }
    }
  }

  it('arms the timer of a key with open windows once, early enough, and disarms it when they are closed', async () => {
    const device = 'timed';
    const processor = processorOn(tables.client, recordingStream(() => null).client, () => ARRIVAL_MS);
    const timerAt = async () => (await tables.rows('state')).find(({ key }) => key === `readings#${device}`)!['timerAt'];
    const deliver = async (position: number, arrivalMs: number, events: Delivery['events']) =>
      processKey(processor, 'readings', device, [{ lane: 'l', position: positionOf(position), arrivalMs, events, refusals: [] }]);
    const reading = (seq: number, eventMs: number) =>
      ({
        type: 'reading',
        sensorId: device,
        eventId: `${device}.b.${seq}`,
        numbered: { boot: 'b', seq },
        eventMs,
        temperatureC: 20,
        humidityPct: 50,
        claimsDeviceId: false,
      }) as const;
    const timer = { type: 'timer', name: device, dueMs: 0 } as const;
    await deliver(1, ARRIVAL_MS, [reading(0, START)]);
    expect(Number(await timerAt())).toBe(ARRIVAL_MS + 600_000);
    await deliver(2, ARRIVAL_MS + 60_000, [reading(1, START + 60_000)]);
    expect(Number(await timerAt())).toBe(ARRIVAL_MS + 600_000);
    await deliver(3, ARRIVAL_MS + 600_000, [timer]);
    expect(Number(await timerAt())).toBe(ARRIVAL_MS + 660_000);
    await deliver(4, ARRIVAL_MS + 660_000, [timer]);
    expect(await timerAt()).toBeUndefined();
  });
});
