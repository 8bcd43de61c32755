import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { kinesisPort } from '../../../feed/kinesis-port.ts';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../../local/engines/kinesis/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';
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

/** A Kinesis that gives one answer to everything. */
async function startAnswering(
  status: number,
  body: object,
): Promise<{ url: string; sessions: Inbox<Http2Session>; requests: () => number }> {
  let requests = 0;
  const sessions = new Inbox<Http2Session>();
  const answering = createServer((_, response) => {
    requests++;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  answering.on('session', (session) => sessions.push(session));
  answering.listen(0, '127.0.0.1');
  await once(answering, 'listening');
  onTestFinished(() => {
    answering.close();
  });
  return { url: `http://127.0.0.1:${(answering.address() as AddressInfo).port}`, sessions, requests: () => requests };
}

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

  it('tells which records were refused, and why', async () => {
    const refusal = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' };
    const taken = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
    const answering = await startAnswering(200, { FailedRecordCount: 1, Records: [taken, refusal, taken] });
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', answering.url);
    const port = kinesisPort('trades');
    expect(await port.putRecords([record('a', 1), record('b', 2), record('c', 3)])).toEqual([
      null,
      { code: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' },
      null,
    ]);
    await expect(port.putRecords([record('a', 1)])).rejects.toThrow('PutRecords answered 3 results for 1 records');
    port.close();
    await once(await answering.sessions.next(), 'close');
  });

  it.each([
    ['ProvisionedThroughputExceededException', 400, false],
    ['LimitExceededException', 400, false],
    ['ThrottlingException', 400, false],
    ['KMSThrottlingException', 400, false],
    ['ExpiredTokenException', 400, false],
    ['InternalFailureException', 500, false],
    ['ServiceUnavailable', 503, false],
    ['ResourceNotFoundException', 400, true],
    ['AccessDeniedException', 400, true],
    ['InvalidArgumentException', 400, true],
    ['ValidationException', 400, true],
  ])('asks once and takes %s (%i) for final: %s', async (name, status, isFinal) => {
    const answering = await startAnswering(status, { __type: name, message: 'no' });
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', answering.url);
    const port = kinesisPort('trades');
    const error = await port.putRecords([record('a', 1)]).catch((thrown: unknown) => thrown);
    port.close();
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof PutRefusedError).toBe(isFinal);
    expect(answering.requests()).toBe(1);
  });

  it('fails in a way that may pass when nobody listens', async () => {
    await server.close();
    const port = kinesisPort('trades');
    await expect(port.putRecords([record('a', 1)])).rejects.not.toBeInstanceOf(PutRefusedError);
    port.close();
    server = await startKinesisServer(engine, { port: 0 });
  });
});
