/** One whole event day of one key as the speed layer knows it. */
import type { DayInterval } from '#domain/calendar.ts';
import { newestRevisions } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import type { SourceName } from '#domain/settings.ts';
import { type DayOf, daysOf, liveWindows, type WindowPages } from './newest-days.ts';
import type { KeyItem } from './state-reader.ts';

/** The fold of the day's windows; null when there is none. `item` was read before. */
export async function speedDay<S extends SourceName>(
  table: WindowPages,
  source: S,
  item: KeyItem<S>,
  day: string,
  { startMs, endMs }: DayInterval,
): Promise<DayOf<S> | null> {
  const range = { fromMs: startMs, toMs: endMs };
  const stored: WindowOf<S>[] = [];
  for await (const page of table.pages(source, item.state.name, range)) stored.push(...page);
  const { from, add } = daysOf(source);
  let folded: DayOf<S> | null = null;
  for (const window of newestRevisions<WindowOf<S>>(stored, liveWindows(item, range).values()).values()) {
    if (folded === null) folded = from(day, window);
    else add(folded, window);
  }
  return folded;
}
