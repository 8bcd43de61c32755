/** An HTTP API (API Gateway v2) with Lambda integrations of payload format 2.0. */
import { randomUUID } from 'node:crypto';
import type { InvokeResult } from '../lambda-function.ts';

export interface ApiRoute {
  /** `GET /v1/{proxy+}`, `ANY /x/{id}` or `$default`. */
  readonly routeKey: string;
  readonly invoke: (payload: string) => Promise<InvokeResult>;
}

export interface ApiRequest {
  readonly method: string;
  /** Percent-encoded, as it came. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly nowMs: number;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const METHODS = /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/.*)$/;

/** Compiles a route key to a matcher that gives the path parameters. Throws when it is none. */
function compileRoute(routeKey: string): (method: string, path: string) => Record<string, string> | null {
  if (routeKey === '$default') return () => ({});
  const match = METHODS.exec(routeKey);
  if (!match) throw new Error(`route key "${routeKey}" is neither "METHOD /path" nor $default`);
  const [, verb, template] = match;
  const source = template!.split(/(\{[A-Za-z0-9_]+\+?\})/).map((part) => {
    const name = /^\{([A-Za-z0-9_]+)(\+?)\}$/.exec(part);
    if (!name) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return `(?<${name[1]}>${name[2] ? '.+' : '[^/]+'})`;
  });
  const pattern = new RegExp(`^${source.join('')}$`);
  return (method, path) => {
    const found = verb === 'ANY' || verb === method ? pattern.exec(path) : null;
    return found ? { ...found.groups } : null;
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function joinedQuery(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) joined[name] = name in joined ? `${joined[name]},${value}` : value;
  return joined;
}

function eventOf(request: ApiRequest, routeKey: string, parameters: Record<string, string>, apiId: string, accountId: string): object {
  const { method, path, query, headers, body, sourceIp, nowMs } = request;
  const { cookie, ...rest } = headers;
  const isText = /^(text\/|application\/([a-z.+-]*json|xml|javascript|x-www-form-urlencoded))/.test(
    headers['content-type'] ?? 'text/plain',
  );
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: rest,
    ...(query === '' ? {} : { queryStringParameters: joinedQuery(query) }),
    requestContext: {
      accountId,
      apiId,
      domainName: headers['host'] ?? '127.0.0.1',
      domainPrefix: apiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    ...(Object.keys(parameters).length === 0
      ? {}
      : { pathParameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decoded(value)])) }),
    ...(body.length === 0 ? {} : { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function jsonAnswer(status: number, value: object): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

/** What the function returned, as HTTP: an object with statusCode, or any other value as JSON with 200. */
function answerOf(result: InvokeResult): ApiAnswer {
  if ('functionError' in result) return jsonAnswer(500, { message: 'Internal Server Error' });
  const value: unknown = JSON.parse(result.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(result.payload) };
  }
  const {
    statusCode,
    headers = {},
    cookies,
    body = '',
    isBase64Encoded,
  } = value as {
    statusCode: number;
    headers?: Record<string, string>;
    cookies?: string[];
    body?: string;
    isBase64Encoded?: boolean;
  };
  return {
    status: statusCode,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...lowerCase(headers), ...(cookies ? { 'set-cookie': cookies } : {}) },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** An API's way from request to answer; a full route key wins over $default, and what no route takes is 404. */
export function httpApi(apiId: string, accountId: string, routes: readonly ApiRoute[]): (request: ApiRequest) => Promise<ApiAnswer> {
  const compiled = [...routes]
    .sort((a, b) => Number(a.routeKey === '$default') - Number(b.routeKey === '$default'))
    .map((route) => ({ ...route, match: compileRoute(route.routeKey) }));
  return async (request) => {
    for (const { routeKey, match, invoke } of compiled) {
      const parameters = match(request.method, request.path);
      if (parameters) return answerOf(await invoke(JSON.stringify(eventOf(request, routeKey, parameters, apiId, accountId))));
    }
    return jsonAnswer(404, { message: 'Not Found' });
  };
}
