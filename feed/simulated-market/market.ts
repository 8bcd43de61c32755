/** A market to try things on: seeded random walks that trade with all the oddities of the vendor's real frames. */
import { between, gaussian, partSeed, type Random, seededRandom } from '../random.ts';
import type { WireTrade } from '../trade-encoder.ts';

export const DEFAULT_SYMBOLS: readonly string[] = ['AAPL', 'MSFT', 'AMZN', 'NVDA', 'TSLA', 'BINANCE:BTCUSDT'];

/** Where the walks of known symbols start, in their own currency; others start anywhere from 20 to 500. */
const START_PRICES: Readonly<Record<string, number>> = {
  AAPL: 230,
  MSFT: 430,
  AMZN: 190,
  NVDA: 135,
  TSLA: 250,
  'BINANCE:BTCUSDT': 68_000,
};
/** Trades of a frame: at least 1, 5 on the average, at most 12. */
const MEAN_TRADES = 5;
const MAX_TRADES = 12;
/** Mean time between frames, ms: with 5 trades each that is 20 trades a second. */
const MEAN_GAP_MS = 250;
/** Standard deviation of one step, relative to the price. */
const STEP = 0.0004;
const REPEAT_SHARE = 0.15;
const PRICE_UPDATE_SHARE = 0.03;
const FRACTIONAL_SHARE = 0.1;
/** A trade is reported up to this long after it happened, ms: so times run backward within a frame. */
const MAX_DELAY_MS = 400;
/** Condition codes as the vendor numbers them; null and absent both occur. */
const CONDITIONS: readonly (readonly string[] | null | undefined)[] = [
  ['1'],
  ['1', '8'],
  ['1', '12'],
  ['1', '8', '24', '12'],
  [],
  null,
  undefined,
];

interface Walk {
  readonly symbol: string;
  readonly random: Random;
  price: number;
}

export interface MarketFrame {
  /** In the order in which they are reported. */
  readonly trades: readonly WireTrade[];
  /** Until the next frame, ms. */
  readonly nextMs: number;
}

/** Deterministic: the same seed, symbols and times give the same frames. */
export class Market {
  readonly #seed: number;
  readonly #random: Random;
  readonly #walks: Walk[] = [];

  /** @throws RangeError when there is no symbol */
  constructor(seed: number, symbols: readonly string[]) {
    if (symbols.length === 0) throw new RangeError('a market needs at least one symbol');
    this.#seed = seed;
    this.#random = seededRandom(seed);
    for (const symbol of symbols) this.list(symbol);
  }

  /** Whether the symbol is traded here. */
  lists(symbol: string): boolean {
    return this.#walks.some((walk) => walk.symbol === symbol);
  }

  /** One more symbol is traded from now on. */
  list(symbol: string): void {
    const random = seededRandom(partSeed(this.#seed, this.#walks.length));
    this.#walks.push({ symbol, random, price: START_PRICES[symbol] ?? between(random, 20, 500) });
  }

  /** What is traded up to `nowMs`, ms since the epoch. */
  frame(nowMs: number): MarketFrame {
    const trades: WireTrade[] = [];
    // Geometric: each further trade comes with the same probability.
    do {
      const last = trades.at(-1);
      trades.push(last && this.#random() < REPEAT_SHARE ? { ...last } : this.#trade(nowMs));
    } while (trades.length < MAX_TRADES && this.#random() < 1 - 1 / MEAN_TRADES);
    return { trades, nextMs: Math.round(-MEAN_GAP_MS * Math.log(1 - this.#random())) + 1 };
  }

  #trade(nowMs: number): WireTrade {
    const walk = this.#walks[Math.floor(this.#random() * this.#walks.length)]!;
    const { random, symbol: s } = walk;
    walk.price = Math.max(0.01, walk.price * Math.exp(STEP * gaussian(random)));
    const t = nowMs - Math.floor(between(random, 0, MAX_DELAY_MS));
    const trade = { s, p: rounded(walk.price, 2), t, v: sizeOf(random, s.includes(':')) };
    const c = CONDITIONS[Math.floor(random() * CONDITIONS.length)];
    return c === undefined ? trade : { ...trade, c };
  }
}

/** Whole shares mostly; fractions of a coin always. */
function sizeOf(random: Random, isCoin: boolean): number {
  if (random() < PRICE_UPDATE_SHARE) return 0;
  if (isCoin) return rounded(between(random, 0.00001, 0.5), 5);
  const shares = Math.ceil(300 * random() ** 3);
  return random() < FRACTIONAL_SHARE ? rounded(shares * random() + 0.001, 3) : Math.max(1, shares);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
