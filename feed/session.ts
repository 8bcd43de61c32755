import type { Clock } from '#adapters/clock.ts';
import { FinnhubClient, type FinnhubCounters } from './finnhub-client.ts';
import { gapRecords, openGapRecord } from './gap-record.ts';
import type { RecordsPort } from './records-port.ts';
import { StreamWriter, type StreamWriterCounters } from './stream-writer.ts';
import { TradeEncoder, type WireTrade } from './trade-encoder.ts';

export interface FeedSessionOptions {
  /** Names the session in every record; never used twice. */
  readonly session: string;
  /** `ws://` or `wss://` address without the token. */
  readonly url: string;
  readonly token: string;
  readonly symbols: readonly string[];
  readonly port: RecordsPort;
  readonly clock: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** The socket is not read while more than this waits to be written, bytes. @default 16 MiB */
  readonly maxQueuedBytes?: number;
}

export interface FeedSession {
  readonly client: FinnhubCounters;
  readonly stream: StreamWriterCounters;
  /** Records that are packed and not written. */
  readonly queued: number;
  /** Hears these symbols from now on; the stream says of each that comes or goes until when, or since when, it is not heard. */
  setSymbols(symbols: readonly string[]): void;
  /** Rejects when the session can write no more; else pending. */
  readonly failed: Promise<never>;
  /**
   * Closes the socket and writes what was received.
   * @throws Error when that did not succeed within 10 s, or the stream refuses for good
   */
  stop(): Promise<void>;
}

/** Trades wait this long for others to share their record, ms: fewer, fuller records. */
export const PACKING_MS = 20;
/** So many waiting trades are enough. */
const PACKING_TRADES = 2000;
const FLUSH_TIMEOUT_MS = 10_000;

/** Moves trades from the vendor's socket into the stream until it is stopped: client → encoder → writer. */
export function startFeedSession(options: FeedSessionOptions): FeedSession {
  const { clock, log } = options;
  const encoder = new TradeEncoder(options.session);
  const writer = new StreamWriter(options);
  let waiting: WireTrade[] = [];
  let firstReceivedAtMs = 0;
  let cancelPacking = (): void => {};
  let room = Promise.resolve();

  const pack = (): void => {
    cancelPacking();
    if (waiting.length === 0) return;
    const trades = waiting;
    waiting = [];
    // `failed` tells of a failure, and so does the flush of `stop`.
    room = writer.write(encoder.encode(trades, firstReceivedAtMs)).catch(() => {});
  };
  const onTrades = (trades: readonly WireTrade[], receivedAtMs: number): Promise<void> | undefined => {
    if (waiting.length === 0) {
      firstReceivedAtMs = receivedAtMs;
      cancelPacking = clock.after(PACKING_MS, pack);
    }
    waiting.push(...trades);
    if (waiting.length >= PACKING_TRADES) pack();
    return writer.full ? room : undefined;
  };

  const onGap = (symbols: readonly string[], fromMs: number, toMs: number): void => {
    // The trades before it are packed already: dialling again takes longer than packing.
    const records = gapRecords(options.session, symbols, fromMs, toMs);
    if (records.length === 0) return;
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    log(`feed: nothing heard from ${from} to ${to}, marked for ${records.length} symbols`);
    room = writer.write(records).catch(() => {});
  };
  const onFirstHeard = (symbol: string, to: number): void => {
    room = writer.write([openGapRecord(options.session, symbol, { to })]).catch(() => {});
  };
  const onUnheard = (symbol: string, from: number): void => {
    // Behind the trades that were heard.
    pack();
    room = writer.write([openGapRecord(options.session, symbol, { from })]).catch(() => {});
  };

  const client = new FinnhubClient({ ...options, onTrades, onGap, onFirstHeard, onUnheard });
  log(`feed: session ${options.session} starts with ${options.symbols.length} symbols`);
  client.start();
  return {
    client: client.counters,
    stream: writer.counters,
    get queued() {
      return writer.queued;
    },
    setSymbols: (symbols) => client.setSymbols(symbols),
    failed: writer.failed,
    async stop() {
      await client.stop();
      pack();
      await writer.flush(FLUSH_TIMEOUT_MS);
      log(`feed: session ${options.session} ends: ${client.counters.trades} trades in ${writer.counters.written} records`);
    },
  };
}
