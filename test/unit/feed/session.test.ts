import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { type FeedSession, PACKING_MS, startFeedSession } from '../../../feed/session.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';
import { RecordingPort } from './recording-port.ts';
import { startVendor, type Vendor } from './vendor.ts';

const NOW = Date.UTC(2026, 10, 5, 15);

let vendor: Vendor;
let clock: ManualClock;
let port: RecordingPort;
let logged: Inbox<string>;
let session: FeedSession;

function start(maxQueuedBytes = 1_000_000): void {
  session = startFeedSession({
    session: 's-1',
    url: vendor.url,
    token: 'token',
    symbols: ['A', 'B'],
    port,
    clock,
    random: () => 0.5,
    maxQueuedBytes,
    log: (line) => logged.push(line),
  });
}

beforeEach(async () => {
  vendor = await startVendor();
  clock = new ManualClock(NOW);
  port = new RecordingPort();
  logged = new Inbox();
});

afterEach(() => vendor.close());

/** Resolves when something that needs no clock has come about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** A frame of one trade of each price. */
function trades(...prices: number[]): object {
  return { type: 'trade', data: prices.map((p) => ({ s: 'A', p, t: NOW, v: 1 })) };
}

describe('A feed session', () => {
  it('packs the frames of 20 ms into one record and writes it then', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(1, 2));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    clock.advance(PACKING_MS - 1);
    connection.say(trades(3));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    expect(port.requests).toEqual([]);
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(port.textsOf('A').map((text) => JSON.parse(text))).toEqual([
      {
        v: 1,
        type: 'trades',
        session: 's-1',
        symbol: 'A',
        n: 0,
        received_at: NOW,
        trades: [1, 2, 3].map((p) => ({ p, t: NOW, v: 1 })),
      },
    ]);
    await session.stop();
  });

  it('waits no longer when there are many trades', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(...Array.from({ length: 2000 }, (_, p) => p)));
    await until(() => port.textsOf('A').length === 4);
    // Nothing but the watchdog waits.
    expect(clock.nextDueMs).toBe(NOW + 90_000);
    await session.stop();
  });

  it('does not read the socket while the stream takes nothing and the queue is full', async () => {
    const gate = Promise.withResolvers<void>();
    port.gate = gate.promise;
    start(1);
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    await until(() => session.client.trades === 1);
    clock.advance(PACKING_MS);
    connection.say(trades(2));
    await until(() => session.client.trades === 2);
    connection.say({ type: 'ping' });
    const other = new WebSocket(`${vendor.url}?token=other`);
    const heard = once(other, 'message');
    (await vendor.connections.next()).say({ type: 'ping' });
    await heard;
    expect(session.client.pings).toBe(0);
    gate.resolve();
    await until(() => session.client.pings === 1);
    await session.stop();
    expect(port.textsOf('A')).toHaveLength(2);
  });

  it('writes what it received before it ends', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    await session.stop();
    expect(port.textsOf('A')).toHaveLength(1);
    expect(session.stream.written).toBe(1);
    expect(await logged.until((line) => line.includes('ends'))).toBe('feed: session s-1 ends: 1 trades in 1 records');
    expect(clock.nextDueMs).toBeNull();
  });

  it('marks between the trades before and after a lost connection from when to when nothing was heard', async () => {
    start();
    let connection = await vendor.connections.next();
    connection.say(trades(1));
    await until(() => session.client.trades === 1);
    connection.socket.close();
    await logged.until((line) => line.includes('again'));
    clock.advance(5000);
    connection = await vendor.connections.next();
    clock.advance(1000);
    connection.say(trades(2));
    await until(() => session.client.trades === 2);
    await session.stop();
    const records = port.textsOf('A').map((text) => JSON.parse(text));
    const gap = { v: 1, type: 'gap', session: 's-1', symbol: 'A', from: NOW, to: NOW + 6000 };
    expect(records).toEqual([expect.objectContaining({ n: 0 }), gap, expect.objectContaining({ n: 1 })]);
    expect(port.textsOf('B').map((text) => JSON.parse(text))).toEqual([{ ...gap, symbol: 'B' }]);
  });

  it('marks since when a symbol is not heard any more, behind its trades, and until when another was not, before its first one', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    await until(() => session.client.trades === 1);
    session.setSymbols(['B', 'C']);
    clock.advance(4000);
    connection.say({ type: 'trade', data: [{ s: 'C', p: 7, t: NOW, v: 1 }] });
    await until(() => session.client.trades === 2);
    clock.advance(1000);
    connection.say({ type: 'trade', data: [{ s: 'C', p: 8, t: NOW, v: 1 }] });
    await until(() => session.client.trades === 3);
    await session.stop();
    const records = (symbol: string) => port.textsOf(symbol).map((text) => JSON.parse(text));
    const gap = { v: 1, type: 'gap', session: 's-1', from: null, to: null };
    expect(records('A')).toEqual([expect.objectContaining({ n: 0 }), { ...gap, symbol: 'A', from: NOW }]);
    expect(records('B')).toEqual([]);
    expect(records('C')).toEqual([
      { ...gap, symbol: 'C', to: NOW + 4000 },
      expect.objectContaining({ n: 0 }),
      expect.objectContaining({ n: 1 }),
    ]);
  });

  it('marks a symbol that goes while the connection is lost as unheard since then, and one that never traded not at all', async () => {
    start();
    let connection = await vendor.connections.next();
    connection.say(trades(1));
    await until(() => session.client.trades === 1);
    connection.socket.close();
    await logged.until((line) => line.includes('again'));
    clock.advance(100);
    session.setSymbols(['B', 'C']);
    session.setSymbols(['B', 'D']);
    clock.advance(5000);
    connection = await vendor.connections.next();
    connection.say({ type: 'ping' });
    await until(() => session.client.pings === 1);
    await session.stop();
    const marks = (symbol: string) =>
      port
        .textsOf(symbol)
        .map((text) => JSON.parse(text))
        .filter(({ type }) => type === 'gap');
    expect(marks('A')).toEqual([{ v: 1, type: 'gap', session: 's-1', symbol: 'A', from: NOW, to: null }]);
    expect(marks('B')).toEqual([expect.objectContaining({ from: NOW, to: NOW + 5100 })]);
    expect([marks('C'), marks('D')]).toEqual([[], []]);
  });

  it('says that it failed when the stream refuses for good', async () => {
    start();
    port.answers.push(new PutRefusedError('no such stream'));
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    clock.advance(PACKING_MS);
    await expect(session.failed).rejects.toThrow('no such stream');
    await expect(session.stop()).rejects.toThrow('no such stream');
  });
});
