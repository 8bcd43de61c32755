import type { RawData, WebSocket } from 'ws';
import type { Random } from '../random.ts';
import type { WireTrade } from '../trade-encoder.ts';
import type { HabitCounters, MarketHabits } from './habits.ts';

/** What all connections of a market share. */
export interface Floor {
  /** Whether a symbol exists, or begins to as someone asks for it. */
  readonly exists: (symbol: string) => boolean;
  habits: MarketHabits;
  readonly counters: HabitCounters;
  /** Draws what habits do; apart from what is traded, so that trades stay as they are. */
  readonly random: Random;
}

/** A client that does not read is thrown out above so many unsent bytes. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
const GOING_AWAY = 1001;

/** One client of the simulated market. */
export class Connection {
  readonly socket: WebSocket;
  readonly #floor: Floor;
  readonly #subscribed = new Set<string>();
  /** Stalled or closing: nothing is said any more. */
  #silent = false;

  constructor(socket: WebSocket, floor: Floor) {
    this.socket = socket;
    this.#floor = floor;
    socket.on('message', (data) => this.#obey(data));
    // A broken frame of the client ends in 'close' as well.
    socket.on('error', () => socket.terminate());
  }

  ping(): void {
    this.#say({ type: 'ping' });
  }

  /** Sends those trades that are subscribed, in a frame of their own. */
  report(trades: readonly WireTrade[]): void {
    const { counters, habits } = this.#floor;
    const data = trades.filter((trade) => this.#subscribed.has(trade.s));
    if (data.length === 0 || this.#silent) return;
    if (this.socket.bufferedAmount > MAX_UNSENT_BYTES) {
      this.socket.terminate();
      return;
    }
    const frame = { data, type: 'trade' };
    this.#say(frame);
    if (this.#happens(habits.redeliverShare) && data.length > 1) {
      counters.redelivered++;
      this.#say(frame);
    }
    if (this.#happens(habits.stallShare)) {
      counters.stalls++;
      this.#silent = true;
    }
    if (this.#happens(habits.closeShare)) {
      counters.closes++;
      this.#silent = true;
      this.socket.close(GOING_AWAY, 'deploy');
    }
  }

  #obey(data: RawData): void {
    const { exists, habits, counters } = this.#floor;
    const { type, symbol } = commandOf(data.toString());
    if (typeof symbol !== 'string' || (type !== 'subscribe' && type !== 'unsubscribe')) this.#complain('Invalid message');
    else if (type === 'unsubscribe') this.#subscribed.delete(symbol);
    else if (!exists(symbol)) this.#complain(`Invalid symbol ${symbol}`);
    else if (this.#happens(habits.invalidShare)) {
      counters.invalid++;
      this.#complain(`Invalid symbol ${symbol}`);
    } else if (this.#subscribed.size >= habits.maxSymbols && !this.#subscribed.has(symbol)) {
      counters.tooMany++;
      this.#complain('Subscribing to too many symbols');
    } else this.#subscribed.add(symbol);
  }

  #complain(msg: string): void {
    this.#say({ type: 'error', msg });
  }

  #say(frame: object): void {
    if (this.#silent) return;
    this.#floor.counters.frames++;
    this.socket.send(JSON.stringify(frame));
  }

  #happens(share: number): boolean {
    return this.#floor.random() < share;
  }
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
