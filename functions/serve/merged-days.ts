/**
 * Days of one key as one view: a day comes from the generation that `published` names, from the speed layer otherwise. What is
 * published is read once a request and decides for each day, so a publication in the middle of a request gives neither gap nor
 * double count: generations are whole before they are named, and are kept for longer than a request lasts.
 */
import type { GenerationRow } from '#adapters/day-reader.ts';
import { dayInterval } from '#domain/calendar.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import type { Serving } from './ports.ts';
import { type SpeedDaysQuery, speedDays } from './speed-days.ts';

/** What is read of one key: `from` (included; null = the newest days) and `to` (excluded) are days of its zone. */
export interface MergedDaysQuery<S extends SourceName> extends Omit<SpeedDaysQuery<S>, 'range' | 'newestFirst'> {
  readonly from: string | null;
  readonly to: string;
}

const FIRST_DAY = '0000-00-00';

/** A day as the API gives it. */
export interface MergedDay {
  readonly day: string;
  readonly row: Row;
}

/** The first days of the range, or the last ones without `from`: `limit` of them or more, ascending, if there are as many. */
export async function mergedDays<S extends SourceName>(serving: Serving, query: MergedDaysQuery<S>, limit: number): Promise<MergedDay[]> {
  const { kind, item, zone, from, to } = query;
  const { name } = item.state;
  const newestFirst = from === null;
  const settled = await settledRows(serving, query, limit);
  // Older days than these are not asked for.
  const first = newestFirst && settled.length >= limit ? settled.at(-limit)!.day : from;
  const range = { fromMs: first === null ? 0 : dayInterval(zone, first).startMs, toMs: dayInterval(zone, to).startMs };
  const moving = await speedDays(serving.windows, { ...query, range, newestFirst }, limit);
  const merged: MergedDay[] = [
    ...settled.map(({ day, row }) => ({ day, row: kind.settledDayRow(name, day, row, query.settled.get(day)!.revision) })),
    ...moving.map((day) => ({ day: day.day, row: kind.dayRow(name, day) })),
  ].sort((a, b) => (a.day < b.day ? -1 : 1));
  return newestFirst ? merged.slice(-limit) : merged;
}

/** Rows of the published generations, ascending: the first ones of the range, or the last ones without `from`. */
async function settledRows<S extends SourceName>(
  { days }: Serving,
  { kind, item, settled, from, to }: MergedDaysQuery<S>,
  limit: number,
): Promise<GenerationRow[]> {
  const rows: GenerationRow[] = [];
  if (settled.size === 0) return rows;
  const newestFirst = from === null;
  for await (const page of days.pages(kind.source, item.state.name, { from: from ?? FIRST_DAY, to }, newestFirst)) {
    rows.push(...page.filter(({ day, gen }) => settled.get(day)?.gen === gen));
    if (rows.length > limit) break;
  }
  return newestFirst ? rows.slice(0, limit).reverse() : rows;
}
