/** Event days of a symbol or a sensor: settled ones from the batch, the others from the speed layer. */
import { eventDay, shiftDay } from '#domain/calendar.ts';
import { type SourceName, zoneOf } from '#domain/settings.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import type { KeyRouting } from './key-routes.ts';
import { keyNamed } from './kinds.ts';
import { mergedDays } from './merged-days.ts';
import { CURSOR } from './parameters.ts';
import { DAY_RANGE_PARAMETERS, dayRange, isDay, limitsAt, MAX_RANGE_DAYS } from './range.ts';
import type { ListRoute } from './route.ts';

/** Days given when the request names no range. */
const DEFAULT_DAYS = 31;
const LIMIT = {
  type: 'integer',
  description: `At most so many days. Default: ${DEFAULT_DAYS} without \`from\`, ${MAX_RANGE_DAYS} with it.`,
  minimum: 1,
  maximum: MAX_RANGE_DAYS,
} as const;

const isPosition = isRecordOf<{ from: string; to: string }>({ from: isDay, to: isDay });

/** `/v1/{plural}/{name}/daily`. */
export function dailyRoute<S extends SourceName>({ serving, settled, kind, plural }: KeyRouting<S>): ListRoute {
  const { states, settings } = serving;
  return {
    path: `/v1/${plural}/{${kind.what}}/daily`,
    operationId: `days_of_${kind.what}`,
    summary: `Event days of a ${kind.what} in its zone, ascending: settled by the batch (\`layer\` batch), or still moving (speed)`,
    query: { ...DAY_RANGE_PARAMETERS, limit: LIMIT, cursor: CURSOR },
    answers: 'list',
    row: kind.rows.day,
    async handle({ path, query }) {
      // The item before the windows: one that moves from it to their table in between is seen.
      const [item, now] = await Promise.all([keyNamed(states, kind, path[kind.what]!), settled.read(kind.source)]);
      const { name, maxEventMs } = item.state;
      const zone = zoneOf(kind.source, name, settings);
      const newestDay = maxEventMs === null ? null : eventDay(zone, maxEventMs);
      const listing = `daily ${name}`;
      const asked = dayRange(query, limitsAt(serving, zone), newestDay);
      const { from, to } = decodeCursor(listing, query.text('cursor'), isPosition) ?? asked;
      if (newestDay === null) return { rows: [], nextCursor: null, boundary: now.boundary(zone) };
      const end = to ?? shiftDay(newestDay, 1);
      const limit = query.integer('limit') ?? (from === null ? DEFAULT_DAYS : MAX_RANGE_DAYS);
      const days = await mergedDays(serving, { kind, item, zone, settled: now.days, from, to: end }, limit);
      const next = days[limit];
      const rows = days.slice(0, limit);
      const moving = rows.filter(({ day }) => !now.days.has(day)).map(({ day }) => day);
      return {
        rows: rows.map(({ row }) => row),
        nextCursor: next ? encodeCursor(listing, { from: next.day, to: end }) : null,
        boundary: now.boundary(zone, moving),
      };
    },
  };
}
