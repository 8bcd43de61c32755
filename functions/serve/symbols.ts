/** Routes about symbols. */
import { withDeltas } from '#domain/deltas.ts';
import { MAX_RECENT } from '#domain/fold.ts';
import { tradeRow } from '#domain/rows.ts';
import { dailyRoute, standingRoutes, windowsRoute } from './key-routes.ts';
import { keyNamed, SYMBOLS } from './kinds.ts';
import { limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import type { ListRoute, Route } from './route.ts';

/** The oldest trade kept is not shown while there may be one before it that its delta would need. */
const MAX_SHOWN = MAX_RECENT - 1;

function tradesRoute({ states }: Serving): ListRoute {
  return {
    path: '/v1/symbols/{symbol}/trades',
    operationId: 'trades_of_symbol',
    summary: 'The newest trades of a symbol, newest first, with the change from the trade before in event order',
    query: { limit: limitOf(MAX_SHOWN, MAX_SHOWN, 'trades') },
    answers: 'list',
    row: 'Trade',
    async handle({ path, query }) {
      const { state } = await keyNamed(states, SYMBOLS, path['symbol']!);
      const newestFirst = withDeltas(state.recent).reverse();
      return { rows: newestFirst.slice(0, query.integer('limit')).map((trade) => tradeRow(state.name, trade)), nextCursor: null };
    },
  };
}

export function symbolRoutes(serving: Serving): Route[] {
  return [
    ...standingRoutes(serving, SYMBOLS, 'symbols'),
    tradesRoute(serving),
    windowsRoute(serving, SYMBOLS, 'symbols', 'bars'),
    dailyRoute(serving, SYMBOLS, 'symbols'),
  ];
}
