/** Trades for tests of the batch: their stream records, and an independent recount of their days. */
export interface TestTrade {
  readonly symbol: string;
  /** `YYYY-MM-DD` in New York, where all of these symbols trade. */
  readonly day: string;
  readonly number: number;
  readonly eventMs: number;
  readonly price: number;
  readonly size: number;
}

const TRADES_A_RECORD = 4;
/** New York was 4 hours behind UTC in October 2013. */
const OPENS = 'T09:30:00-04:00';

/** Trades of a symbol and day in the order of their numbers, from `firstNumber` on; every seventh is a price update. */
export function tradesOf(symbol: string, day: string, count: number, firstNumber: number): TestTrade[] {
  const openMs = Date.parse(`${day}${OPENS}`);
  return Array.from({ length: count }, (_, index) => ({
    symbol,
    day,
    number: firstNumber + index,
    // In order, and one pair in ten at the same time.
    eventMs: openMs + (index - (index % 10 === 9 ? 1 : 0)) * 5_000,
    price: 180 + ((index * 37) % 101) / 100,
    size: index % 7 === 6 ? 0 : 1 + ((index * 13) % 50),
  }));
}

/** Stream records as the feed writes them: consecutive trades of one symbol. */
export function tradeRecords(trades: readonly TestTrade[]): { readonly key: string; readonly value: object }[] {
  const records: { key: string; value: object }[] = [];
  for (let start = 0; start < trades.length; start += TRADES_A_RECORD) {
    const [first, ...others] = trades.slice(start, start + TRADES_A_RECORD) as [TestTrade, ...TestTrade[]];
    const value = {
      v: 1,
      type: 'trades',
      session: 'session-1',
      symbol: first.symbol,
      n: first.number,
      received_at: first.eventMs,
      trades: [first, ...others].map(({ price, eventMs, size }) => ({ p: price, t: eventMs, v: size })),
    };
    records.push({ key: first.symbol, value });
  }
  return records;
}

export interface RecountedDay {
  readonly symbol: string;
  readonly trade_count: number;
  readonly volume: number;
  readonly min_price: number;
  readonly max_price: number;
  readonly open_price: number;
  readonly close_price: number;
  readonly price_update_count: number;
}

/** The day of each symbol, each trade counted once however often it is given. */
export function recount(trades: readonly TestTrade[], day: string): RecountedDay[] {
  const once = new Map(trades.filter((trade) => trade.day === day).map((trade) => [`${trade.symbol} ${trade.number}`, trade]));
  const bySymbol = Map.groupBy(once.values(), ({ symbol }) => symbol);
  return [...bySymbol]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([symbol, all]) => {
      const real = all.filter(({ size }) => size > 0).sort((a, b) => a.eventMs - b.eventMs || a.number - b.number);
      if (real.length === 0) return [];
      return [
        {
          symbol,
          trade_count: real.length,
          volume: real.reduce((sum, { size }) => sum + size, 0),
          min_price: Math.min(...real.map(({ price }) => price)),
          max_price: Math.max(...real.map(({ price }) => price)),
          open_price: real[0]!.price,
          close_price: real.at(-1)!.price,
          price_update_count: all.length - real.length,
        },
      ];
    });
}
