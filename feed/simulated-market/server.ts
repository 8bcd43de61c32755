import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type Clock, REAL_CLOCK } from '#adapters/clock.ts';
import { partSeed, seededRandom } from '../random.ts';
import { Connection, type Floor } from './connection.ts';
import { GOOD_HABITS, type HabitCounters, type MarketHabits, withHabits } from './habits.ts';
import { DEFAULT_SYMBOLS, Market } from './market.ts';

export interface SimulatedMarketOptions {
  /** Port on 127.0.0.1; 0 = any free one. */
  readonly port: number;
  readonly seed: number;
  /** The symbols that exist. @default DEFAULT_SYMBOLS */
  readonly symbols?: readonly string[];
  /** Symbols that begin to exist as someone subscribes to them. @default none */
  readonly listsOnDemand?: (symbol: string) => boolean;
  /** Those that differ from GOOD_HABITS. */
  readonly habits?: Partial<MarketHabits>;
  /** @default the real one */
  readonly clock?: Clock;
}

export interface SimulatedMarket {
  /** `ws://127.0.0.1:PORT`, to be dialled with any token that is not empty. */
  readonly url: string;
  readonly counters: Readonly<HabitCounters>;
  /** Changes some of the habits from now on. @throws RangeError when one is out of its range */
  adjust(changes: Partial<MarketHabits>): void;
  /** Drops every connection and stops trading. */
  close(): Promise<void>;
}

const PING_EVERY_MS = 10_000;
const POLICY_VIOLATION = 1008;
/** The part of the seed for habits: beyond those of the symbols. */
const HABITS_PART = 1_000_000;

/** Speaks Finnhub's websocket protocol: token in the query, one connection a token, subscriptions, trade frames, pings, errors. */
export async function startSimulatedMarket(options: SimulatedMarketOptions): Promise<SimulatedMarket> {
  const { clock = REAL_CLOCK, symbols = DEFAULT_SYMBOLS, listsOnDemand = () => false } = options;
  const market = new Market(options.seed, symbols);
  const floor: Floor = {
    exists(symbol) {
      if (!market.lists(symbol) && listsOnDemand(symbol)) market.list(symbol);
      return market.lists(symbol);
    },
    habits: withHabits(GOOD_HABITS, options.habits ?? {}),
    counters: { frames: 0, stalls: 0, closes: 0, redelivered: 0, invalid: 0, tooMany: 0 },
    random: seededRandom(partSeed(options.seed, HABITS_PART)),
  };
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: options.port,
    verifyClient: ({ req }, answer) => answer(tokenOf(req.url) !== '', 401),
  });
  await once(server, 'listening');
  const connections = new Map<string, Connection>();

  server.on('connection', (socket, request) => {
    const token = tokenOf(request.url);
    connections.get(token)?.socket.close(POLICY_VIOLATION, 'another connection uses this token');
    const connection = new Connection(socket, floor);
    connections.set(token, connection);
    socket.on('close', () => {
      if (connections.get(token) === connection) connections.delete(token);
    });
  });

  const trade = (): void => {
    const { trades, nextMs } = market.frame(clock.now());
    if (floor.habits.isTrading) for (const connection of connections.values()) connection.report(trades);
    cancelTrading = clock.after(nextMs, trade);
  };
  const ping = (): void => {
    for (const connection of connections.values()) connection.ping();
    cancelPings = clock.after(PING_EVERY_MS, ping);
  };
  let cancelTrading = clock.after(0, trade);
  let cancelPings = clock.after(PING_EVERY_MS, ping);

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counters: floor.counters,
    adjust(changes) {
      floor.habits = withHabits(floor.habits, changes);
    },
    async close() {
      cancelTrading();
      cancelPings();
      for (const socket of server.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function tokenOf(path: string | undefined): string {
  return URL.parse(path ?? '/', 'ws://market')?.searchParams.get('token') ?? '';
}
