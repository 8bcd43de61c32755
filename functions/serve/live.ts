/** Where and how to hear what changes, as it changes. */
import { LIVE_KINDS } from '#domain/live-topics.ts';
import { isoTime } from '#domain/rows.ts';
import type { Serving } from './ports.ts';
import type { Route } from './route.ts';

/** Topics by what they carry; `<key>` stands for a symbol, a sensor or an alarm id, percent-encoded. */
const TOPICS = Object.fromEntries(LIVE_KINDS.map((kind) => [kind, `live/${kind}/<key>`]));

export function liveRoutes({ live }: Serving): Route[] {
  return [
    {
      path: '/v1/live',
      operationId: 'live',
      summary: 'A short-lived address of the message broker that may only subscribe below `live/`',
      query: {},
      answers: 'single',
      isSecret: true,
      row: 'Live',
      async handle() {
        const { url, clientId, expiresMs } = await live.issue();
        return { row: { url, protocol: 'mqtt', expires_at: isoTime(expiresMs), client_id: clientId, topics: TOPICS } };
      },
    },
  ];
}
