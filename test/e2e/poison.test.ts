/** Poison on the streams ends in quarantine with its reason and bytes, and the lane goes on. */
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { queryParquet, type RunningTidemark, startForTest } from '../support/runtime.ts';

interface Latest {
  readonly counters: { readonly received: number; readonly applied: number; readonly quarantined: Record<string, number> };
}

const NOW = Date.now();
const reading = (fields: object = {}) => JSON.stringify({ timestamp: NOW, temperature: 21, humidity: 40, boot: 'b', seq: 0, ...fields });
const wrapped = (payload: string | Buffer, device: string, fields: object = {}) =>
  JSON.stringify({
    payload: Buffer.from(payload).toString('base64'),
    v: 1,
    type: 'readings',
    device_id: device,
    client_id: device,
    ingest_ms: NOW,
    trace_id: 't',
    ...fields,
  });

/** Each poison with the reason it must be refused for. */
const POISON: readonly (readonly [what: string, bytes: string | Buffer, reason: string])[] = [
  ['broken JSON', '{"v":1,', 'BAD_JSON'],
  ['no UTF-8', Buffer.from([0xff, 0x00, 0xfe]), 'BAD_UTF8'],
  ['1 MiB', Buffer.alloc(1_048_576 - 'poisoned'.length, 'x'), 'TOO_LARGE'],
  ['wrong types', wrapped(reading({ temperature: 'hot' }), 'poisoned'), 'BAD_FIELD'],
  ['an empty payload', wrapped('', 'poisoned'), 'EMPTY'],
  ['an unknown version', wrapped(reading(), 'poisoned', { v: 2 }), 'UNKNOWN_VERSION'],
  ['an unknown type', wrapped(reading(), 'poisoned', { type: 'weather' }), 'UNKNOWN_TYPE'],
  ['1970', wrapped(reading({ timestamp: 3600 }), 'poisoned'), 'CLOCK_EPOCH'],
  ['2100', wrapped(reading({ timestamp: Date.UTC(2100, 0, 1) }), 'poisoned'), 'CLOCK_FUTURE'],
  ['a NaN token', wrapped(`{"timestamp":${NOW},"temperature":NaN}`, 'poisoned'), 'BAD_JSON'],
  ['a bad sensor name', wrapped(reading({ sensor_id: '../etc' }), 'poisoned'), 'BAD_NAME'],
  ['a forged device', wrapped(reading(), 'somebody-else'), 'KEY_MISMATCH'],
];

describe('poison', () => {
  let running: RunningTidemark;
  let kinesis: KinesisClient;
  beforeAll(async () => {
    running = await startForTest();
    kinesis = new KinesisClient({
      endpoint: running.tidemark.runtime.aws.kinesis,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterAll(async () => {
    kinesis?.destroy();
    await running?.stop();
  });

  const put = (records: readonly (string | Buffer)[]) =>
    kinesis.send(
      new PutRecordsCommand({
        StreamName: 'readings',
        Records: records.map((bytes) => ({ PartitionKey: 'poisoned', Data: Buffer.from(bytes) })),
      }),
    );

  it('is quarantined with reason and bytes, counted, and what follows it in the lane is applied', async () => {
    await put([...POISON.map(([, bytes]) => bytes), wrapped(reading(), 'poisoned')]);
    const latest = await eventually(async () => {
      const found = await running.get<Latest>('sensors/poisoned/latest').catch(() => null);
      return found && found.counters.applied === 1 ? found : null;
    });
    const expected: Record<string, number> = {};
    // Refusals of a named sensor count under it: the bad sensor name is no name, and counts under its device.
    for (const [, , reason] of POISON) expected[reason] = (expected[reason] ?? 0) + 1;
    expect(latest.counters.quarantined).toEqual(expected);
    expect(latest.counters.received).toBe(POISON.length + 1);

    const rows = await eventually(async () => {
      const found = await queryParquet(
        `select reason, hex(raw) as bytes from read_parquet('${running.folder}/s3/data/quarantine/readings/**/*.parquet')`,
      ).catch(() => []);
      return found.length >= POISON.length ? found : null;
    });
    const found = rows.map(({ reason, bytes }) => `${reason} ${bytes}`).sort();
    expect(found).toEqual(POISON.map(([, bytes, reason]) => `${reason} ${Buffer.from(bytes).toString('hex').toUpperCase()}`).sort());
  });

  it('on the stream of trades ends there too, trade by trade, and the good ones of the same record count', async () => {
    const record = (fields: object) =>
      JSON.stringify({
        v: 1,
        type: 'trades',
        session: 's',
        symbol: 'POISON',
        n: 0,
        received_at: NOW,
        trades: [{ p: 1, t: NOW, v: 1 }],
        ...fields,
      });
    const mixed = record({
      trades: [
        { p: 1, t: NOW, v: 1 },
        { p: 'x', t: NOW, v: 1 },
        { p: 1, t: 0, v: 1 },
        { p: 2, t: NOW, v: 2 },
      ],
    });
    const records = ['', 'not json', record({ v: 9 }), record({ symbol: 'OTHER' }), record({ symbol: 'bad name' }), mixed];
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: 'trades',
        Records: records.map((text) => ({ PartitionKey: 'POISON', Data: Buffer.from(text) })),
      }),
    );
    const latest = await eventually(async () => {
      const found = await running.get<Latest>('symbols/POISON/latest').catch(() => null);
      return found && found.counters.applied === 2 ? found : null;
    });
    expect(latest.counters.quarantined).toEqual({
      EMPTY: 1,
      BAD_JSON: 1,
      UNKNOWN_VERSION: 1,
      KEY_MISMATCH: 1,
      BAD_NAME: 1,
      BAD_FIELD: 1,
      CLOCK_EPOCH: 1,
    });
    expect(latest.counters.received).toBe(9);
    const rows = await eventually(async () => {
      const found = await queryParquet(`select reason from read_parquet('${running.folder}/s3/data/quarantine/trades/**/*.parquet')`).catch(
        () => [],
      );
      return found.length >= 7 ? found : null;
    });
    expect(rows).toHaveLength(7);
  });

  it('over MQTT keeps the bytes the device published', async () => {
    const client = await connectAsync(running.tidemark.runtime.mqtt, { clientId: 'broken-device' });
    await client.publishAsync('dht22/broken-device/telemetry', Buffer.from('{temperature: 21'), { qos: 1 });
    await client.publishAsync('dht22/broken-device/telemetry', reading(), { qos: 1 });
    await client.endAsync();
    const latest = await eventually(async () => {
      const found = await running.get<Latest>('sensors/broken-device/latest').catch(() => null);
      return found && found.counters.received === 2 ? found : null;
    });
    expect(latest.counters).toMatchObject({ applied: 1, quarantined: { BAD_JSON: 1 } });
  });

  it("a publish to another device's topic is refused: the broker closes the connection, and nothing arrives", async () => {
    const client = await connectAsync(running.tidemark.runtime.mqtt, { clientId: 'intruder', reconnectPeriod: 0 });
    const closed = new Promise((resolve) => client.once('close', () => resolve(null)));
    client.publish('dht22/victim/telemetry', reading(), { qos: 1 });
    await closed;
    client.end(true);
    await expect(running.get('sensors/victim/latest')).rejects.toThrow('404');
  });
});
