import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { kinesisPort } from '../../../feed/kinesis-port.ts';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../../local/engines/kinesis/server.ts';
import { ManualClock } from '../local/manual-clock.ts';
import { record } from './recording-port.ts';

let engine: KinesisEngine;
let server: Awaited<ReturnType<typeof startKinesisServer>>;

beforeEach(async () => {
  engine = new KinesisEngine({ clock: new ManualClock(Date.UTC(2026, 10, 5)), folder: null });
  server = await startKinesisServer(engine, { port: 0 });
  vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', server.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await engine.close();
});

describe('A Kinesis stream as a port of the writer', () => {
  it('takes records with their keys and bytes', async () => {
    const stream = await engine.createStream({ name: 'trades', shardCount: 1, retentionHours: 24 });
    const port = kinesisPort('trades');
    expect(await port.putRecords([record('a', 'é1'), record('b', 2)])).toEqual([null, null]);
    port.close();
    const read = await stream.read(stream.shardIds()[0]!, null, { records: 10, bytes: 1_000_000 });
    expect(read.map(({ partitionKey, data }) => [partitionKey, Buffer.from(data).toString()])).toEqual([
      ['a', 'é1'],
      ['b', '2'],
    ]);
  });

  it('refuses for good when there is no such stream', async () => {
    const port = kinesisPort('nowhere');
    await expect(port.putRecords([record('a', 1)])).rejects.toThrow(PutRefusedError);
    await expect(port.putRecords([record('a', 1)])).rejects.toThrow(/^stream "nowhere" refuses: ResourceNotFoundException/);
    port.close();
  });

  it('fails in a way that may pass when nobody listens', async () => {
    await server.close();
    const port = kinesisPort('trades');
    await expect(port.putRecords([record('a', 1)])).rejects.not.toBeInstanceOf(PutRefusedError);
    port.close();
    server = await startKinesisServer(engine, { port: 0 });
  });
});
