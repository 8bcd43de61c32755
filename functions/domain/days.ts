/**
 * A key's speed day is the fold of its windows, nothing else holds day sums. Windows never straddle a day, so the day of
 * a window is that of its start, and folding them gives what folding the events would, in any order.
 */
import { eventDay } from './calendar.ts';
import type { BarWindow, EventMark, ReadingWindow, Statistic, Sum } from './key-state.ts';
import { mergeSums, newSum } from './sums.ts';
import { compareEvents, type Window } from './windows.ts';

/** One event day of a symbol, made of one bar at least. */
export interface TradeDay {
  /** `YYYY-MM-DD` in the symbol's zone. */
  readonly day: string;
  tradeCount: number;
  volume: Sum;
  /** Sum of price × size. */
  notional: Sum;
  minPrice: number;
  maxPrice: number;
  open: EventMark;
  close: EventMark;
}

/** One event day of a sensor; like its windows it counts trusted readings only, so both counts may be 0. */
export interface SensorDay {
  /** `YYYY-MM-DD` in the sensor's zone. */
  readonly day: string;
  temperatureC: Statistic;
  humidityPct: Statistic;
}

/** How the windows of a source make a day. */
export interface DayFold<W extends Window, D extends { readonly day: string }> {
  /** The day of its first window; shares nothing with it. */
  readonly from: (day: string, window: W) => D;
  /** Adds another window of the same day. */
  readonly add: (day: D, window: W) => void;
}

export const TRADE_DAYS: DayFold<BarWindow, TradeDay> = {
  from: (day, { tradeCount, volume, notional, low, high, open, close }) => ({
    day,
    tradeCount,
    volume: { ...volume },
    notional: { ...notional },
    minPrice: low,
    maxPrice: high,
    open,
    close,
  }),
  add(day, bar) {
    day.tradeCount += bar.tradeCount;
    mergeSums(day.volume, bar.volume);
    mergeSums(day.notional, bar.notional);
    if (bar.low < day.minPrice) day.minPrice = bar.low;
    if (bar.high > day.maxPrice) day.maxPrice = bar.high;
    if (compareEvents(bar.open, day.open) < 0) day.open = bar.open;
    if (compareEvents(bar.close, day.close) > 0) day.close = bar.close;
  },
};

export const SENSOR_DAYS: DayFold<ReadingWindow, SensorDay> = {
  from(day, window) {
    const created = { day, temperatureC: emptyStatistic(), humidityPct: emptyStatistic() };
    SENSOR_DAYS.add(created, window);
    return created;
  },
  add(day, window) {
    mergeStatistics(day.temperatureC, window.temperatureC);
    mergeStatistics(day.humidityPct, window.humidityPct);
  },
};

function emptyStatistic(): Statistic {
  return { count: 0, sum: newSum(), min: 0, max: 0 };
}

function mergeStatistics(into: Statistic, from: Statistic): void {
  if (from.count === 0) return;
  if (into.count === 0 || from.min < into.min) into.min = from.min;
  if (into.count === 0 || from.max > into.max) into.max = from.max;
  into.count += from.count;
  mergeSums(into.sum, from.sum);
}

/** Puts a window into its day. Each window may be put in once only, in whatever order. */
export function addToDays<W extends Window, D extends { readonly day: string }>(
  days: Map<string, D>,
  window: W,
  zone: string,
  fold: DayFold<W, D>,
): void {
  const day = eventDay(zone, window.startMs);
  const found = days.get(day);
  if (found) fold.add(found, window);
  else days.set(day, fold.from(day, window));
}

/** The days of some windows, ascending. Each window may be given once only. */
export function foldDays<W extends Window, D extends { readonly day: string }>(
  windows: Iterable<W>,
  zone: string,
  fold: DayFold<W, D>,
): D[] {
  const days = new Map<string, D>();
  for (const window of windows) addToDays(days, window, zone, fold);
  return sortedDays(days);
}

export function sortedDays<D extends { readonly day: string }>(days: ReadonlyMap<string, D>): D[] {
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Of each window the highest revision, by start. An open window has revision 0: it stands where no closed one does. */
export function newestRevisions<W extends Window>(...sources: readonly Iterable<W>[]): Map<number, W> {
  const newest = new Map<number, W>();
  for (const source of sources) {
    for (const window of source) {
      const known = newest.get(window.startMs);
      if (known === undefined || window.revision > known.revision) newest.set(window.startMs, window);
    }
  }
  return newest;
}
