/** Routes that symbols and sensors have in common: the list, the newest value, windows, days. */
import { forEachLimited } from '#adapters/concurrency.ts';
import { NewestDays } from '#adapters/newest-days.ts';
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { Row } from '#domain/rows.ts';
import { type SourceName, zoneOf } from '#domain/settings.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import { firstWindows, someDays } from './key-windows.ts';
import { type Kind, keyNamed } from './kinds.ts';
import { CURSOR, limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import { DAY_RANGE_PARAMETERS, dayRange, isDay, MAX_RANGE_DAYS, type Range, rangeParameters, timeRange } from './range.ts';
import type { ListRoute, SingleRoute } from './route.ts';

const DAYS_IN_FLIGHT = 8;
/** Days given when the request names no range. */
const DEFAULT_DAYS = 31;
const EMPTY: Range = { fromMs: 0, toMs: 1 };

const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isWindowPosition = isRecordOf<Range>({ fromMs: isTime, toMs: isTime });
const isDayPosition = isRecordOf<{ from: string; to: string }>({ from: isDay, to: isDay });

/** `/v1/{plural}` and `/v1/{plural}/{name}/latest`. */
export function standingRoutes<S extends SourceName>(serving: Serving, kind: Kind<S>, plural: string): [ListRoute, SingleRoute] {
  const { states, windows, settings } = serving;
  const newestDays = new NewestDays(windows, kind.source, settings);
  const isName = (value: unknown): value is string => typeof value === 'string' && kind.isName(value);
  const list: ListRoute = {
    path: `/v1/${plural}`,
    operationId: `list_${plural}`,
    summary: `All ${plural} as they stand, by name`,
    query: { limit: limitOf(1000, 100, plural), cursor: CURSOR },
    answers: 'list',
    row: kind.rows.latest,
    async handle({ query }) {
      const limit = query.integer('limit')!;
      const after = decodeCursor(plural, query.text('cursor'), isName) ?? '';
      // One more tells whether there is a next page; another one stands in for the name that is none.
      const names = (await states.names(kind.source, after, limit + 2)).filter((name) => name !== UNATTRIBUTED);
      const page = names.slice(0, limit);
      const items = await states.getAll(kind.source, page);
      const rows: Row[] = [];
      await forEachLimited([...items.entries()], DAYS_IN_FLIGHT, async ([index, item]) => {
        rows[index] = kind.latestRow(item.state, await newestDays.of(item), settings);
      });
      return { rows, nextCursor: names.length > limit ? encodeCursor(plural, page.at(-1)) : null };
    },
  };
  const latest: SingleRoute = {
    path: `/v1/${plural}/{${kind.what}}/latest`,
    operationId: `latest_of_${kind.what}`,
    summary: `One ${kind.what} as it stands`,
    query: {},
    answers: 'single',
    row: kind.rows.latest,
    async handle({ path }) {
      const item = await keyNamed(states, kind, path[kind.what]!);
      return kind.latestRow(item.state, await newestDays.of(item), settings);
    },
  };
  return [list, latest];
}

/** `/v1/{plural}/{name}/{leaf}`: windows of event time, open ones included. */
export function windowsRoute<S extends SourceName>(serving: Serving, kind: Kind<S>, plural: string, leaf: string): ListRoute {
  const { states, windows, settings } = serving;
  return {
    path: `/v1/${plural}/{${kind.what}}/${leaf}`,
    operationId: `${leaf}_of_${kind.what}`,
    summary: `Event-time ${leaf} of a ${kind.what}, ascending; open ones have revision 0`,
    query: { ...rangeParameters(`Default: the newest event day of the ${kind.what}.`), limit: limitOf(5000, 1000, leaf), cursor: CURSOR },
    answers: 'list',
    row: kind.rows.window,
    async handle({ path, query }) {
      const limit = query.integer('limit')!;
      const item = await keyNamed(states, kind, path[kind.what]!);
      const { name, maxEventMs } = item.state;
      const zone = zoneOf(kind.source, name, settings);
      const newest = maxEventMs === null ? EMPTY : rangeOfDay(zone, eventDay(zone, maxEventMs));
      const listing = `${leaf} ${name}`;
      const asked = timeRange(query, zone, newest);
      const range = decodeCursor(listing, query.text('cursor'), isWindowPosition) ?? asked;
      const found = await firstWindows(windows, kind.source, item, range, limit + 1);
      const next = found[limit];
      const { windowMs } = settings[kind.source];
      return {
        rows: found.slice(0, limit).map((window) => kind.windowRow(name, window, windowMs)),
        nextCursor: next ? encodeCursor(listing, { fromMs: next.startMs, toMs: range.toMs }) : null,
      };
    },
  };
}

/** `/v1/{plural}/{name}/daily`: event days, each folded from its windows. */
export function dailyRoute<S extends SourceName>(serving: Serving, kind: Kind<S>, plural: string): ListRoute {
  const { states, windows, settings } = serving;
  const limitParameter = {
    type: 'integer',
    description: `At most so many days. Default: ${DEFAULT_DAYS} without \`from\`, ${MAX_RANGE_DAYS} with it.`,
    minimum: 1,
    maximum: MAX_RANGE_DAYS,
  } as const;
  return {
    path: `/v1/${plural}/{${kind.what}}/daily`,
    operationId: `days_of_${kind.what}`,
    summary: `Event days of a ${kind.what} in its zone, ascending`,
    query: { ...DAY_RANGE_PARAMETERS, limit: limitParameter, cursor: CURSOR },
    answers: 'list',
    row: kind.rows.day,
    async handle({ path, query }) {
      const item = await keyNamed(states, kind, path[kind.what]!);
      const { name, maxEventMs } = item.state;
      const zone = zoneOf(kind.source, name, settings);
      const newestDay = maxEventMs === null ? null : eventDay(zone, maxEventMs);
      const listing = `daily ${name}`;
      const asked = dayRange(query, newestDay);
      const { from, to } = decodeCursor(listing, query.text('cursor'), isDayPosition) ?? asked;
      if (newestDay === null) return { rows: [], nextCursor: null };
      const end = to ?? shiftDay(newestDay, 1);
      const limit = query.integer('limit') ?? (from === null ? DEFAULT_DAYS : MAX_RANGE_DAYS);
      const range = { fromMs: from === null ? 0 : dayInterval(zone, from).startMs, toMs: dayInterval(zone, end).startMs };
      const days = await someDays(windows, kind, item, zone, range, limit, from === null);
      const next = days[limit];
      return {
        rows: days.slice(0, limit).map((day) => kind.dayRow(name, day)),
        nextCursor: next ? encodeCursor(listing, { from: next.day, to: end }) : null,
      };
    },
  };
}

function rangeOfDay(zone: string, day: string): Range {
  const { startMs, endMs } = dayInterval(zone, day);
  return { fromMs: startMs, toMs: endMs };
}
