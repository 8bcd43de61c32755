/** The running figures of each key's newest event day, without reading the whole day for every request. */
import type { KeyItem } from '#adapters/state-reader.ts';
import { dayInterval, eventDay } from '#domain/calendar.ts';
import { newestRevisions } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import { type Settings, type SourceName, zoneOf } from '#domain/settings.ts';
import { liveWindows } from './key-windows.ts';
import type { DayOf, Kind } from './kinds.ts';
import type { Windows } from './ports.ts';

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
  readonly #table: Windows;
  readonly #kind: Kind<S>;
  readonly #settings: Settings;
  readonly #settled = new Map<string, Settled<DayOf<S>>>();

  constructor(table: Windows, kind: Kind<S>, settings: Settings) {
    this.#table = table;
    this.#kind = kind;
    this.#settings = settings;
  }

  /** The newest event day of a key; null before its first window. */
  async of(item: KeyItem<S>): Promise<DayOf<S> | null> {
    const { name, maxEventMs } = item.state;
    if (maxEventMs === null) return null;
    const { source } = this.#kind;
    const { windowMs, latenessMs } = this.#settings[source];
    const zone = zoneOf(source, name, this.#settings);
    const day = eventDay(zone, maxEventMs);
    const { startMs, endMs } = dayInterval(zone, day);
    const firstChangingMs = Math.max(startMs, maxEventMs - latenessMs - windowMs + 1);

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
    for await (const page of this.#table.pages(this.#kind.source, item.state.name, range)) stored.push(...page);
    const merged = newestRevisions<WindowOf<S>>(stored, liveWindows(item, range).values());
    return { day: base.day, untilMs, folded: this.#fold(base, merged.values()) };
  }

  #fold({ day, folded }: Settled<DayOf<S>>, windows: Iterable<WindowOf<S>>): DayOf<S> | null {
    const { from, add } = this.#kind.days;
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
