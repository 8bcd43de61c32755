/**
 * Days of one key as the speed layer knows them, without those that the batch has settled: their windows are not read. The
 * state item is read first and the table second, so a window that moves from one to the other in between is seen.
 */
import { type DayOf, liveWindows } from '#adapters/newest-days.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';
import { addToDays, sortedDays } from '#domain/days.ts';
import type { WindowOf } from '#domain/key-state.ts';
import type { SourceName } from '#domain/settings.ts';
import type { Kind } from './kinds.ts';
import type { Windows } from './ports.ts';
import type { Range } from './range.ts';
import type { SettledDays } from './settled-days.ts';

/** What is read of one key. */
export interface SpeedDaysQuery<S extends SourceName> {
  readonly kind: Kind<S>;
  readonly item: KeyItem<S>;
  /** IANA zone of the key. */
  readonly zone: string;
  /** Whole days of the zone. */
  readonly range: Range;
  readonly settled: SettledDays;
  readonly newestFirst: boolean;
}

/** The first days of the range, or with `newestFirst` the last ones: `limit` of them or more, ascending, if there are as many. */
export async function speedDays<S extends SourceName>(table: Windows, query: SpeedDaysQuery<S>, limit: number): Promise<DayOf<S>[]> {
  const { kind, item, zone, range, settled, newestFirst } = query;
  const live = liveWindows(item, range);
  const days = new Map<string, DayOf<S>>();
  for await (const page of unsettledPages(table, query)) {
    for (const stored of page) {
      const inState = live.get(stored.startMs);
      live.delete(stored.startMs);
      addToDays(days, inState && inState.revision > stored.revision ? inState : stored, zone, kind.days);
    }
    // One day more than asked for is there: those before it are whole.
    if (days.size > limit) break;
  }
  for (const window of live.values()) {
    if (!settled.has(eventDay(zone, window.startMs))) addToDays(days, window, zone, kind.days);
  }
  const sorted = sortedDays(days);
  return newestFirst ? sorted.slice(-limit) : sorted;
}

/**
 * The windows of days that are not settled, run of days by run of days. Between two runs the next window that exists is
 * looked for: a year of week-ends between settled days costs no request, since the table has nothing of them.
 */
async function* unsettledPages<S extends SourceName>(table: Windows, query: SpeedDaysQuery<S>): AsyncGenerator<WindowOf<S>[]> {
  const { kind, item, zone, settled, newestFirst } = query;
  const { source } = kind;
  const { name } = item.state;
  let rest = query.range;
  while (rest.fromMs < rest.toMs) {
    const day = eventDay(zone, newestFirst ? rest.toMs - 1 : rest.fromMs);
    const run = within(rest, settled.has(day) ? settledRun(zone, settled, day, newestFirst) : openRun(zone, settled, day));
    if (!settled.has(day)) yield* table.pages(source, name, run, { newestFirst });
    rest = newestFirst ? { ...rest, toMs: run.fromMs } : { ...rest, fromMs: run.toMs };
    const nextMs = await firstStart(table, source, name, rest, newestFirst);
    if (nextMs === null) return;
    rest = newestFirst ? { ...rest, toMs: nextMs + 1 } : { ...rest, fromMs: nextMs };
  }
}

async function firstStart<S extends SourceName>(table: Windows, source: S, name: string, range: Range, newestFirst: boolean) {
  for await (const [first] of table.pages(source, name, range, { newestFirst, pageSize: 1 })) return first?.startMs ?? null;
  return null;
}

function within(range: Range, run: Range): Range {
  return { fromMs: Math.max(range.fromMs, run.fromMs), toMs: Math.min(range.toMs, run.toMs) };
}

/** The days around this one up to the next settled ones. */
function openRun(zone: string, settled: SettledDays, day: string): Range {
  let before: string | null = null;
  let after: string | null = null;
  for (const other of settled.keys()) {
    if (other < day && (before === null || other > before)) before = other;
    if (other > day && (after === null || other < after)) after = other;
  }
  return {
    fromMs: before === null ? Number.NEGATIVE_INFINITY : dayInterval(zone, before).endMs,
    toMs: after === null ? Number.POSITIVE_INFINITY : dayInterval(zone, after).startMs,
  };
}

/** The settled days from this one on, in the direction of reading. */
function settledRun(zone: string, settled: SettledDays, day: string, newestFirst: boolean): Range {
  const step = newestFirst ? -1 : 1;
  let last = day;
  for (let next = shiftDay(day, step); settled.has(next); next = shiftDay(next, step)) last = next;
  const [first, end] = newestFirst ? [last, day] : [day, last];
  return { fromMs: dayInterval(zone, first).startMs, toMs: dayInterval(zone, end).endMs };
}
