import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FinnhubClient } from '../../../feed/finnhub-client.ts';
import type { MarketHabits } from '../../../feed/simulated-market/habits.ts';
import { type SimulatedMarket, startSimulatedMarket } from '../../../feed/simulated-market/server.ts';
import type { WireTrade } from '../../../feed/trade-encoder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';

const SYMBOLS = ['AAPL', 'IBM', 'MSFT'];
/** A Thursday, 10:00 in New York. */
const DAY = Date.UTC(2026, 10, 5, 15);
/** The same Thursday, 22:00 in New York: nothing trades for another 6 hours. */
const NIGHT = Date.UTC(2026, 10, 6, 3);

let clock: ManualClock;
let market: SimulatedMarket;
let client: FinnhubClient;
let logged: Inbox<string>;
let frames: (readonly WireTrade[])[];
let taken: number;
let hold: Promise<void> | undefined;
let gaps: [fromMs: number, toMs: number][];
/** Exists nowhere and is asked for last: the market's complaint says that it has obeyed all before. */
const MARKER = 'MARKER';

async function start(startMs: number, habits: Partial<MarketHabits> = {}, symbols: readonly string[] = SYMBOLS): Promise<void> {
  clock = new ManualClock(startMs);
  taken = 0;
  market = await startSimulatedMarket({ port: 0, seed: 7, clock, symbols, habits });
  client = new FinnhubClient({
    url: market.url,
    token: 'token',
    symbols: [...symbols, MARKER],
    clock,
    random: () => 0.5,
    log: (line) => logged.push(line),
    onGap: (_symbols, ...gap) => gaps.push(gap),
    onFirstHeard: () => {},
    onUnheard: () => {},
    onTrades: (trades) => {
      taken++;
      frames.push(trades);
      return hold;
    },
  });
  client.start();
  await subscribed();
}

async function subscribed(): Promise<void> {
  await logged.until((line) => line.includes(`Invalid symbol ${MARKER}"`));
}

/** Lets so much time pass in steps, all that was said in each being heard. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5000) {
    clock.advance(Math.min(left, 5000));
    await heard();
  }
}

/** All that the market sent has arrived. */
async function heard(): Promise<void> {
  const { counters } = client;
  while (counters.pings + counters.errors + counters.repeatedFrames + taken < market.counters.frames) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function tradesOf(symbol: string): WireTrade[] {
  return frames.flat().filter(({ s }) => s === symbol);
}

beforeEach(() => {
  logged = new Inbox();
  frames = [];
  hold = undefined;
  gaps = [];
});

afterEach(async () => {
  await client.stop();
  await market.close();
});

describe('A connection that stalls without closing', () => {
  it('is given up after 90 s in which nothing was heard while the market is open, and replaced', async () => {
    await start(DAY, { stallShare: 1 });
    await pass(5000);
    expect(market.counters.stalls).toBe(1);
    const lastHeardMs = clock.now();
    market.adjust({ stallShare: 0 });
    const before = frames.length;
    await pass(84_000);
    expect(client.counters).toMatchObject({ connections: 1, stalls: 0 });
    clock.advance(6000);
    expect(await logged.until((line) => line.includes('again in') && line.includes('ended'))).toMatch(/nothing heard for \d+ s\)/);
    clock.advance(375);
    await subscribed();
    const reopenedMs = clock.now();
    await pass(10_000);
    expect(client.counters).toMatchObject({ connections: 2, stalls: 1 });
    // From the only frame before to the first one after.
    const [[fromMs, toMs] = [0, 0], ...others] = gaps;
    expect(others).toEqual([]);
    expect(fromMs).toBe(lastHeardMs);
    expect(toMs).toBe(reopenedMs);
    expect(frames.length).toBeGreaterThan(before);
  });

  it('is left alone at night, and replaced when the market opens', async () => {
    await start(NIGHT, { stallShare: 1 });
    clock.advance(5000);
    await heard();
    expect(market.counters.stalls).toBe(1);
    // 4:00 in New York, six hours later, less a moment.
    clock.advance(Date.UTC(2026, 10, 6, 9) - clock.now() - 1);
    await heard();
    expect(client.counters).toMatchObject({ connections: 1, stalls: 0 });
    clock.advance(1);
    await logged.until((line) => line.includes('nothing heard'));
    expect(client.counters.stalls).toBe(1);
  });

  it('is given up at night as well when one of its symbols never sleeps', async () => {
    await start(NIGHT, { stallShare: 1 }, ['AAPL', 'BINANCE:BTCUSDT']);
    clock.advance(5000);
    await heard();
    clock.advance(90_000);
    await logged.until((line) => line.includes('nothing heard'));
    expect(client.counters.stalls).toBe(1);
  });
});

describe('A market that only pings', () => {
  it('is alive: its connection is kept', async () => {
    await start(DAY, { isTrading: false });
    await pass(300_000);
    expect(client.counters).toMatchObject({ connections: 1, stalls: 0, pings: 30, trades: 0 });
  });
});

describe('A socket that is not read for want of room', () => {
  it('is not taken for a stalled one, neither while it is not read nor right after', async () => {
    const room = Promise.withResolvers<void>();
    hold = room.promise;
    await start(DAY);
    while (taken === 0) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(200_000);
    hold = undefined;
    room.resolve();
    await heard();
    await pass(120_000);
    expect(client.counters).toMatchObject({ connections: 1, stalls: 0 });
  });
});

describe('A socket that is read again', () => {
  it('is given the whole time anew before it counts as stalled', async () => {
    const room = Promise.withResolvers<void>();
    hold = room.promise;
    await start(DAY, { stallShare: 1 });
    while (taken === 0) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(80_000);
    room.resolve();
    await heard();
    clock.advance(89_000);
    expect(client.counters.stalls).toBe(0);
    clock.advance(1000);
    expect(client.counters.stalls).toBe(1);
  });
});

describe('A market that closes connections', () => {
  it('is dialled again each time, every symbol subscribed anew', async () => {
    await start(DAY, { closeShare: 1 });
    for (let close = 1; close <= 3; close++) {
      clock.advance(5000);
      await logged.until((line) => line.includes('ended (deploy)'));
      expect(market.counters.closes).toBe(close);
      clock.advance(375);
      await subscribed();
    }
    market.adjust({ closeShare: 0 });
    frames = [];
    await pass(20_000);
    for (const symbol of SYMBOLS) expect(tradesOf(symbol).length).toBeGreaterThan(0);
  });
});

describe('A market that delivers frames twice', () => {
  it('has each of them taken once', async () => {
    await start(DAY, { redeliverShare: 0.5 });
    await pass(60_000);
    expect(market.counters.redelivered).toBeGreaterThan(20);
    expect(client.counters.repeatedFrames).toBe(market.counters.redelivered);
    const several = frames.filter((frame) => frame.length > 1).map((frame) => JSON.stringify(frame));
    expect(new Set(several).size).toBe(several.length);
  });
});

describe('A market that refuses subscriptions', () => {
  it('with "Invalid symbol" for a while is asked again until it takes them', async () => {
    await start(DAY, { invalidShare: 1 });
    await pass(20_000);
    expect(frames).toEqual([]);
    market.adjust({ invalidShare: 0 });
    clock.advance(2500);
    await subscribed();
    await pass(20_000);
    for (const symbol of SYMBOLS) expect(tradesOf(symbol).length).toBeGreaterThan(0);
    expect(market.counters.invalid).toBe(SYMBOLS.length);
    expect(client.counters.connections).toBe(1);
  });

  it('with "Subscribing to too many symbols" is asked for all again, once for all refusals', async () => {
    await start(DAY, { maxSymbols: 1 });
    await pass(20_000);
    expect(new Set(frames.flat().map(({ s }) => s))).toEqual(new Set(['AAPL']));
    expect(market.counters.tooMany).toBe(2);
    clock.advance(2500);
    await subscribed();
    expect(market.counters.tooMany).toBe(4);
    market.adjust({ maxSymbols: 50 });
    await pass(44_500);
    logged = new Inbox();
    clock.advance(500);
    await subscribed();
    await pass(20_000);
    for (const symbol of SYMBOLS) expect(tradesOf(symbol).length).toBeGreaterThan(0);
    expect(market.counters.tooMany).toBe(4);
  });
});

describe('A market that takes fifty symbols', () => {
  it('has ten of them swapped for ten others without a refusal, and trades what is wanted and nothing else from then on', async () => {
    const symbols = Array.from({ length: 60 }, (_, index) => `S${index}`);
    await start(DAY, { maxSymbols: 60 }, symbols);
    // The marker is refused in any case; the fifty that were wanted leave no room.
    client.setSymbols([...symbols.slice(0, 50), MARKER]);
    market.adjust({ maxSymbols: 50 });
    client.setSymbols([...symbols.slice(10), `${MARKER}2`]);
    await logged.until((line) => line.includes(`Invalid symbol ${MARKER}2"`));
    expect(market.counters.tooMany).toBe(0);
    await heard();
    frames = [];
    await pass(60_000);
    const traded = new Set(frames.flat().map(({ s }) => s));
    expect([...traded].sort()).toEqual(symbols.slice(10).sort());
  });
});

describe('The watchdog of a feed that gets other symbols', () => {
  it('watches by their market: at night silence counts once one of them never sleeps', async () => {
    await start(NIGHT, { isTrading: false, stallShare: 0 });
    client.setSymbols([...SYMBOLS, 'BINANCE:BTCUSDT', MARKER]);
    // Not even pings: the market is gone without a word.
    clock.advance(0);
    await heard();
    expect(client.counters.stalls).toBe(0);
    for (const _ of [1, 2]) clock.advance(89_999);
    expect(client.counters.stalls).toBe(1);
  });
});

describe('The habits of a market', () => {
  it('are the same for the same seed, and refused outside their range', async () => {
    const run = async (): Promise<unknown> => {
      await start(DAY, { redeliverShare: 0.2, invalidShare: 0.3 });
      await pass(20_000);
      return { ...market.counters, taken: client.counters.trades };
    };
    const first = await run();
    await client.stop();
    await market.close();
    expect(await run()).toEqual(first);
    expect(() => market.adjust({ stallShare: 1.5 })).toThrow('stallShare is 1.5, a share is a number from 0 to 1');
    expect(() => market.adjust({ maxSymbols: -1 })).toThrow('maxSymbols is -1');
  });
});
