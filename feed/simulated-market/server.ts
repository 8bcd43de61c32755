import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type Clock, REAL_CLOCK } from '#adapters/clock.ts';
import type { WireTrade } from '../trade-encoder.ts';
import { DEFAULT_SYMBOLS, Market } from './market.ts';

export interface SimulatedMarketOptions {
  /** Port on 127.0.0.1; 0 = any free one. */
  readonly port: number;
  readonly seed: number;
  /** The symbols that exist. @default DEFAULT_SYMBOLS */
  readonly symbols?: readonly string[];
  /** @default the real one */
  readonly clock?: Clock;
}

export interface SimulatedMarket {
  /** `ws://127.0.0.1:PORT`, to be dialled with any token that is not empty. */
  readonly url: string;
  /** Drops every connection and stops trading. */
  close(): Promise<void>;
}

/** As on the vendor's free plan. */
const MAX_SYMBOLS = 50;
const PING_EVERY_MS = 10_000;
/** A client that does not read is thrown out above so many unsent bytes. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
const POLICY_VIOLATION = 1008;

/** Speaks Finnhub's websocket protocol: token in the query, one connection a token, subscriptions, trade frames, pings, errors. */
export async function startSimulatedMarket(options: SimulatedMarketOptions): Promise<SimulatedMarket> {
  const { clock = REAL_CLOCK, symbols = DEFAULT_SYMBOLS } = options;
  const market = new Market(options.seed, symbols);
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
    const connection = { socket, subscribed: new Set<string>() };
    connections.set(token, connection);
    socket.on('message', (data) => obey(connection, data, symbols));
    // A broken frame of the client ends in 'close' as well.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (connections.get(token) === connection) connections.delete(token);
    });
  });

  const trade = (): void => {
    const { trades, nextMs } = market.frame(clock.now());
    for (const connection of connections.values()) report(connection, trades);
    cancelTrading = clock.after(nextMs, trade);
  };
  const ping = (): void => {
    for (const { socket } of connections.values()) socket.send('{"type":"ping"}');
    cancelPings = clock.after(PING_EVERY_MS, ping);
  };
  let cancelTrading = clock.after(0, trade);
  let cancelPings = clock.after(PING_EVERY_MS, ping);

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
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

interface Connection {
  readonly socket: WebSocket;
  readonly subscribed: Set<string>;
}

function tokenOf(path: string | undefined): string {
  return URL.parse(path ?? '/', 'ws://market')?.searchParams.get('token') ?? '';
}

function report({ socket, subscribed }: Connection, trades: readonly WireTrade[]): void {
  const data = trades.filter((trade) => subscribed.has(trade.s));
  if (data.length === 0) return;
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
  else socket.send(JSON.stringify({ data, type: 'trade' }));
}

function obey({ socket, subscribed }: Connection, data: RawData, symbols: readonly string[]): void {
  const complain = (msg: string): void => socket.send(JSON.stringify({ type: 'error', msg }));
  const { type, symbol } = commandOf(data.toString());
  if (typeof symbol !== 'string' || (type !== 'subscribe' && type !== 'unsubscribe')) complain('Invalid message');
  else if (type === 'unsubscribe') subscribed.delete(symbol);
  else if (!symbols.includes(symbol)) complain(`Invalid symbol ${symbol}`);
  else if (subscribed.size >= MAX_SYMBOLS && !subscribed.has(symbol)) complain('Subscribing to too many symbols');
  else subscribed.add(symbol);
}

function commandOf(text: string): { type?: unknown; symbol?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // Not JSON is an invalid message like any other.
    return {};
  }
}
