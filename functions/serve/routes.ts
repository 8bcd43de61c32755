/** All routes. */
import { alarmRoutes } from './alarms.ts';
import { alertRoutes } from './alerts.ts';
import { liveRoutes } from './live.ts';
import { openApiOf } from './openapi.ts';
import { pipelineRoutes } from './pipeline.ts';
import type { Serving } from './ports.ts';
import type { DocumentRoute, Route } from './route.ts';
import { ruleRoutes } from './rules.ts';
import { sensorRoutes } from './sensors.ts';
import { symbolRoutes } from './symbols.ts';

export function routesOf(serving: Serving): Route[] {
  const openApi: DocumentRoute = {
    path: '/v1/openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    query: {},
    answers: 'document',
    handle: () => document,
  };
  const routes = [
    ...symbolRoutes(serving),
    ...sensorRoutes(serving),
    ...alarmRoutes(serving),
    ...alertRoutes(serving),
    ...ruleRoutes(serving),
    ...pipelineRoutes(serving),
    ...liveRoutes(serving),
    openApi,
  ];
  const document = openApiOf(routes);
  return routes;
}
