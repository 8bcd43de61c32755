import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_SYMBOLS, Market } from '../../../feed/simulated-market/market.ts';
import { type SimulatedMarket, startSimulatedMarket } from '../../../feed/simulated-market/server.ts';
import type { WireTrade } from '../../../feed/trade-encoder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';

const NOW = Date.UTC(2026, 10, 5, 15);

/** An hour of frames, as fast as they come. */
function hourOf(seed: number): { frames: (readonly WireTrade[])[]; trades: WireTrade[] } {
  const market = new Market(seed, DEFAULT_SYMBOLS);
  const frames: (readonly WireTrade[])[] = [];
  for (let ms = 0; ms < 3_600_000; ) {
    const { trades, nextMs } = market.frame(NOW + ms);
    frames.push(trades);
    ms += nextMs;
  }
  return { frames, trades: frames.flat() };
}

describe('The market model', () => {
  it('gives the same frames for the same seed, and others for another', () => {
    expect(hourOf(1)).toEqual(hourOf(1));
    expect(hourOf(1)).not.toEqual(hourOf(2));
  });

  it('trades about twenty times a second, everything it lists, at plausible prices', () => {
    const { frames, trades } = hourOf(3);
    expect(trades.length / 3600).toBeGreaterThan(15);
    expect(trades.length / 3600).toBeLessThan(25);
    expect(new Set(trades.map(({ s }) => s))).toEqual(new Set(DEFAULT_SYMBOLS));
    expect(frames.every((frame) => frame.length >= 1 && frame.length <= 12)).toBe(true);
    for (const { p, v } of trades) expect(p > 0 && Number.isFinite(p) && v >= 0 && Number.isFinite(v)).toBe(true);
  });

  it('shows every oddity of the real frames', () => {
    const { frames, trades } = hourOf(4);
    const inFrames = (odd: (a: WireTrade, b: WireTrade) => boolean): boolean =>
      frames.some((frame) => frame.some((trade, index) => index > 0 && odd(frame[index - 1]!, trade)));
    expect(inFrames((a, b) => a.s !== b.s)).toBe(true);
    expect(inFrames((a, b) => a.s === b.s && b.t < a.t)).toBe(true);
    expect(inFrames((a, b) => JSON.stringify(a) === JSON.stringify(b))).toBe(true);
    expect(trades.some(({ v }) => v === 0)).toBe(true);
    expect(trades.some(({ s, v }) => !s.includes(':') && v > 1 && !Number.isInteger(v))).toBe(true);
    expect(trades.some(({ c }) => c?.length === 0)).toBe(true);
    expect(trades.some(({ c }) => (c?.length ?? 0) > 1)).toBe(true);
    expect(trades.some(({ c }) => c === null)).toBe(true);
    expect(trades.some((trade) => !('c' in trade))).toBe(true);
  });
});

describe('The simulated market', () => {
  let clock: ManualClock;
  let market: SimulatedMarket;

  beforeEach(async () => {
    clock = new ManualClock(NOW);
    market = await startSimulatedMarket({ port: 0, seed: 1, clock });
  });

  afterEach(() => market.close());

  async function dial(token: string): Promise<{ socket: WebSocket; frames: Inbox<{ type: string; data?: WireTrade[]; msg?: string }> }> {
    const socket = new WebSocket(`${market.url}/?token=${token}`);
    const frames = new Inbox<{ type: string; data?: WireTrade[]; msg?: string }>();
    socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
    await once(socket, 'open');
    return { socket, frames };
  }

  /** An unknown symbol is answered at once: what was sent before it has been obeyed. */
  async function obeyed({ socket, frames }: Awaited<ReturnType<typeof dial>>, ...commands: object[]): Promise<string[]> {
    for (const command of commands) socket.send(JSON.stringify(command));
    socket.send('{"type":"subscribe","symbol":"END"}');
    const complaints: string[] = [];
    for (;;) {
      const { msg } = await frames.until(({ type }) => type === 'error');
      if (msg === 'Invalid symbol END') return complaints;
      complaints.push(msg ?? '');
    }
  }

  it('refuses a handshake without a token', async () => {
    for (const query of ['', '?token=', '//?token']) {
      const [error] = await once(new WebSocket(`${market.url}/${query}`), 'error').catch((thrown: unknown) => [thrown]);
      expect(String(error)).toMatch(/401/);
    }
  });

  it('sends only what is subscribed, and pings', async () => {
    const both = await dial('a');
    const one = await dial('b');
    await obeyed(both, { type: 'subscribe', symbol: 'AAPL' }, { type: 'subscribe', symbol: 'BINANCE:BTCUSDT' });
    await obeyed(
      one,
      { type: 'subscribe', symbol: 'AAPL' },
      { type: 'subscribe', symbol: 'MSFT' },
      { type: 'unsubscribe', symbol: 'MSFT' },
    );
    clock.advance(10_000);
    const tradesOf = async ({ frames }: typeof both): Promise<WireTrade[]> => {
      const trades: WireTrade[] = [];
      for (let frame = await frames.next(); frame.type === 'trade'; frame = await frames.next()) trades.push(...(frame.data ?? []));
      return trades;
    };
    const ofBoth = await tradesOf(both);
    const ofOne = await tradesOf(one);
    expect(new Set(ofBoth.map(({ s }) => s))).toEqual(new Set(['AAPL', 'BINANCE:BTCUSDT']));
    expect(ofOne).toEqual(ofBoth.filter(({ s }) => s === 'AAPL'));
  });

  it('complains in the words of the vendor', async () => {
    const connection = await dial('a');
    connection.socket.send('{');
    expect(
      await obeyed(connection, { type: 'subscribe', symbol: 'NOPE' }, { type: 'subscribe' }, { type: 'sing', symbol: 'AAPL' }),
    ).toEqual(['Invalid message', 'Invalid symbol NOPE', 'Invalid message', 'Invalid message']);
  });

  it('subscribes fifty symbols and no more', async () => {
    await market.close();
    const symbols = Array.from({ length: 51 }, (_, index) => `S${index}`);
    market = await startSimulatedMarket({ port: 0, seed: 1, symbols, clock });
    const commands = [...symbols.slice(0, 50), 'S0', 'S50'].map((symbol) => ({ type: 'subscribe', symbol }));
    expect(await obeyed(await dial('a'), ...commands)).toEqual(['Subscribing to too many symbols']);
  });

  it('begins to trade a symbol that someone asks for, if it may', async () => {
    await market.close();
    market = await startSimulatedMarket({ port: 0, seed: 1, clock, symbols: ['AAPL'], listsOnDemand: (symbol) => symbol === 'KO' });
    const connection = await dial('a');
    expect(await obeyed(connection, { type: 'subscribe', symbol: 'KO' }, { type: 'subscribe', symbol: 'NO' })).toEqual([
      'Invalid symbol NO',
    ]);
    clock.advance(60_000);
    const { data } = (await connection.frames.until(({ type }) => type === 'trade')) as { data: WireTrade[] };
    expect(new Set(data.map(({ s }) => s))).toEqual(new Set(['KO']));
  });

  it('throws the first connection of a token out when a second one comes', async () => {
    const first = await dial('a');
    const other = await dial('b');
    const closed = once(first.socket, 'close');
    const second = await dial('a');
    expect((await closed)[0]).toBe(1008);
    await obeyed(second, { type: 'subscribe', symbol: 'AAPL' });
    await obeyed(other, { type: 'subscribe', symbol: 'AAPL' });
    clock.advance(10_000);
    expect(await second.frames.until(({ type }) => type === 'ping')).toEqual({ type: 'ping' });
    expect(await other.frames.until(({ type }) => type === 'ping')).toEqual({ type: 'ping' });
  });

  it('leaves nothing behind when it closes', async () => {
    const { socket } = await dial('a');
    const closed = once(socket, 'close');
    await market.close();
    await closed;
    expect(clock.nextDueMs).toBeNull();
    market = await startSimulatedMarket({ port: 0, seed: 1, clock });
  });
});
