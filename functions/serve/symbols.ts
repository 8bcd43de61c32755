/** Routes about symbols. */
import { withDeltas } from '#domain/deltas.ts';
import { MAX_RECENT } from '#domain/fold.ts';
import { tradeRow } from '#domain/rows.ts';
import { zoneOf } from '#domain/settings.ts';
import { dailyRoute } from './daily-route.ts';
import { historyRoute } from './history-route.ts';
import { type KeyRouting, standingRoutes, windowsRoute } from './key-routes.ts';
import { keyNamed, SYMBOLS } from './kinds.ts';
import { limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import type { ListRoute, Route } from './route.ts';
import type { Settled } from './settled-days.ts';

/** The oldest trade kept is not shown while there may be one before it that its delta would need. */
const MAX_SHOWN = MAX_RECENT - 1;

function tradesRoute({ serving: { states, settings }, settled }: KeyRouting<'trades'>): ListRoute {
  return {
    path: '/v1/symbols/{symbol}/trades',
    operationId: 'trades_of_symbol',
    summary: 'The newest trades of a symbol, newest first, with the change from the trade before in event order',
    query: { limit: limitOf(MAX_SHOWN, MAX_SHOWN, 'trades') },
    answers: 'list',
    row: 'Trade',
    async handle({ path, query }) {
      const [{ state }, now] = await Promise.all([keyNamed(states, SYMBOLS, path['symbol']!), settled.glance('trades')]);
      const newestFirst = withDeltas(state.recent).reverse();
      const rows = newestFirst.slice(0, query.integer('limit')).map((trade) => tradeRow(state.name, trade));
      return { rows, nextCursor: null, boundary: now.boundary(zoneOf('trades', state.name, settings)) };
    },
  };
}

export function symbolRoutes(serving: Serving, settled: Settled): Route[] {
  const routing = { serving, settled, kind: SYMBOLS, plural: 'symbols' };
  return [
    ...standingRoutes(routing),
    tradesRoute(routing),
    windowsRoute(routing, 'bars'),
    dailyRoute(routing),
    historyRoute(routing, 'trades'),
  ];
}
