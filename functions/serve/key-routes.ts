/** Routes that symbols and sensors have in common: the list, the newest value, windows. */
import { forEachLimited } from '#adapters/concurrency.ts';
import { NewestDays } from '#adapters/newest-days.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import { dayInterval, eventDay } from '#domain/calendar.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { Row } from '#domain/rows.ts';
import { type SourceName, zoneOf } from '#domain/settings.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import { firstWindows } from './key-windows.ts';
import { type Kind, keyNamed } from './kinds.ts';
import { CURSOR, limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import { limitsAt, type Range, rangeParameters, timeRange } from './range.ts';
import type { ListRoute, SingleRoute } from './route.ts';
import type { Settled } from './settled-days.ts';

/** What the routes of one kind of keys are made of. */
export interface KeyRouting<S extends SourceName> {
  readonly serving: Serving;
  readonly settled: Settled;
  readonly kind: Kind<S>;
  /** First part of their paths. */
  readonly plural: string;
}

const DAYS_IN_FLIGHT = 8;
const EMPTY: Range = { fromMs: 0, toMs: 1 };

const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isWindowPosition = isRecordOf<Range>({ fromMs: isTime, toMs: isTime });

/** `/v1/{plural}` and `/v1/{plural}/{name}/latest`. */
export function standingRoutes<S extends SourceName>({ serving, settled, kind, plural }: KeyRouting<S>): [ListRoute, SingleRoute] {
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
      const [item, now] = await Promise.all([keyNamed(states, kind, path[kind.what]!), settled.glance(kind.source)]);
      const row = kind.latestRow(item.state, await newestDays.of(item), settings);
      return { row, boundary: now.boundary(zoneOf(kind.source, item.state.name, settings)) };
    },
  };
  return [list, latest];
}

/** `/v1/{plural}/{name}/{leaf}`: windows of event time, open ones included. */
export function windowsRoute<S extends SourceName>({ serving, settled, kind, plural }: KeyRouting<S>, leaf: string): ListRoute {
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
      const [item, now] = await Promise.all([keyNamed(states, kind, path[kind.what]!), settled.glance(kind.source)]);
      const { name } = item.state;
      const zone = zoneOf(kind.source, name, settings);
      const listing = `${leaf} ${name}`;
      const asked = timeRange(query, limitsAt(serving, zone), newestDayOf(item, zone));
      const range = decodeCursor(listing, query.text('cursor'), isWindowPosition) ?? asked;
      const found = await firstWindows(windows, kind.source, item, range, limit + 1);
      const next = found[limit];
      const { windowMs } = settings[kind.source];
      return {
        rows: found.slice(0, limit).map((window) => kind.windowRow(name, window, windowMs)),
        nextCursor: next ? encodeCursor(listing, { fromMs: next.startMs, toMs: range.toMs }) : null,
        boundary: now.boundary(zone),
      };
    },
  };
}

/** The newest event day of a key; nothing before its first event. */
export function newestDayOf<S extends SourceName>({ state: { maxEventMs } }: KeyItem<S>, zone: string): Range {
  if (maxEventMs === null) return EMPTY;
  const { startMs, endMs } = dayInterval(zone, eventDay(zone, maxEventMs));
  return { fromMs: startMs, toMs: endMs };
}
