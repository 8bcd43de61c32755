/** Routes about sensors. */
import { MAX_RECENT } from '#domain/fold.ts';
import { readingRow } from '#domain/rows.ts';
import { zoneOf } from '#domain/settings.ts';
import { dailyRoute } from './daily-route.ts';
import { historyRoute } from './history-route.ts';
import { type KeyRouting, standingRoutes, windowsRoute } from './key-routes.ts';
import { keyNamed, SENSORS } from './kinds.ts';
import { limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import type { ListRoute, Route } from './route.ts';
import type { Settled } from './settled-days.ts';

function readingsRoute({ serving: { states, settings }, settled }: KeyRouting<'readings'>): ListRoute {
  return {
    path: '/v1/sensors/{sensor}/readings',
    operationId: 'readings_of_sensor',
    summary: 'The newest readings of a sensor, newest first, untrusted ones included',
    query: { limit: limitOf(MAX_RECENT, MAX_RECENT, 'readings') },
    answers: 'list',
    row: 'Reading',
    async handle({ path, query }) {
      const [{ state }, now] = await Promise.all([keyNamed(states, SENSORS, path['sensor']!), settled.glance('readings')]);
      const newestFirst = state.recent.toReversed();
      const rows = newestFirst.slice(0, query.integer('limit')).map((reading) => readingRow(state.name, reading));
      return { rows, nextCursor: null, boundary: now.boundary(zoneOf('readings', state.name, settings)) };
    },
  };
}

export function sensorRoutes(serving: Serving, settled: Settled): Route[] {
  const routing = { serving, settled, kind: SENSORS, plural: 'sensors' };
  return [
    ...standingRoutes(routing),
    readingsRoute(routing),
    windowsRoute(routing, 'windows'),
    dailyRoute(routing),
    historyRoute(routing, 'readings'),
  ];
}
