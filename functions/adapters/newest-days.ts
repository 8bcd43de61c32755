/** The running figures of each key's newest event day, without reading the whole day for every request. */
import { dayInterval, eventDay } from '#domain/calendar.ts';
import { type DayFold, newestRevisions, SENSOR_DAYS, type SensorDay, TRADE_DAYS, type TradeDay } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import { type Settings, type SourceName, zoneOf } from '#domain/settings.ts';
import type { KeyItem } from './state-reader.ts';
import type { StartRange } from './window-reader.ts';

/** What days need of the window table. */
export interface WindowPages {
  pages<S extends SourceName>(source: S, name: string, range: StartRange): AsyncIterable<WindowOf<S>[]>;
}

export type DayOf<S extends SourceName> = S extends 'trades' ? TradeDay : SensorDay;

/** How the windows of a source make its days. */
export function daysOf<S extends SourceName>(source: S): DayFold<WindowOf<S>, DayOf<S>> {
  return (source === 'trades' ? TRADE_DAYS : SENSOR_DAYS) as unknown as DayFold<WindowOf<S>, DayOf<S>>;
}

/** Windows of the state item whose start lies in the range, by start. */
export function liveWindows<S extends SourceName>({ state, pendingWindows }: KeyItem<S>, range: StartRange): Map<number, WindowOf<S>> {
  const inRange = (window: WindowOf<S>) => window.startMs >= range.fromMs && window.startMs < range.toMs;
  return newestRevisions<WindowOf<S>>(state.windows.filter(inRange), pendingWindows.filter(inRange));
}

const MAX_CACHED_KEYS = 5_000;

/** The fold of the windows of a day that start before `untilMs`; all of them are final. Never changed, only replaced. */
interface Settled<D> {
  readonly day: string;
  readonly untilMs: number;
  readonly folded: D | null;
}

/**
 * Keeps the fold of the final windows of each key's newest day, and adds those that are still in the state. A window is
 * final when no event within the lateness can fall into it: it is in the table or in the outbox, and stays as it is.
 */
export class NewestDays<S extends SourceName> {
  readonly #table: WindowPages;
  readonly #source: S;
  readonly #settings: Settings;
  readonly #settled = new Map<string, Settled<DayOf<S>>>();

  constructor(table: WindowPages, source: S, settings: Settings) {
    this.#table = table;
    this.#source = source;
    this.#settings = settings;
  }

  /** The newest event day of a key; null before its first window. */
  async of(item: KeyItem<S>): Promise<DayOf<S> | null> {
    const { name, maxEventMs } = item.state;
    if (maxEventMs === null) return null;
    const source = this.#source;
    const { windowMs, latenessMs } = this.#settings[source];
    const zone = zoneOf(source, name, this.#settings);
    const day = eventDay(zone, maxEventMs);
    const { startMs, endMs } = dayInterval(zone, day);
    // A start of a window, so that the table is asked once a window and not with every event.
    const firstChangingMs = Math.max(startMs, Math.ceil((maxEventMs - latenessMs - windowMs + 1) / windowMs) * windowMs);

    const cached = this.#settled.get(name);
    const base = cached?.day === day && cached.untilMs <= firstChangingMs ? cached : { day, untilMs: startMs, folded: null };
    const settled = await this.#advance(base, item, firstChangingMs);
    this.#keep(name, settled);
    return this.#fold(settled, liveWindows(item, { fromMs: firstChangingMs, toMs: endMs }).values());
  }

  async #advance(base: Settled<DayOf<S>>, item: KeyItem<S>, untilMs: number): Promise<Settled<DayOf<S>>> {
    if (untilMs <= base.untilMs) return base;
    const range = { fromMs: base.untilMs, toMs: untilMs };
    const stored: WindowOf<S>[] = [];
    for await (const page of this.#table.pages(this.#source, item.state.name, range)) stored.push(...page);
    const merged = newestRevisions<WindowOf<S>>(stored, liveWindows(item, range).values());
    return { day: base.day, untilMs, folded: this.#fold(base, merged.values()) };
  }

  #fold({ day, folded }: Settled<DayOf<S>>, windows: Iterable<WindowOf<S>>): DayOf<S> | null {
    const { from, add } = daysOf(this.#source);
    let sum = structuredClone(folded);
    for (const window of windows) {
      if (sum === null) sum = from(day, window);
      else add(sum, window);
    }
    return sum;
  }

  #keep(name: string, settled: Settled<DayOf<S>>): void {
    this.#settled.delete(name);
    this.#settled.set(name, settled);
    if (this.#settled.size > MAX_CACHED_KEYS) for (const oldest of this.#settled.keys()) return void this.#settled.delete(oldest);
  }
}
