import { WebSocket } from 'ws';
import { type Clock, endedWithin } from '#adapters/clock.ts';
import { type BackoffSettings, backoffMs } from './backoff.ts';
import { type FrameRefusal, type FrameRefusalReason, readFrame } from './frame.ts';
import { firstOpenMs } from './market-hours.ts';
import { RepeatedFrames } from './repeated-frames.ts';
import { Subscriptions } from './subscriptions.ts';
import type { WireTrade } from './trade-encoder.ts';
import { Watchdog } from './watchdog.ts';

export interface FinnhubClientOptions {
  /** `ws://` or `wss://` address without the token. */
  readonly url: string;
  /** Secret: part of the address that is dialled, never of a log line or an error. */
  readonly token: string;
  /** Heard from the start; `setSymbols` changes them. */
  readonly symbols: readonly string[];
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** Takes the trades of a frame at once, in order. While the promise it may return is pending, the socket is not read. */
  readonly onTrades: (trades: readonly WireTrade[], receivedAtMs: number) => Promise<void> | undefined;
  /** Nothing was heard of these symbols in between, ms since the epoch: from the last frame of a connection that ended to the first one of the next. */
  readonly onGap: (symbols: readonly string[], fromMs: number, toMs: number) => void;
  /** The symbol, wanted since `setSymbols`, is heard from now on: called with its first trade, before that is handed on. */
  readonly onFirstHeard: (symbol: string, atMs: number) => void;
  /** The symbol is wanted no more: not heard since then, ms since the epoch. */
  readonly onUnheard: (symbol: string, sinceMs: number) => void;
  /** A connection on which nothing is heard for so long while a symbol's market is open has stalled, ms. @default 90,000 */
  readonly silenceMs?: number;
}

/** What the client saw: trades received = taken + in repeated frames + refused. */
export interface FinnhubCounters {
  /** Connections that opened. */
  connections: number;
  /** Connections that were given up because nothing was heard on them. */
  stalls: number;
  /** Trades handed on. */
  trades: number;
  /** How often, and for how long, the socket was not read because what was handed on had no room, ms. */
  pauses: number;
  pausedMs: number;
  /** Frames the vendor delivered once more, and the trades in them. */
  repeatedFrames: number;
  repeatedTrades: number;
  pings: number;
  /** Error frames. */
  errors: number;
  /** Trades, or whole frames that could not be read, by reason. */
  refused: Partial<Record<FrameRefusalReason, number>>;
}

const RECONNECT: BackoffSettings = { baseMs: 500, capMs: 30_000 };
const DEFAULT_SILENCE_MS = 90_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The server's half of the closing handshake is not waited for any longer. */
const CLOSE_TIMEOUT_MS = 500;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** One connection to Finnhub's websocket, renewed whenever it ends, with every symbol subscribed on it. */
export class FinnhubClient {
  readonly counters: FinnhubCounters = {
    connections: 0,
    stalls: 0,
    trades: 0,
    pauses: 0,
    pausedMs: 0,
    repeatedFrames: 0,
    repeatedTrades: 0,
    pings: 0,
    errors: 0,
    refused: {},
  };
  readonly #options: FinnhubClientOptions;
  #symbols: readonly string[];
  /** Those that came with `setSymbols` and did not trade since. */
  readonly #unheard = new Set<string>();
  readonly #address: URL;
  readonly #subscriptions: Subscriptions;
  readonly #repeated = new RepeatedFrames();
  readonly #watchdog: Watchdog;
  #socket: WebSocket | null = null;
  #closed: Promise<void> = Promise.resolve();
  #lastHeardMs = 0;
  /** Last frame before the connection ended, ms since the epoch; null when nothing is missing. */
  #gapFromMs: number | null = null;
  /** Why the connection ends, when this side knows. */
  #trouble = '';
  #cancelReconnect: () => void = () => {};
  /** Connections in a row that ended without a word from the server. */
  #failures = 0;
  /** While set, the socket is not read. */
  #hold: Promise<void> | null = null;
  #pausedAtMs = 0;
  #stopping = false;

  /** @throws Error when the address is none of a websocket, or the token is empty */
  constructor(options: FinnhubClientOptions) {
    this.#options = options;
    this.#symbols = options.symbols;
    this.#address = addressOf(options.url, options.token);
    this.#subscriptions = new Subscriptions(options.symbols, options.clock, options.random);
    this.#watchdog = new Watchdog({
      clock: options.clock,
      limitMs: options.silenceMs ?? DEFAULT_SILENCE_MS,
      firstOpenMs: (fromMs) => firstOpenMs(this.#symbols, fromMs),
      onSilence: (silentMs) => this.#stalled(silentMs),
    });
  }

  start(): void {
    this.#connect();
  }

  /** From now on these are wanted: what is missing is subscribed, what is too much unsubscribed, the rest left alone. */
  setSymbols(symbols: readonly string[]): void {
    const before = this.#symbols;
    this.#symbols = symbols;
    const removed = before.filter((symbol) => !symbols.includes(symbol));
    const added = symbols.filter((symbol) => !before.includes(symbol));
    this.#log(`symbols change: ${[...added.map((each) => `+${each}`), ...removed.map((each) => `-${each}`)].join(' ')}`);
    this.#subscriptions.change(symbols);
    for (const symbol of removed) {
      if (!this.#unheard.delete(symbol)) this.#options.onUnheard(symbol, this.#gapFromMs ?? this.#options.clock.now());
    }
    for (const symbol of added) this.#unheard.add(symbol);
    // Another market may be open earlier than the one that was waited for.
    if (this.#socket?.readyState === WebSocket.OPEN) this.#watchdog.start();
  }

  /** Closes the connection and opens none again. What arrived before the close is handed on; resolves when nothing more will be. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelReconnect();
    this.#subscriptions.closed();
    this.#watchdog.stop();
    const socket = this.#socket;
    if (!socket) return;
    // The server's answer to the close is read from the same socket.
    socket.resume();
    socket.close(1000);
    if (!(await endedWithin(this.#options.clock, CLOSE_TIMEOUT_MS, this.#closed))) socket.terminate();
    await this.#closed;
  }

  #connect(): void {
    const socket = new WebSocket(this.#address, {
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#trouble = '';
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#socket = null;
        this.#subscriptions.closed();
        this.#watchdog.stop();
        if (this.#lastHeardMs > 0) this.#gapFromMs ??= this.#lastHeardMs;
        this.#ended(this.#trouble || reason.toString() || `code ${code}`);
        resolve();
      });
    });
    socket.on('error', (error) => {
      this.#trouble = error.message || error.name;
      if (/: 40[13]$/.test(this.#trouble)) this.#trouble += ', is the token valid?';
    });
    socket.on('open', () => this.#opened(socket));
    socket.on('ping', () => this.#watchdog.heard());
    socket.on('message', (data, isBinary) => {
      this.#heard();
      if (isBinary) this.#refuse({ reason: 'UNKNOWN_FRAME', detail: 'a binary frame' });
      else this.#frame(data.toString());
    });
  }

  #opened(socket: WebSocket): void {
    this.counters.connections++;
    this.#log(`connected to ${this.#options.url}, subscribing ${this.#symbols.length} symbols`);
    if (this.#hold !== null) socket.pause();
    this.#subscriptions.opened((message) => socket.send(message));
    this.#watchdog.start();
  }

  #heard(): void {
    const nowMs = this.#options.clock.now();
    this.#failures = 0;
    this.#watchdog.heard();
    this.#lastHeardMs = nowMs;
    if (this.#gapFromMs === null) return;
    this.#options.onGap(
      this.#symbols.filter((symbol) => !this.#unheard.has(symbol)),
      this.#gapFromMs,
      nowMs,
    );
    this.#gapFromMs = null;
  }

  #stalled(silentMs: number): void {
    // Nothing is heard on a socket that is not read.
    if (this.#hold !== null) {
      this.#watchdog.start();
      return;
    }
    this.counters.stalls++;
    this.#trouble = `nothing heard for ${Math.round(silentMs / 1000)} s`;
    this.#socket?.terminate();
  }

  #ended(why: string): void {
    if (this.#stopping) {
      this.#log('connection closed');
      return;
    }
    this.#failures++;
    const delayMs = backoffMs(this.#failures, RECONNECT, this.#options.random);
    this.#log(`connection ended (${why}); connecting again in ${Math.round(delayMs)} ms`);
    this.#cancelReconnect = this.#options.clock.after(delayMs, () => this.#connect());
  }

  #frame(text: string): void {
    const receivedAtMs = this.#options.clock.now();
    const frame = readFrame(text);
    if (frame.kind === 'ping') this.counters.pings++;
    else if (frame.kind === 'refused') this.#refuse(frame.refusal);
    else if (frame.kind === 'error') {
      this.counters.errors++;
      this.#log(`the server says "${frame.message}"${this.#subscriptions.refused(frame.message)}`);
    } else if (this.#repeated.isRepeat(text, frame.size, receivedAtMs)) {
      this.counters.repeatedFrames++;
      this.counters.repeatedTrades += frame.size;
      if (isPowerOfTwo(this.counters.repeatedFrames)) {
        this.#log(`dropped a frame of ${frame.size} trades that was delivered twice (${this.counters.repeatedFrames} so far)`);
      }
    } else {
      for (const refusal of frame.refusals) this.#refuse(refusal);
      if (frame.trades.length > 0) this.#take(frame.trades, receivedAtMs);
    }
  }

  #take(trades: readonly WireTrade[], receivedAtMs: number): void {
    this.counters.trades += trades.length;
    if (this.#unheard.size > 0) {
      for (const { s: symbol } of trades) if (this.#unheard.delete(symbol)) this.#options.onFirstHeard(symbol, receivedAtMs);
    }
    const hold = this.#options.onTrades(trades, receivedAtMs);
    // A socket that is closing is read to its end.
    if (!hold || this.#stopping) return;
    if (this.#hold === null) this.#pausedSince(receivedAtMs);
    this.#hold = hold;
    this.#socket?.pause();
    const release = (): void => {
      if (this.#hold !== hold) return;
      this.#hold = null;
      this.counters.pausedMs += this.#options.clock.now() - this.#pausedAtMs;
      this.#watchdog.heard();
      this.#socket?.resume();
    };
    // Whoever gave the promise deals with its failure; the socket is read on in any case.
    hold.then(release, release);
  }

  #pausedSince(nowMs: number): void {
    this.#pausedAtMs = nowMs;
    this.counters.pauses++;
    if (isPowerOfTwo(this.counters.pauses)) {
      const { pauses, pausedMs } = this.counters;
      this.#log(
        `not reading: what was received waits to be written (${pauses} times so far, ${Math.round(pausedMs / 1000)} s before this)`,
      );
    }
  }

  #refuse({ reason, detail }: FrameRefusal): void {
    const count = (this.counters.refused[reason] ?? 0) + 1;
    this.counters.refused[reason] = count;
    // A vendor gone wrong for good must not fill the log.
    if (isPowerOfTwo(count)) this.#log(`refused (${reason}, ${count} so far): ${detail}`);
  }

  #log(line: string): void {
    this.#options.log(`finnhub: ${redacted(line, this.#options.token)}`);
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

/** The text without the secret, in whichever spelling an address has it. */
function redacted(text: string, token: string): string {
  const inQuery = new URLSearchParams({ token }).toString().slice('token='.length);
  return [token, encodeURIComponent(token), inQuery].reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

function addressOf(url: string, token: string): URL {
  if (token === '') throw new Error('the Finnhub token is empty');
  const address = URL.parse(url);
  // The value itself stays out of the error: someone may have put the token into it.
  if (!address || !['ws:', 'wss:'].includes(address.protocol)) throw new Error('the Finnhub address is no ws:// or wss:// address');
  if (address.search || address.username || address.password || address.hash) {
    throw new Error('the Finnhub address must have no query, fragment, user or password: the token is given apart');
  }
  address.searchParams.set('token', token);
  return address;
}
