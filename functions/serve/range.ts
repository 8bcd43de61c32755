/** Ranges of time that a request names: half-open, by ISO 8601 times or by calendar days of the key's zone. */
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';
import { isoTime } from '#domain/rows.ts';
import type { Parameters, Query } from './parameters.ts';
import type { Serving } from './ports.ts';
import { badParameter } from './problem.ts';

export interface Range {
  /** Included, ms since the epoch. */
  readonly fromMs: number;
  /** Excluded, ms since the epoch. */
  readonly toMs: number;
}

export const MAX_RANGE_DAYS = 366;
const HOUR_MS = 3_600_000;

const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAY = '1970-01-01';
const LAST_DAY = '9998-12-31';
const ALLOWED_DAY = 'a day like 2026-01-31';
const ALLOWED_TIME = `${ALLOWED_DAY} or a time like 2026-01-31T09:30:00Z`;

/** Declaration of `from` and `to`, for times in a zone. */
export function rangeParameters(fallback: string): Parameters {
  return {
    from: { type: 'string', description: `First instant, included: ${ALLOWED_TIME}. ${fallback}`, example: '2026-01-30' },
    to: { type: 'string', description: `Last instant, excluded: ${ALLOWED_TIME}. ${fallback}`, example: '2026-01-31' },
  };
}

export const DAY_RANGE_PARAMETERS: Parameters = {
  from: {
    type: 'string',
    description: `First event day, included: ${ALLOWED_DAY}. Without it the newest days are given.`,
    example: '2026-01-01',
  },
  to: {
    type: 'string',
    description: `Last event day, excluded: ${ALLOWED_DAY}. Default: the day after the newest event day.`,
    example: '2026-01-31',
  },
};

/** True for a day of the calendar from 1970 to 9998 (2026-02-30 is none): the neighbours of all of them have four digits too. */
export function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !DAY.test(text) || text < FIRST_DAY || text > LAST_DAY) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function instant(name: string, text: string, zone: string): number {
  if (isDay(text)) return dayInterval(zone, text).startMs;
  if (isDay(TIME.exec(text)?.[1])) return Date.parse(text);
  throw badParameter(name, text, ALLOWED_TIME);
}

/** What a range of a query is held against. */
export interface RangeLimits {
  /** IANA zone whose days are meant. */
  readonly zone: string;
  /** Newest event time that can be believed, ms since the epoch: nothing has happened later. */
  readonly newestMs: number;
  readonly maxDays?: number;
}

/** The limits of now: a clock may go fast by as much as is configured. */
export function limitsAt({ nowMs, settings }: Pick<Serving, 'nowMs' | 'settings'>, zone: string): RangeLimits {
  return { zone, newestMs: nowMs() + settings.clockSkewMs };
}

/**
 * The range a query names. What it leaves out comes from `fallback`, moved to the day next to what it names when it would
 * be reversed. Throws a problem for a range that is reversed, begins in the future, or is longer than it may be.
 */
export function timeRange(query: Query, { zone, newestMs, maxDays = MAX_RANGE_DAYS }: RangeLimits, fallback: Range): Range {
  const from = query.text('from');
  const to = query.text('to');
  const namedFromMs = from === undefined ? undefined : instant('from', from, zone);
  const namedToMs = to === undefined ? undefined : instant('to', to, zone);
  const fromMs = namedFromMs ?? Math.min(fallback.fromMs, dayInterval(zone, eventDay(zone, (namedToMs ?? fallback.toMs) - 1)).startMs);
  const toMs = namedToMs ?? Math.max(fallback.toMs, dayInterval(zone, eventDay(zone, fromMs)).endMs);
  if (fromMs >= toMs) throw badParameter('from', from ?? '', `a time before to=${to}, which is excluded`);
  if (namedFromMs !== undefined && namedFromMs > newestMs) throw badParameter('from', from!, `a time up to now, ${isoTime(newestMs)}`);
  // A day more than 24 hours long is not held against the range.
  if (toMs - fromMs > maxDays * 24 * HOUR_MS + HOUR_MS) throw tooLong(from, to, maxDays);
  return { fromMs, toMs };
}

/** The days a query names; null for what it leaves out. Throws a problem for a range that is reversed, begins in the future, or is longer than 366 days. */
export function dayRange(
  query: Query,
  { zone, newestMs }: RangeLimits,
  newestDay: string | null,
): { from: string | null; to: string | null } {
  const [from, to] = ['from', 'to'].map((name) => {
    const text = query.text(name);
    if (text !== undefined && !isDay(text)) throw badParameter(name, text, ALLOWED_DAY);
    return text;
  });
  if (from === undefined) return { from: null, to: to ?? null };
  const today = eventDay(zone, newestMs);
  if (from > today) throw badParameter('from', from, `a day up to today, ${today}`);
  const afterNewest = newestDay === null ? from : shiftDay(newestDay, 1);
  const end = to ?? (afterNewest > from ? afterNewest : shiftDay(from, 1));
  if (from >= end) throw badParameter('from', from, `a day before to=${to}, which is excluded`);
  if (shiftDay(from, MAX_RANGE_DAYS) < end) throw tooLong(from, to, MAX_RANGE_DAYS);
  return { from, to: end };
}

function tooLong(from: string | undefined, to: string | undefined, maxDays: number) {
  const parameter = from === undefined ? 'to' : 'from';
  const open = from === undefined || to === undefined;
  return badParameter(parameter, from ?? to ?? '', `a range of at most ${maxDays} days${open ? ': name from and to' : ''}`);
}
