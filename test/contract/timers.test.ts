/** The timer function against the state table's index and the streams: who is due gets a record in the lane of its own data. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { dueKeys } from '#adapters/due-keys.ts';
import { StateStore } from '#adapters/state-store.ts';
import { decodeRecord } from '#domain/decode.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import { KinesisEngine } from '../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../local/engines/kinesis/server.ts';
import { noPause } from '../support/speed.ts';
import { startTables, type Tables } from '../support/tables.ts';

const NOW = Date.now();

describe('timers', () => {
  let tables: Tables;
  let kinesis: KinesisEngine;
  let server: Awaited<ReturnType<typeof startKinesisServer>>;

  beforeAll(async () => {
    tables = await startTables();
    kinesis = new KinesisEngine({ clock: REAL_CLOCK, folder: null });
    for (const name of ['trades', 'readings']) await kinesis.createStream({ name, shardCount: 1, retentionHours: 24 });
    server = await startKinesisServer(kinesis, { port: 0 });
    await arm('trades', 'BINANCE:BTCUSDT', NOW - 1);
    await arm('trades', 'IBM', NOW + 3_600_000);
    await arm('readings', 'roof', NOW - 60_000);
    await arm('readings', 'cellar.left', NOW - 5);
    await arm('readings', 'quiet', null);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.close();
    await kinesis.close();
    await tables.close();
  });

  async function arm(source: SourceName, name: string, timerAtMs: number | null): Promise<void> {
    const store = new StateStore(tables.client, 'state', noPause);
    const [stored] = await store.load(source, [name]);
    expect(await store.commitAll([{ stored: stored!, outbox: [], timerAtMs }])).toEqual([null]);
  }

  it('finds the keys at or before an instant, in every slot of the index, and no other', async () => {
    const due = await dueKeys(tables.client, 'state', NOW - 5);
    expect(due.map(({ source, name, dueMs }) => `${source} ${name} ${dueMs - NOW}`).sort()).toEqual([
      'readings cellar.left -5',
      'readings roof -60000',
    ]);
  });

  it('puts one record for each due key into its own stream, under the partition key of its data', async () => {
    const endpoint = await tables.client.config.endpoint!();
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://${endpoint.hostname}:${endpoint.port}`);
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', server.url);
    for (const [name, value] of Object.entries({ STATE_TABLE: 'state', TRADES_STREAM: 'trades', READINGS_STREAM: 'readings' }))
      vi.stubEnv(name, value);
    const { handler } = await import('../../functions/timers/handler.ts');
    await handler();
    const timersIn = async (source: SourceName) => {
      const stream = kinesis.stream(source);
      const records = await stream.read('shardId-000000000000', null, { records: 100, bytes: 1e6 });
      return records.flatMap(({ sequenceNumber, partitionKey, data, arrivalMs }) => {
        const record = { lane: 'shardId-000000000000', position: sequenceNumber, key: partitionKey, bytes: data, arrivalMs };
        const { events, refusals } = decodeRecord(source, record, DEFAULT_SETTINGS);
        expect(refusals).toEqual([]);
        return events.map((event) => (event.type === 'timer' ? `${partitionKey}: ${event.name} ${event.dueMs - NOW}` : 'no timer'));
      });
    };
    expect(await timersIn('trades')).toEqual(['BINANCE:BTCUSDT: BINANCE:BTCUSDT -1']);
    expect((await timersIn('readings')).sort()).toEqual(['cellar: cellar.left -5', 'roof: roof -60000']);
  });
});
