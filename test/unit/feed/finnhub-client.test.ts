import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FinnhubClient, type FinnhubClientOptions } from '../../../feed/finnhub-client.ts';
import type { WireTrade } from '../../../feed/trade-encoder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';
import { startVendor, type Vendor } from './vendor.ts';

const TOKEN = 'se+cret/ token';
const NOW = Date.UTC(2026, 10, 5, 15);
/** Longer than any test: the watchdog has tests of its own. */
const SILENCE_MS = 86_400_000;

let vendor: Vendor;
let clock: ManualClock;
let lines: string[];
let logged: Inbox<string>;
let frames: Inbox<readonly WireTrade[]>;
let client: FinnhubClient;

function newClient(options: Partial<FinnhubClientOptions> = {}): FinnhubClient {
  return new FinnhubClient({
    url: vendor.url,
    token: TOKEN,
    symbols: ['AAPL', 'BINANCE:BTCUSDT'],
    clock,
    random: () => 0.5,
    silenceMs: SILENCE_MS,
    log: (line) => {
      lines.push(line);
      logged.push(line);
    },
    onGap: () => {},
    onFirstHeard: () => {},
    onUnheard: () => {},
    onTrades: (trades) => {
      frames.push(trades);
      return undefined;
    },
    ...options,
  });
}

function trade(p: number, s = 'AAPL'): WireTrade {
  return { s, p, t: NOW, v: 1, c: ['1'] };
}

beforeEach(async () => {
  vendor = await startVendor();
  clock = new ManualClock(NOW);
  lines = [];
  logged = new Inbox();
  frames = new Inbox();
  client = newClient();
});

afterEach(async () => {
  await client.stop();
  await vendor.close();
});

describe('The Finnhub client', () => {
  it('subscribes one symbol a message and hands on the trades of a frame in their order', async () => {
    client.start();
    const connection = await vendor.connections.next();
    expect(connection.token).toBe(TOKEN);
    expect(await connection.received.take(2)).toEqual([
      { type: 'subscribe', symbol: 'AAPL' },
      { type: 'subscribe', symbol: 'BINANCE:BTCUSDT' },
    ]);
    const data = [trade(2), trade(1, 'BINANCE:BTCUSDT'), trade(3), trade(3)];
    connection.say({ type: 'trade', data });
    expect(await frames.next()).toEqual(data);
    expect(client.counters.trades).toBe(4);
  });

  it('connects again after a jittered delay that doubles, and subscribes everything again', async () => {
    client.start();
    let connection = await vendor.connections.next();
    await connection.received.take(2);
    vendor.answerWith(503);
    connection.socket.close(1001, 'deploy');
    expect(await logged.until((line) => line.includes('again'))).toBe('finnhub: connection ended (deploy); connecting again in 375 ms');
    clock.advance(374);
    expect(clock.nextDueMs).toBe(clock.now() + 1);
    clock.advance(1);
    expect(await logged.until((line) => line.includes('again'))).toMatch(/503\); connecting again in 750 ms$/);
    clock.advance(750);
    expect(await logged.until((line) => line.includes('again'))).toMatch(/connecting again in 1500 ms$/);
    vendor.answerWith(101);
    clock.advance(1500);
    connection = await vendor.connections.next();
    expect(await connection.received.take(2)).toHaveLength(2);
    // A word from the server starts the count afresh; an open connection alone does not.
    connection.say({ type: 'ping' });
    connection.socket.close();
    expect(await logged.until((line) => line.includes('again'))).toMatch(/connecting again in 375 ms$/);
    expect(client.counters).toMatchObject({ connections: 2, pings: 1 });
  });

  it('that gets other symbols says the difference, what goes before what comes, one a message, and asks for all of them after a reconnect', async () => {
    client.start();
    let connection = await vendor.connections.next();
    await connection.received.take(2);
    client.setSymbols(['BINANCE:BTCUSDT', 'IBM', 'KO']);
    expect(await connection.received.take(3)).toEqual([
      { type: 'unsubscribe', symbol: 'AAPL' },
      { type: 'subscribe', symbol: 'IBM' },
      { type: 'subscribe', symbol: 'KO' },
    ]);
    connection.socket.close();
    await logged.until((line) => line.includes('again'));
    clock.advance(60_000);
    connection = await vendor.connections.next();
    expect(await connection.received.take(3)).toEqual(['BINANCE:BTCUSDT', 'IBM', 'KO'].map((symbol) => ({ type: 'subscribe', symbol })));
  });

  it('asks no more for a refused symbol that is wanted no more', async () => {
    client.start();
    const connection = await vendor.connections.next();
    await connection.received.take(2);
    connection.say({ type: 'error', msg: 'Invalid symbol AAPL' });
    await logged.until((line) => line.includes('asking for AAPL again'));
    client.setSymbols(['BINANCE:BTCUSDT']);
    clock.advance(3_600_000);
    client.setSymbols(['BINANCE:BTCUSDT', 'KO']);
    expect(await connection.received.take(2)).toEqual([
      { type: 'unsubscribe', symbol: 'AAPL' },
      { type: 'subscribe', symbol: 'KO' },
    ]);
  });

  it('drops a byte-identical frame of several trades within 5 s, also over a reconnect, and keeps all else', async () => {
    client.start();
    let connection = await vendor.connections.next();
    const twice = { type: 'trade', data: [trade(1), trade(1)] };
    const single = { type: 'trade', data: [trade(7)] };
    for (const frame of [twice, twice, single, single]) connection.say(frame);
    expect(await frames.take(3)).toEqual([twice.data, single.data, single.data]);
    connection.socket.close();
    await logged.until((line) => line.includes('again'));
    clock.advance(375);
    connection = await vendor.connections.next();
    connection.say(twice);
    connection.say({ type: 'trade', data: [trade(2), trade(2)] });
    expect(await frames.next()).toEqual([trade(2), trade(2)]);
    clock.advance(4626);
    connection.say(twice);
    expect(await frames.next()).toEqual(twice.data);
    expect(client.counters).toMatchObject({ trades: 8, repeatedFrames: 2, repeatedTrades: 4 });
  });

  it('counts and logs what it refuses, and takes the rest of the frame', async () => {
    client.start();
    const connection = await vendor.connections.next();
    connection.socket.send('{"type":"trade","data":[NaN]}');
    connection.socket.send(Buffer.from([1, 2, 3]));
    connection.say({ type: 'news', data: [] });
    connection.say({ type: 'trade', data: [trade(1), { ...trade(2), p: 'x' }, { ...trade(3), s: 'a b' }, trade(4)] });
    expect(await frames.next()).toEqual([trade(1), trade(4)]);
    expect(client.counters.refused).toEqual({ BAD_JSON: 1, UNKNOWN_FRAME: 2, BAD_FIELD: 1, BAD_SYMBOL: 1 });
    expect(lines.filter((line) => line.includes('refused'))).toHaveLength(5);
    expect(lines).toContain('finnhub: refused (BAD_FIELD, 1 so far): AAPL: p "x" is no finite number');
  });

  it('asks again, after a while, for a symbol the vendor calls invalid', async () => {
    client.start();
    const connection = await vendor.connections.next();
    await connection.received.take(2);
    connection.say({ type: 'error', msg: 'Invalid symbol AAPL' });
    await logged.until((line) => line.includes('Invalid'));
    expect(lines).toContain('finnhub: the server says "Invalid symbol AAPL"; asking for AAPL again in 23 s');
    clock.advance(22_500);
    expect(await connection.received.next()).toEqual({ type: 'subscribe', symbol: 'AAPL' });
    expect(clock.nextDueMs).toBeGreaterThan(NOW + SILENCE_MS - 1);
    expect(client.counters.errors).toBe(1);
    // Refused twice before it was asked for again, it is asked for once, later; and not at all without a connection.
    for (let refusal = 0; refusal < 2; refusal++) connection.say({ type: 'error', msg: 'Invalid symbol AAPL' });
    await logged.until((line) => line.endsWith('in 90 s'));
    expect(clock.nextDueMs).toBe(clock.now() + 90_000);
    await client.stop();
    expect(clock.nextDueMs).toBeNull();
  });

  it('does not read the socket while the trades it handed on have no room', async () => {
    const room = Promise.withResolvers<void>();
    const slow = newClient({
      onTrades: (trades) => {
        frames.push(trades);
        return room.promise;
      },
    });
    slow.start();
    const held = await vendor.connections.next();
    client.start();
    const free = await vendor.connections.next();
    held.say({ type: 'trade', data: [trade(1)] });
    await frames.next();
    // Far more than the buffers between the two hold: only a reader makes room for the last frame.
    const filler = { type: 'ping', filler: 'x'.repeat(1_000_000) };
    for (let frame = 0; frame < 40; frame++) for (const connection of [held, free]) connection.say(filler);
    const sent = new Promise((resolve) => held.socket.send('{"type":"ping"}', resolve));
    // By the time the other one has read everything, this one could have.
    free.say({ type: 'trade', data: [trade(2)] });
    await frames.next();
    expect(client.counters.pings).toBe(40);
    expect(slow.counters.pings).toBeLessThan(20);
    // Counted and said: whoever looks sees that the stream is too slow.
    expect(lines.some((line) => line.startsWith('finnhub: not reading: what was received waits to be written (1 times'))).toBe(true);
    clock.advance(1500);
    room.resolve();
    await sent;
    await slow.stop();
    expect(slow.counters).toMatchObject({ pings: 41, pauses: 1, pausedMs: 1500 });
  });

  it('does not read the next connection either while there is no room, but every one to its end when it stops', async () => {
    const slow = newClient({
      onTrades: (trades) => {
        frames.push(trades);
        return new Promise(() => {});
      },
    });
    client.start();
    const free = await vendor.connections.next();
    slow.start();
    const ended = await vendor.connections.next();
    ended.atOnce(() => {
      ended.say({ type: 'trade', data: [trade(1)] });
      ended.socket.close();
    });
    expect(await frames.next()).toEqual([trade(1)]);
    await logged.until((line) => line.includes('again'));
    clock.advance(375);
    const held = await vendor.connections.next();
    await held.received.take(2);
    held.say({ type: 'trade', data: [trade(2)] });
    free.say({ type: 'trade', data: [trade(3)] });
    expect(await frames.next()).toEqual([trade(3)]);
    await slow.stop();
    expect(await frames.next()).toEqual([trade(2)]);
  });

  it('hands on what the server sends before it answers the close, and never connects again', async () => {
    client.start();
    const connection = await vendor.connections.next();
    await logged.until((line) => line.includes('connected'));
    connection.socket.pause();
    for (let p = 0; p < 50; p++) connection.say({ type: 'trade', data: [trade(p)] });
    const stopped = client.stop();
    connection.socket.resume();
    await stopped;
    expect((await frames.take(50)).map(([first]) => first?.p)).toEqual(Array.from({ length: 50 }, (_, p) => p));
    expect(clock.nextDueMs).toBeNull();
    expect(lines.at(-1)).toBe('finnhub: connection closed');
  });

  it('ends a connection whose server never answers the close', async () => {
    client.start();
    const connection = await vendor.connections.next();
    await logged.until((line) => line.includes('connected'));
    connection.socket.pause();
    const stopped = client.stop();
    clock.advance(500);
    await stopped;
    expect(clock.nextDueMs).toBeNull();
  });

  it('stops while it connects and while it waits to connect', async () => {
    client.start();
    await client.stop();
    const waiting = newClient({ url: 'ws://127.0.0.1:1' });
    waiting.start();
    await logged.until((line) => line.includes('again'));
    await waiting.stop();
    expect(clock.nextDueMs).toBeNull();
  });

  it('never lets the token into a log line or an error', async () => {
    client.start();
    const connection = await vendor.connections.next();
    for (const spelling of [TOKEN, encodeURIComponent(TOKEN), 'se%2Bcret%2F+token']) {
      connection.say({ type: 'error', msg: `bad ${spelling}` });
      connection.socket.send(`?token=${spelling}`);
    }
    await logged.until((line) => line.includes('UNKNOWN_FRAME') || line.includes('BAD_JSON, 2'));
    vendor.answerWith(401);
    connection.socket.close(1008, `token=${TOKEN}`);
    await logged.until((line) => line.includes('again'));
    clock.advance(375);
    expect(await logged.until((line) => line.includes('again'))).toMatch(/401, is the token valid\?\)/);
    expect(lines.some((line) => line.includes('bad ***'))).toBe(true);
    expect(lines.filter((line) => /se.{1,3}cret/.test(line))).toEqual([]);
    expect(() => newClient({ token: '' })).toThrow('the Finnhub token is empty');
    for (const url of [`wss://ws.finnhub.io?token=${TOKEN}`, `https://x/${TOKEN}`, TOKEN, `wss://${encodeURIComponent(TOKEN)}@x`]) {
      expect(() => newClient({ url })).toThrow(/^the Finnhub address (?!.*cret)/);
    }
  });

  it('goes on after a frame that is larger than any frame of the vendor', async () => {
    client.start();
    const connection = await vendor.connections.next();
    const closed = once(connection.socket, 'close');
    connection.socket.send('x'.repeat(5 * 1024 * 1024));
    await closed;
    await logged.until((line) => line.includes('again'));
    clock.advance(375);
    (await vendor.connections.next()).say({ type: 'trade', data: [trade(1)] });
    expect(await frames.next()).toEqual([trade(1)]);
  });
});
