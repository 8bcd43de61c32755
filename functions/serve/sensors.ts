/** Routes about sensors. */
import { MAX_RECENT } from '#domain/fold.ts';
import { readingRow } from '#domain/rows.ts';
import { dailyRoute, standingRoutes, windowsRoute } from './key-routes.ts';
import { keyNamed, SENSORS } from './kinds.ts';
import { limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import type { ListRoute, Route } from './route.ts';

function readingsRoute({ states }: Serving): ListRoute {
  return {
    path: '/v1/sensors/{sensor}/readings',
    operationId: 'readings_of_sensor',
    summary: 'The newest readings of a sensor, newest first, untrusted ones included',
    query: { limit: limitOf(MAX_RECENT, MAX_RECENT, 'readings') },
    answers: 'list',
    row: 'Reading',
    async handle({ path, query }) {
      const { state } = await keyNamed(states, SENSORS, path['sensor']!);
      const newestFirst = state.recent.toReversed();
      return { rows: newestFirst.slice(0, query.integer('limit')).map((reading) => readingRow(state.name, reading)), nextCursor: null };
    },
  };
}

export function sensorRoutes(serving: Serving): Route[] {
  return [
    ...standingRoutes(serving, SENSORS, 'sensors'),
    readingsRoute(serving),
    windowsRoute(serving, SENSORS, 'sensors', 'windows'),
    dailyRoute(serving, SENSORS, 'sensors'),
  ];
}
