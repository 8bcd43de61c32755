/** The event of payload format 2.0, as API Gateway gives it to a function. */
import { randomUUID } from 'node:crypto';
import type { HttpRequest } from './http-message.ts';

export interface ApiIdentity {
  readonly apiId: string;
  readonly accountId: string;
}

const TEXT_TYPE = /^(text\/|application\/([a-z0-9.+-]*json|xml|javascript)\b)/i;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `08/Apr/2022:07:31:05 +0000` */
function accessLogTime(ms: number): string {
  const [date, time] = new Date(ms).toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

function queryParameters(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/**
 * The path arrives decoded in an HTTP API, `rawPath` too (a REST API and a function URL leave it as it is); the query does not.
 * Absent parts are left out. Throws URIError when the path cannot be decoded.
 */
export function apiEvent(
  request: HttpRequest,
  routeKey: string,
  pathParameters: Readonly<Record<string, string>>,
  { apiId, accountId }: ApiIdentity,
): object {
  const { method, query, body, sourceIp, nowMs } = request;
  const { cookie, ...headers } = request.headers;
  const path = decodeURIComponent(request.path);
  const isText = headers['content-encoding'] === undefined && TEXT_TYPE.test(headers['content-type'] ?? 'text/plain');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query === '' ? {} : { queryStringParameters: queryParameters(query) }),
    requestContext: {
      accountId,
      apiId,
      domainName: headers['host'] ?? '127.0.0.1',
      domainPrefix: apiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: accessLogTime(nowMs),
      timeEpoch: Math.floor(nowMs),
    },
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
