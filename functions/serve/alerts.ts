/** Alerts: what became of alarms, over all sensors, by event time. */
import type { Transition } from '#adapters/alarm-reader.ts';
import type { AlarmRow } from '#domain/alerts.ts';
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';
import { isoTime } from '#domain/rows.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import { CURSOR, limitOf } from './parameters.ts';
import type { Alarms, Serving } from './ports.ts';
import { Problem } from './problem.ts';
import { limitsAt, type Range, rangeParameters, timeRange } from './range.ts';
import type { ListRoute, Route } from './route.ts';

const ZONE = 'UTC';
const DEFAULT_DAYS = 7;
const DAYS_IN_FLIGHT = 8;

interface Position extends Range {
  /** Of the last alert given; those at or after it were given. */
  readonly at: string;
}

const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPosition = isRecordOf<Position>({
  fromMs: isTime,
  toMs: isTime,
  at: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]{12}Z#[A-Za-z0-9_.:#-]{1,256}$/.test(value),
});

/** The days of a range, newest first. */
function daysOf({ fromMs, toMs }: Range): string[] {
  const first = eventDay(ZONE, fromMs);
  const days: string[] = [];
  for (let day = eventDay(ZONE, toMs - 1); day >= first; day = shiftDay(day, -1)) days.push(day);
  return days;
}

/** The newest `limit` transitions of a range; `before` (excluded) is where the page before ended. */
async function newestTransitions(alarms: Alarms, range: Range, before: string | null, limit: number): Promise<Transition[]> {
  const first = isoTime(range.fromMs);
  // An alert at an instant sorts after the bare instant: up to `toMs` leaves out what happened then.
  const last = before ?? isoTime(range.toMs);
  const days = daysOf(range).filter((day) => before === null || day <= before.slice(0, day.length));
  const found: Transition[] = [];
  for (let start = 0; start < days.length && found.length < limit; start += DAYS_IN_FLIGHT) {
    const pages = await Promise.all(
      days.slice(start, start + DAYS_IN_FLIGHT).map((day) => alarms.transitions(day, first, last, limit + (before === null ? 0 : 1))),
    );
    found.push(...pages.flat().filter(({ at }) => at !== before));
  }
  return found.slice(0, limit);
}

function alertRow(row: AlarmRow) {
  return { kind: 'instant', alert_id: `${row.alarm_id}#${row.revision}`, ...row };
}

export function alertRoutes(serving: Serving): Route[] {
  const { alarms, nowMs } = serving;
  const route: ListRoute = {
    path: '/v1/alerts',
    operationId: 'list_alerts',
    summary: 'Transitions of all alarms by event time, newest first',
    query: {
      kind: { type: 'string', description: '`instant`: transitions of alarms.', enum: ['instant', 'avg_temp'], default: 'instant' },
      ...rangeParameters(`Days are UTC. Default: the last ${DEFAULT_DAYS} days.`),
      limit: limitOf(1000, 100, 'alerts'),
      cursor: CURSOR,
    },
    answers: 'list',
    row: 'Alert',
    async handle({ query }) {
      if (query.text('kind') === 'avg_temp')
        throw new Problem(
          'not-here',
          400,
          'closed windows with their averages are at /v1/sensors/{sensor}/windows; allowed here: instant',
          {
            parameter: 'kind',
            value: 'avg_temp',
            allowed: 'instant',
          },
        );
      const limit = query.integer('limit')!;
      const today = eventDay(ZONE, nowMs());
      const fallback = { fromMs: dayInterval(ZONE, shiftDay(today, 1 - DEFAULT_DAYS)).startMs, toMs: dayInterval(ZONE, today).endMs };
      const asked = timeRange(query, limitsAt(serving, ZONE), fallback);
      const position = decodeCursor('alerts', query.text('cursor'), isPosition);
      const range = position ?? asked;
      const found = await newestTransitions(alarms, range, position?.at ?? null, limit + 1);
      const page = found.slice(0, limit);
      const { fromMs, toMs } = range;
      return {
        rows: page.map(({ row }) => alertRow(row)),
        nextCursor: found.length > limit ? encodeCursor('alerts', { fromMs, toMs, at: page.at(-1)!.at }) : null,
      };
    },
  };
  return [route];
}
