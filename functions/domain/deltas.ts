/** How a price moved from the trade before it, in event order: by (event time, event id), whatever the order of arrival. */
import { compareEvents } from './windows.ts';

export interface Delta {
  /** Price minus the price before it, in the symbol's currency, with its sign; null for the first trade known. */
  readonly absolutePriceChange: number | null;
  /** The same in percent of the price before it; null for the first trade known, and where the price before it is 0. */
  readonly percentageChange: number | null;
}

interface Priced {
  readonly eventMs: number;
  readonly eventId: string;
  readonly price: number;
}

const NO_DELTA: Delta = { absolutePriceChange: null, percentageChange: null };

/** From 200 to 201 the change is 1 and 0.5 % (not 0.4975 %: the base is the price before). */
export function deltaBetween(previousPrice: number | null, price: number): Delta {
  if (previousPrice === null) return NO_DELTA;
  const change = price - previousPrice;
  return { absolutePriceChange: change, percentageChange: previousPrice === 0 ? null : (change / previousPrice) * 100 };
}

/** The trades in event order, each with its delta to the one before it. */
export function withDeltas<T extends Priced>(trades: readonly T[]): (T & Delta)[] {
  const ordered = trades.toSorted(compareEvents);
  return ordered.map((trade, index) => ({ ...trade, ...deltaBetween(ordered[index - 1]?.price ?? null, trade.price) }));
}

/** Delta of an event, which may be a price update and then is no trade itself, to the newest of the trades before it. */
export function deltaOf(event: Priced, trades: readonly Priced[]): Delta {
  let before: Priced | null = null;
  for (const trade of trades) {
    if (compareEvents(trade, event) < 0 && (before === null || compareEvents(trade, before) > 0)) before = trade;
  }
  return deltaBetween(before?.price ?? null, event.price);
}
