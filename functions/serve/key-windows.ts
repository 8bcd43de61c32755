/**
 * Windows of one key: those of the window table and those that are still in its state item, open or not yet emitted. The
 * item is read first and the table second, so a window that moves from one to the other in between is seen.
 */
import { liveWindows } from '#adapters/newest-days.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import { newestRevisions } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import type { SourceName } from '#domain/settings.ts';
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
