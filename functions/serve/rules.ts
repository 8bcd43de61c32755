/** The rules that alarms come from, with the thresholds of each profile. */
import { RULES } from '#domain/alarms.ts';
import type { Serving } from './ports.ts';
import type { Route } from './route.ts';

export function ruleRoutes({ settings }: Serving): Route[] {
  const thresholds = Object.fromEntries(
    Object.entries(settings.profiles).map(([name, { highC, criticalC, hysteresisC }]) => [
      name,
      { high_c: highC, critical_c: criticalC, hysteresis_c: hysteresisC },
    ]),
  );
  const rows = RULES.map(({ id, version, on }) => ({ rule: id, rule_version: version, on, profiles: thresholds }));
  return [
    {
      path: '/v1/rules',
      operationId: 'list_rules',
      summary: 'The rules that alarms come from',
      query: {},
      answers: 'list',
      row: 'Rule',
      handle: async () => ({ rows, nextCursor: null }),
    },
  ];
}
