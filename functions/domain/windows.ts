/**
 * Event-time windows of one key. A window is [start, end), aligned to the epoch: with 5 minutes 00:05:00.000 begins the
 * second one (00:04:59.999 does not). It closes when the key's newest event time reaches end + grace, or when its lane
 * went on for `idle` without it; it may be revised until no event within `lateness` can fall into it.
 */

import type { Trade } from './events.ts';
import type { BarWindow, ReadingWindow, Statistic } from './key-state.ts';
import type { WindowSettings } from './settings.ts';
import { addTo, newSum } from './sums.ts';

/** What every window has, whatever it accumulates. */
export interface Window {
  readonly startMs: number;
  revision: number;
  closed: boolean;
}

interface Windowed<W extends Window> {
  windows: W[];
  maxEventMs: number | null;
}

/** True when an event is so old that its window may be final: it is recorded as late and left to the batch. */
export function isLate(state: Windowed<Window>, eventMs: number, settings: WindowSettings): boolean {
  return state.maxEventMs !== null && eventMs < state.maxEventMs - settings.latenessMs;
}

/** The key's window of an event time, made by `create` if it is the first of it. */
export function windowAt<W extends Window>(
  state: Windowed<W>,
  eventMs: number,
  settings: WindowSettings,
  create: (startMs: number) => W,
): W {
  const startMs = Math.floor(eventMs / settings.windowMs) * settings.windowMs;
  let index = state.windows.length;
  while (index > 0 && state.windows[index - 1]!.startMs > startMs) index--;
  const found = state.windows[index - 1];
  if (found && found.startMs === startMs) return found;
  const created = create(startMs);
  state.windows.splice(index, 0, created);
  return created;
}

/** A changed window that was closed before is issued again, with the next revision. */
export function revise(window: Window): boolean {
  if (!window.closed) return false;
  window.revision++;
  return true;
}

/** Moves the key's newest event time; gives the windows that close by it, ascending, and forgets those that are final. */
export function advance<W extends Window>(state: Windowed<W>, eventMs: number, settings: WindowSettings): W[] {
  const maxEventMs = Math.max(state.maxEventMs ?? eventMs, eventMs);
  state.maxEventMs = maxEventMs;
  const closing = close(state.windows, (window) => maxEventMs >= window.startMs + settings.windowMs + settings.graceMs);
  const isFinal = (window: W | undefined) => window !== undefined && maxEventMs >= window.startMs + settings.windowMs + settings.latenessMs;
  if (isFinal(state.windows[0])) state.windows = state.windows.filter((window) => !isFinal(window));
  return closing;
}

/** Closes the open windows for which `due` holds; gives them, ascending. */
export function close<W extends Window>(windows: readonly W[], due: (window: W) => boolean): W[] {
  const closing = windows.filter((window) => !window.closed && due(window));
  for (const window of closing) {
    window.closed = true;
    window.revision = 1;
  }
  return closing;
}

export function newBarWindow(startMs: number): BarWindow {
  const mark = { eventMs: 0, eventId: '', price: 0 };
  return {
    startMs,
    revision: 0,
    closed: false,
    tradeCount: 0,
    volume: newSum(),
    notional: newSum(),
    high: 0,
    low: 0,
    open: { ...mark },
    close: { ...mark },
  };
}

/** Order of events: by event time, then by event id; negative when `a` comes first. */
export function compareEvents(a: { eventMs: number; eventId: string }, b: { eventMs: number; eventId: string }): number {
  return a.eventMs - b.eventMs || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}

export function addTrade(bar: BarWindow, trade: Trade): void {
  const first = bar.tradeCount === 0;
  bar.tradeCount++;
  addTo(bar.volume, trade.size);
  addTo(bar.notional, trade.price * trade.size);
  if (first || trade.price > bar.high) bar.high = trade.price;
  if (first || trade.price < bar.low) bar.low = trade.price;
  if (first || compareEvents(trade, bar.open) < 0) bar.open = markOf(trade);
  if (first || compareEvents(trade, bar.close) > 0) bar.close = markOf(trade);
}

function markOf({ eventMs, eventId, price }: Trade) {
  return { eventMs, eventId, price };
}

function newStatistic(): Statistic {
  return { count: 0, sum: newSum(), min: 0, max: 0 };
}

export function newReadingWindow(startMs: number): ReadingWindow {
  return { startMs, revision: 0, closed: false, untrustedCount: 0, temperatureC: newStatistic(), humidityPct: newStatistic() };
}

/** Adds a measured value to a statistic of a window. */
export function addMeasurement(statistic: Statistic, value: number): void {
  if (statistic.count === 0 || value < statistic.min) statistic.min = value;
  if (statistic.count === 0 || value > statistic.max) statistic.max = value;
  statistic.count++;
  addTo(statistic.sum, value);
}
