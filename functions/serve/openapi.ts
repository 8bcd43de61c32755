/** The OpenAPI 3.1 document, made of the declarations that also match and validate the requests. */
import type { Row } from '#domain/rows.ts';
import type { IntegerParameter, TextParameter } from './parameters.ts';
import type { Route } from './route.ts';
import { AS_OF_SCHEMA, PROBLEM_SCHEMA, ROW_SCHEMAS, type Schema } from './schemas.ts';

const ENTITY_HEADERS = {
  ETag: { description: 'Strong entity tag, without the time of the answer.', schema: { type: 'string' } },
  'Cache-Control': { schema: { type: 'string', const: 'no-cache' } },
};

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function answerSchema(route: Route): Schema {
  if (route.answers === 'document') return { type: 'object' };
  const as_of = reference('AsOf');
  if (route.answers === 'single') return { type: 'object', properties: { data: reference(route.row), as_of }, required: ['data', 'as_of'] };
  const next_cursor = { type: ['string', 'null'], description: 'For the parameter cursor; null on the last page.' };
  const data = { type: 'array', items: reference(route.row) };
  return { type: 'object', properties: { data, as_of, next_cursor }, required: ['data', 'as_of', 'next_cursor'] };
}

function queryParameter([name, { description, example, ...schema }]: [string, (IntegerParameter | TextParameter) & { example?: string }]) {
  return { name, in: 'query', required: false, description, schema, ...(example === undefined ? {} : { example }) };
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function headersOf(route: Route) {
  return isSecret(route) ? { 'Cache-Control': { schema: { type: 'string', const: 'no-store' } } } : ENTITY_HEADERS;
}

function isSecret(route: Route): boolean {
  return route.answers === 'single' && route.isSecret === true;
}

function operation(route: Route) {
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [...pathParameters(route.path), ...Object.entries(route.query).map(queryParameter)],
    responses: {
      200: { description: 'The answer.', headers: headersOf(route), content: { 'application/json': { schema: answerSchema(route) } } },
      ...(isSecret(route) ? {} : { 304: { description: 'The client has this entity (If-None-Match).' } }),
      '4XX': problem,
      '5XX': problem,
    },
  };
}

/** Describes the routes, each as a GET. */
export function openApiOf(routes: readonly Route[]): Row {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidemark',
      version: '1',
      description:
        'Trades and sensor readings: days that the batch has settled, what still moves from the speed layer. Ranges of time are half-open; unknown parameters are refused.',
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operation(route) }])),
    components: {
      schemas: { ...ROW_SCHEMAS, AsOf: AS_OF_SCHEMA, Problem: PROBLEM_SCHEMA },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457).',
          content: { 'application/problem+json': { schema: reference('Problem') } },
        },
      },
    },
  };
}
