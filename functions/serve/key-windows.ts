/**
 * Windows and days of one key: those of the window table and those that are still in its state item, open or not yet
 * emitted. The item is read first and the table second, so a window that moves from one to the other in between is seen.
 */
import { type DayOf, liveWindows } from '#adapters/newest-days.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import { addToDays, newestRevisions, sortedDays } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import type { SourceName } from '#domain/settings.ts';
import type { Kind } from './kinds.ts';
import type { Windows } from './ports.ts';
import type { Range } from './range.ts';

/** The first `limit` windows of the range, ascending. */
export async function firstWindows<S extends SourceName>(
  table: Windows,
  source: S,
  item: KeyItem<S>,
  range: Range,
  limit: number,
): Promise<WindowOf<S>[]> {
  const stored: WindowOf<S>[] = [];
  for await (const page of table.pages(source, item.state.name, range, { pageSize: limit })) {
    stored.push(...page);
    if (stored.length >= limit) break;
  }
  const merged = newestRevisions<WindowOf<S>>(stored, liveWindows(item, range).values());
  return [...merged.values()].sort((a, b) => a.startMs - b.startMs).slice(0, limit);
}

/** The first days of the range, or with `newestFirst` the last ones: `limit` of them or more, ascending, if there are as many. */
export async function someDays<S extends SourceName>(
  table: Windows,
  kind: Kind<S>,
  item: KeyItem<S>,
  zone: string,
  range: Range,
  limit: number,
  newestFirst: boolean,
): Promise<DayOf<S>[]> {
  const live = liveWindows(item, range);
  const days = new Map<string, DayOf<S>>();
  for await (const page of table.pages(kind.source, item.state.name, range, { newestFirst })) {
    for (const stored of page) {
      const inState = live.get(stored.startMs);
      live.delete(stored.startMs);
      addToDays(days, inState && inState.revision > stored.revision ? inState : stored, zone, kind.days);
    }
    // One day more than asked for is there: those before it are whole.
    if (days.size > limit) break;
  }
  for (const window of live.values()) addToDays(days, window, zone, kind.days);
  const sorted = sortedDays(days);
  return newestFirst ? sorted.slice(-limit) : sorted;
}
