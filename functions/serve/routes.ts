/** All routes. */
import { alarmRoutes } from './alarms.ts';
import { alertRoutes } from './alerts.ts';
import { batchRoutes } from './batch-runs.ts';
import { liveRoutes } from './live.ts';
import { openApiOf } from './openapi.ts';
import { pipelineRoutes } from './pipeline.ts';
import type { Serving } from './ports.ts';
import type { DocumentRoute, Route } from './route.ts';
import { ruleRoutes } from './rules.ts';
import { sensorRoutes } from './sensors.ts';
import { Settled } from './settled-days.ts';
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
  const settled = new Settled(serving);
  const routes = [
    ...symbolRoutes(serving, settled),
    ...sensorRoutes(serving, settled),
    ...alarmRoutes(serving),
    ...alertRoutes(serving),
    ...ruleRoutes(serving),
    ...batchRoutes(serving),
    ...pipelineRoutes(serving, settled),
    ...liveRoutes(serving),
    openApi,
  ];
  const document = openApiOf(routes);
  return routes;
}
