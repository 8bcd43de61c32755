/** Serving from real tables what the real speed layer wrote there: the two sides of the table contract. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AlarmReader } from '#adapters/alarm-reader.ts';
import { dynamoArchiveIndex } from '#adapters/archive-index.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { NOTHING_PUBLISHED, PublishedStore } from '#adapters/published-store.ts';
import { StateReader, UnprocessedKeysError } from '#adapters/state-reader.ts';
import { WindowReader } from '#adapters/window-reader.ts';
import type { Reading, Trade } from '#domain/events.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import type { KeyProcessor } from '../../functions/speed/key-processor.ts';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { startS3Server } from '../../local/engines/s3/server.ts';
import { MemoryBatch } from '../support/memory-batch.ts';
import { type Answer, type Ask, askerOf, reading, trade } from '../support/memory-speed.ts';
import { positionOf } from '../support/records.ts';
import { noPause, processKey, processorOn } from '../support/speed.ts';
import { startTables, type Tables } from '../support/tables.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const MINUTE = 60_000;

const stream = {
  send: async ({ input }: { input: { Records: unknown[] } }) => ({ Records: input.Records.map(() => ({})) }),
} as unknown as KinesisClient;

/** As API Gateway sends it (payload format 2.0): the path is decoded already, the query is not. */
const HTTP_API_EVENT = {
  version: '2.0',
  routeKey: 'GET /v1/{proxy+}',
  rawPath: '/v1/symbols/FX:EUR/USD/trades',
  rawQueryString: 'limit=1',
  headers: { accept: '*/*', 'content-length': '0', host: 'abc123.execute-api.us-east-1.amazonaws.com', 'x-forwarded-proto': 'https' },
  queryStringParameters: { limit: '1' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'abc123',
    domainName: 'abc123.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'abc123',
    http: { method: 'GET', path: '/v1/symbols/FX:EUR/USD/trades', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl/8.5.0' },
    requestId: 'Zx1tHhPjoAMEJ8w=',
    routeKey: 'GET /v1/{proxy+}',
    stage: '$default',
    time: '01/Jun/2026:12:00:00 +0000',
    timeEpoch: NOW,
  },
  pathParameters: { proxy: 'symbols/FX:EUR/USD/trades' },
  isBase64Encoded: false,
};

const field = ({ body }: Answer, name: string) => (body.data as Record<string, unknown>[]).map((row) => row[name]);

describe('serving from the tables of the speed layer', () => {
  let tables: Tables;
  let processor: KeyProcessor;
  let ask: Ask;
  let position = 0;

  function askerAt(client: DynamoDBClient): Ask {
    return askerOf({
      ...new MemoryBatch().ports,
      states: new StateReader(client, 'state', noPause),
      windows: new WindowReader(client, 'window'),
      alarms: new AlarmReader(client, 'alarm'),
      archive: new ArchiveProgress(client, 'archive-index'),
      live: { issue: () => Promise.reject(new Error('no broker here')) },
      settings: DEFAULT_SETTINGS,
      nowMs: () => NOW,
    });
  }

  const deliver = (to: KeyProcessor, source: SourceName, name: string, events: (Trade | Reading)[]) =>
    processKey(to, source, name, [{ lane: 'shard-0', position: positionOf(++position), arrivalMs: NOW, events, refusals: [] }]);

  beforeAll(async () => {
    tables = await startTables();
    const { client } = tables;
    processor = processorOn(client, stream, () => NOW);
    const start = NOW - 100 * MINUTE;
    await deliver(
      processor,
      'trades',
      'FX:EUR/USD',
      Array.from({ length: 100 }, (_, number) => trade('FX:EUR/USD', number, start + number * MINUTE, 100 + number, 2)),
    );
    for (const [sensor, heatC] of [
      ['cool', 20],
      ['hot', 36],
      ['warm', 31],
    ] as const) {
      const readings = Array.from({ length: 30 }, (_, seq) => reading(sensor, seq, start + seq * MINUTE, seq % 10 < 5 ? heatC : 20));
      await deliver(processor, 'readings', sensor, readings);
    }
    ask = askerAt(client);
  }, 60_000);
  afterAll(() => tables.close());

  it('lists the keys of a source by name, page by page', async () => {
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await ask(`/v1/sensors?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push((body.data as { sensor_id: string }[]).map(({ sensor_id }) => sensor_id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual([['cool', 'hot'], ['warm']]);
    expect(field(await ask('/v1/symbols'), 'symbol')).toEqual(['FX:EUR/USD']);
  });

  it('gives all windows of a range in order, over many pages, the open ones from the state', async () => {
    const prices: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer: Answer = await ask(`/v1/symbols/FX%3AEUR%2FUSD/bars?limit=7${cursor && `&cursor=${cursor}`}`);
      prices.push(...field(answer, 'open_price'));
      cursor = answer.body.next_cursor;
    }
    expect(prices).toEqual(Array.from({ length: 100 }, (_, number) => 100 + number));
  });

  it('leaves out the window that begins where the range ends', async () => {
    const start = NOW - 100 * MINUTE;
    const range = `from=${new Date(start + 10 * MINUTE).toISOString()}&to=${new Date(start + 12 * MINUTE).toISOString()}`;
    expect(field(await ask(`/v1/symbols/FX:EUR/USD/bars?${range}`), 'open_price')).toEqual([110, 111]);
  });

  it('folds days of them, for `daily` and for `latest`', async () => {
    const { body } = await ask('/v1/symbols/FX:EUR/USD/daily');
    expect(body.data).toMatchObject([{ day: '2026-06-01', trade_count: 100, volume: 200, open_price: 100, close_price: 199, vwap: 149.5 }]);
    expect((await ask('/v1/symbols/FX:EUR/USD/latest')).body.data).toMatchObject({ price: 199, day: { trade_count: 100, volume: 200 } });
  });

  it('shows what was committed before a crash and is in no table but the outbox', async () => {
    let writes = 0;
    const client = tables.faulty((command) => (command === 'BatchExecuteStatementCommand' && ++writes > 1 ? 'before' : null));
    const crashing = processorOn(client, stream, () => NOW);
    const first = NOW - 20 * MINUTE;
    const trades = [trade('CRASH:X', 0, first, 10, 1), trade('CRASH:X', 1, first + 30 * MINUTE, 11, 1)];
    await expect(deliver(crashing, 'trades', 'CRASH:X', trades)).rejects.toThrow('was not sent');
    const answer = await ask('/v1/symbols/CRASH:X/bars');
    expect([field(answer, 'open_price'), field(answer, 'revision'), field(answer, 'closed')]).toEqual([
      [10, 11],
      [1, 0],
      [true, false],
    ]);
    expect((await ask('/v1/symbols/CRASH:X/latest')).body.data).toMatchObject({ day: { trade_count: 2 } });
  });

  it('lists alarms worst first and gives each its history, newest first', async () => {
    const all = await ask('/v1/alarms');
    const severities = field(all, 'severity');
    expect(severities).toEqual(
      [...severities].sort((a, b) => ['CRITICAL', 'HIGH', 'NORMAL'].indexOf(String(a)) - ['CRITICAL', 'HIGH', 'NORMAL'].indexOf(String(b))),
    );
    expect(new Set(field(all, 'sensor_id'))).toEqual(new Set(['hot', 'warm']));
    const one: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await ask(`/v1/alarms?limit=1${cursor && `&cursor=${cursor}`}`);
      one.push(...field(page, 'alarm_id'));
      cursor = page.body.next_cursor;
    }
    expect(one).toEqual(field(all, 'alarm_id'));
    for (const severity of ['CRITICAL', 'HIGH', 'NORMAL'])
      expect(field(await ask(`/v1/alarms?severity=${severity}`), 'alarm_id')).toEqual(
        field(all, 'alarm_id').filter((_, index) => severities[index] === severity),
      );

    // 20 → 36 → 20 and so on, three times each: up and down makes six transitions.
    const history = await ask('/v1/alarms/hot:temperature-instant/history');
    expect(field(history, 'revision')).toEqual([6, 5, 4, 3, 2, 1]);
    expect((await ask('/v1/alarms/hot:temperature-instant')).body.data).toEqual((history.body.data as unknown[])[0]);
    const paged = await ask('/v1/alarms/hot:temperature-instant/history?limit=4');
    const rest = await ask(`/v1/alarms/hot:temperature-instant/history?limit=4&cursor=${paged.body.next_cursor}`);
    expect([...field(paged, 'revision'), ...field(rest, 'revision')]).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('lists alerts of all alarms by event time, newest first, page by page', async () => {
    const all = await ask('/v1/alerts?from=2026-06-01&to=2026-06-02');
    const times = field(all, 'event_time').map(String);
    expect(times).toEqual(times.toSorted().reverse());
    expect(new Set(field(all, 'alert_id')).size).toBe(times.length);
    expect(field(all, 'alert_id')).toContain('hot:temperature-instant#1');
    const paged: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await ask(`/v1/alerts?from=2026-06-01&to=2026-06-02&limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...field(page, 'alert_id'));
      cursor = page.body.next_cursor;
    }
    expect(paged).toEqual(field(all, 'alert_id'));
  });

  it('sums the pipeline, archived as far as the archive is done with each lane', async () => {
    const index = dynamoArchiveIndex(tables.client, 'archive-index', { newMarker: () => 'm', pause: noPause });
    await index.write('readings', [], [{ lane: 'shard-0', position: positionOf(99), arrivalMs: NOW - 3000 }]);
    await index.write('trades', [], [{ lane: 'shard-7', position: positionOf(99), arrivalMs: NOW - 3000 }]);
    const { body } = await ask('/v1/pipeline');
    expect(body.data).toMatchObject({
      sources: {
        readings: { keys: 3, received: 90, applied: 90, quality: { OK: 90 }, archived_through: new Date(NOW - 3000).toISOString() },
        trades: { archived_through: null },
      },
    });
  });

  it('asks again for keys that a busy table left out, and gives up after some attempts without progress', async () => {
    const leftOut = { UnprocessedKeys: { state: { Keys: [{ key: { S: 'readings#hot' } }] } }, Responses: {} };
    const busyTimes = (times: number) => {
      let calls = 0;
      const pauses: number[] = [];
      const send = async (command: never) => (++calls <= times ? leftOut : tables.client.send(command));
      const reader = new StateReader({ send } as unknown as DynamoDBClient, 'state', async (ms) => {
        pauses.push(ms);
      });
      return { reader, pauses };
    };
    const sometimes = busyTimes(3);
    const names = (await sometimes.reader.getAll('readings', ['hot'])).map(({ state }) => state.name);
    expect([names, sometimes.pauses]).toEqual([['hot'], [50, 100, 200]]);
    await expect(busyTimes(Number.POSITIVE_INFINITY).reader.getAll('readings', ['hot'])).rejects.toThrow(UnprocessedKeysError);
  });

  it('takes many partial answers as progress, as large items make them', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `s${number}`);
    const send = async ({ input }: { input: { RequestItems: { state: { Keys: { key: { S: string } }[] } } } }) => {
      const [first, ...rest] = input.RequestItems.state.Keys;
      const item = { key: first!.key, state: { S: JSON.stringify({ name: first!.key.S }) } };
      return { Responses: { state: [item] }, UnprocessedKeys: rest.length > 0 ? { state: { Keys: rest } } : {} };
    };
    const reader = new StateReader({ send } as unknown as DynamoDBClient, 'state', () => Promise.reject(new Error('no reason to pause')));
    expect((await reader.getAll('readings', names)).map(({ state }) => state.name)).toEqual(names.map((name) => `readings#${name}`));
  });

  it('reads more keys than one batch may have, in the order asked for, and leaves out those it does not know', async () => {
    const reader = new StateReader(tables.client, 'state', noPause);
    const unknown = Array.from({ length: 150 }, (_, number) => `none-${number}`);
    const items = await reader.getAll('readings', ['warm', ...unknown, 'cool']);
    expect(items.map(({ state }) => state.name)).toEqual(['warm', 'cool']);
  });

  it('answers the event of an HTTP API through the handler as it is deployed', async () => {
    const { hostname, port } = await tables.client.config.endpoint!();
    const folder = mkdtempSync(path.join(tmpdir(), 'serve-tables-'));
    const bucket = await startS3Server(new S3Engine({ folder }), { port: 0 });
    const environment = {
      AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
      AWS_ENDPOINT_URL_S3: bucket.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      STATE_TABLE: 'state',
      WINDOW_TABLE: 'window',
      ALARM_TABLE: 'alarm',
      ARCHIVE_INDEX_TABLE: 'archive-index',
      DAY_TABLE: 'day',
      BATCH_TABLE: 'batch',
      DATA_BUCKET: 'data',
      ATHENA_WORKGROUP: 'tidemark-test',
      GLUE_DATABASE: 'tidemark_test',
      LISTENERS_TABLE: 'listeners',
      LIVE_ROLE: 'arn:aws:iam::000000000000:role/live',
      AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY: 'https://broker.example',
      SETTINGS: JSON.stringify(DEFAULT_SETTINGS),
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const client = new S3Client({
      endpoint: bucket.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'data' }));
      const day = { source: 'trades', day: '2026-05-31', gen: 'g1', revision: 1, input: '0', rows: 1, marker: 'm' } as const;
      await new PublishedStore(client, 'data').swap({ days: [day], since: NOTHING_PUBLISHED.since }, null);
      const { handler } = await import('../../functions/serve/handler.ts');
      const { statusCode, headers, body } = await handler(HTTP_API_EVENT);
      expect([statusCode, headers?.['content-type']]).toEqual([200, 'application/json']);
      expect(JSON.parse(body!)).toMatchObject({
        data: [{ symbol: 'FX:EUR/USD', price: 199 }],
        as_of: { boundary: '2026-05-31', boundary_time: '2026-06-01T00:00:00.000Z' },
        next_cursor: null,
      });
    } finally {
      vi.unstubAllEnvs();
      client.destroy();
      await bucket.close();
      rmSync(folder, { recursive: true });
    }
  });
});
