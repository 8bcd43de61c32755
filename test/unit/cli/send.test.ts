import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import type { Pace } from '../../../cli/replay/pace.ts';
import type { ReadingFile } from '../../../cli/replay/reading-file.ts';
import { payloadOf, sendReadings } from '../../../cli/replay/send-readings.ts';
import { sendTrades } from '../../../cli/replay/send-trades.ts';
import { type PutRecord, PutRefusedError, type RecordsPort } from '../../../feed/records-port.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function paceOf(signal: AbortSignal = new AbortController().signal): Pace {
  return { clock: REAL_CLOCK, speed: null, originMs: 0, startMs: 0, signal };
}

const common = { random: () => 0.5, log: () => {} };

function tradeFile(symbol: string, identity: string, count: number) {
  return { path: identity, symbol, identity, trades: Array.from({ length: count }, (_, t) => ({ s: symbol, p: 1, t, v: 1 })) };
}

describe('sending trades', () => {
  it('numbers the rows of each file from 0 under the file’s identity, one file of a symbol after the other', async () => {
    const records: PutRecord[] = [];
    const port: RecordsPort = {
      async putRecords(list) {
        records.push(...list);
        return list.map(() => null);
      },
      close: () => {},
    };
    let sent = 0;
    const files = [tradeFile('IBM', 'day1', 1_201), tradeFile('AIG', 'aig1', 3), tradeFile('IBM', 'day2', 2)];
    await sendTrades(files, { ...common, port, pace: paceOf(), onSent: (rows) => (sent += rows) });
    expect(sent).toBe(1_206);
    const decoded = records.map(({ partitionKey, data }) => ({ partitionKey, ...JSON.parse(Buffer.from(data).toString()) }));
    const of = (symbol: string) =>
      decoded.filter((record) => record.partitionKey === symbol).map(({ session, n, trades }) => [session, n, trades.length]);
    expect(of('IBM')).toEqual([
      ['day1', 0, 500],
      ['day1', 500, 500],
      ['day1', 1_000, 201],
      ['day2', 0, 2],
    ]);
    expect(of('AIG')).toEqual([['aig1', 0, 3]]);
  });

  it('fails when the stream refuses', async () => {
    const putRecords = async () => {
      throw new PutRefusedError('stream "trades" refuses: no such stream');
    };
    const sending = sendTrades([tradeFile('IBM', 'x', 9)], {
      ...common,
      port: { putRecords, close: () => {} },
      pace: paceOf(),
      onSent: () => {},
    });
    await expect(sending).rejects.toThrow('stream "trades" refuses');
  });
});

describe('the payload of a reading', () => {
  it('keeps a missing value as a reading, and a missing column away', () => {
    const row = { eventMs: 5, temperature: null, humidity: 40.5 };
    expect(payloadOf(row, { boot: 'b', seq: 7 })).toBe('{"timestamp":5,"temperature":null,"humidity":40.5,"boot":"b","seq":7}');
    expect(payloadOf({ eventMs: 5, temperature: 1 }, null)).toBe('{"timestamp":5,"temperature":1}');
  });
});

interface Published {
  readonly clientId: string;
  readonly topic: string;
  readonly qos: number;
  readonly payload: unknown;
}

async function broker(onPublish: (published: Published, count: number) => Error | null = () => null) {
  const published: Published[] = [];
  const aedes = await Aedes.createBroker({
    authorizePublish(client, packet, done) {
      const { topic, qos } = packet;
      const one = { clientId: client?.id ?? '', topic, qos, payload: JSON.parse(packet.payload.toString()) };
      published.push(one);
      done(onPublish(one, published.length));
    },
  });
  const server: Server = createServer(aedes.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, published };
}

function readingFile(device: string, identity: string, count: number): ReadingFile {
  const rows = Array.from({ length: count }, (_, index) => ({ eventMs: index, temperature: index }));
  return { path: identity, device, identity, zone: 'UTC', isZoneKnown: false, rows };
}

describe('sending readings', () => {
  it('publishes each file’s rows in order, numbered from 0, as the device and with QoS 1', async () => {
    const { url, published } = await broker();
    let sent = 0;
    const files = [readingFile('d1', 'one', 700), readingFile('d2', 'two', 2), readingFile('d1', 'three', 2)];
    await sendReadings(files, { broker: url, pace: paceOf(), numbered: true, onSent: (rows) => (sent += rows) });
    expect(sent).toBe(704);
    const expected = (device: string, boot: string, count: number) =>
      Array.from({ length: count }, (_, seq) => ({
        clientId: device,
        topic: `dht22/${device}/telemetry`,
        qos: 1,
        payload: { timestamp: seq, temperature: seq, boot, seq },
      }));
    expect(published.filter(({ clientId }) => clientId === 'd1')).toEqual([...expected('d1', 'one', 700), ...expected('d1', 'three', 2)]);
    expect(published.filter(({ clientId }) => clientId === 'd2')).toEqual(expected('d2', 'two', 2));
  });

  it('leaves identity to the content when told', async () => {
    const { url, published } = await broker();
    await sendReadings([readingFile('d1', 'one', 1)], { broker: url, pace: paceOf(), numbered: false, onSent: () => {} });
    expect(published[0]!.payload).toEqual({ timestamp: 0, temperature: 0 });
  });

  it('stops at an abort; everything published before is acknowledged', async () => {
    const abort = new AbortController();
    const { url, published } = await broker((_, count) => {
      if (count === 300) abort.abort();
      return null;
    });
    let sent = 0;
    await sendReadings([readingFile('d1', 'one', 5_000)], {
      broker: url,
      pace: paceOf(abort.signal),
      numbered: true,
      onSent: (rows) => (sent += rows),
    });
    expect(sent).toBe(published.length);
    expect(sent).toBeLessThan(5_000);
  });

  it('fails when the broker refuses a publish', async () => {
    const { url } = await broker((_, count) => (count === 3 ? new Error('not allowed') : null));
    const sending = sendReadings([readingFile('d1', 'one', 1_000)], { broker: url, pace: paceOf(), numbered: true, onSent: () => {} });
    await expect(sending).rejects.toThrow(/^the broker at mqtt:.* ended the connection of d1 \(.*does its policy allow it/);
  });

  it('fails in one line when there is no broker', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const sending = sendReadings([readingFile('d1', 'one', 1)], {
      broker: `mqtt://127.0.0.1:${port}`,
      pace: paceOf(),
      numbered: true,
      onSent: () => {},
    });
    await expect(sending).rejects.toThrow(/^cannot connect to the broker at mqtt:.* as d1: .*ECONNREFUSED/);
  });
});
