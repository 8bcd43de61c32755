/** A recount of trades in exact integers, written apart from the domain code. */
import type { OracleTrade } from './data.ts';

export interface TradeTotals {
  readonly trade_count: number;
  readonly volume: number;
  readonly min_price: number;
  readonly max_price: number;
  readonly open_price: number;
  readonly close_price: number;
  readonly vwap: number;
  readonly first_event_time: string;
  readonly last_event_time: string;
}

/** Totals of a group of trades, ordered by event time and then by row. */
export function totalsOf(trades: readonly OracleTrade[]): TradeTotals {
  const ordered = [...trades].sort((a, b) => a.eventMs - b.eventMs || a.row - b.row);
  let volume = 0n;
  let notional = 0n;
  let lowest = ordered[0]!.price;
  let highest = lowest;
  for (const { price, size } of ordered) {
    volume += size;
    notional += price * size;
    if (price < lowest) lowest = price;
    if (price > highest) highest = price;
  }
  const dollars = (price: bigint) => Number(price) / 10_000;
  return {
    trade_count: ordered.length,
    volume: Number(volume),
    min_price: dollars(lowest),
    max_price: dollars(highest),
    open_price: dollars(ordered[0]!.price),
    close_price: dollars(ordered.at(-1)!.price),
    vwap: Number(notional) / 10_000 / Number(volume),
    first_event_time: new Date(ordered[0]!.eventMs).toISOString(),
    last_event_time: new Date(ordered.at(-1)!.eventMs).toISOString(),
  };
}

/** Totals of each minute, by its start in ms. */
export function minuteTotals(trades: readonly OracleTrade[]): Map<number, TradeTotals> {
  const minutes = Map.groupBy(trades, ({ eventMs }) => eventMs - (eventMs % 60_000));
  return new Map([...minutes].map(([start, inside]) => [start, totalsOf(inside)]));
}
