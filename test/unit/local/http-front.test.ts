import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '../../../local/engines/clock.ts';
import { type ApiRoute, httpApi } from '../../../local/engines/http-front/api-gateway.ts';
import { type Front, type FrontOptions, startHttpFront } from '../../../local/engines/http-front/front.ts';

const CSP = { 'content-security-policy': "default-src 'none'" };

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

let front: Front | undefined;
afterEach(() => front?.close());

/** A page bucket, an API with the given routes, and local routes, behind one port. */
async function start(routes: readonly ApiRoute[], localRoutes: FrontOptions['localRoutes'] = {}): Promise<void> {
  const objects: Record<string, string> = { 'index.html': '<p>page</p>', 'a b.js': '1' };
  front = await startHttpFront({
    port: 0,
    rootObject: 'index.html',
    behaviors: [
      { pathPattern: '/v1/*', methods: ['GET', 'HEAD'], headers: CSP, origin: { handle: httpApi('api1', '000000000000', routes) } },
      {
        pathPattern: '*',
        methods: ['GET', 'HEAD'],
        headers: CSP,
        origin: {
          readObject: async (key) => (key in objects ? { body: Buffer.from(objects[key]!), contentType: 'text/html', etag: '"e1"' } : null),
        },
      },
    ],
    localRoutes,
    clock: REAL_CLOCK,
    log: () => {},
  });
}

/** Sends exactly this path, unlike fetch, which would tidy it. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      front!.url,
      { path, method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      },
    );
    sent.once('error', reject);
    sent.end(options.body);
  });
}

const echo: ApiRoute = {
  routeKey: 'GET /v1/{proxy+}',
  invoke: async (payload) => ({
    payload: JSON.stringify({ statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: payload }),
  }),
};

describe('the front', () => {
  it('serves the page at / with the headers of the policy, and answers 304 to a known ETag', async () => {
    await start([]);
    expect(await ask('/')).toMatchObject({
      status: 200,
      body: '<p>page</p>',
      headers: { ...CSP, etag: '"e1"', 'content-type': 'text/html' },
    });
    expect(await ask('/a%20b.js')).toMatchObject({ status: 200, body: '1' });
    expect(await ask('/', { headers: { 'if-none-match': '"e1"' } })).toMatchObject({ status: 304, body: '' });
    expect(await ask('/missing.js')).toMatchObject({ status: 404, headers: CSP });
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('refuses methods a behaviour does not allow, malformed paths and too large bodies', async () => {
    await start([echo]);
    expect((await ask('/', { method: 'POST' })).status).toBe(403);
    expect((await ask('/%zz')).status).toBe(400);
  });

  it('answers only to its own name, so that a site which points its name here reads nothing', async () => {
    await start([echo]);
    expect((await ask('/v1/x', { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  it('gives the function an event of payload format 2.0', async () => {
    await start([echo]);
    const { body, headers } = await ask('/v1/symbols/BINANCE%3ABTCUSDT/latest?a=1&b=x%20y&a=2', {
      headers: { 'X-Custom': 'Y', cookie: 'c=1; d=2' },
    });
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({
      version: '2.0',
      routeKey: 'GET /v1/{proxy+}',
      rawPath: '/v1/symbols/BINANCE%3ABTCUSDT/latest',
      rawQueryString: 'a=1&b=x%20y&a=2',
      cookies: ['c=1', 'd=2'],
      headers: { 'x-custom': 'Y' },
      queryStringParameters: { a: '1,2', b: 'x y' },
      pathParameters: { proxy: 'symbols/BINANCE:BTCUSDT/latest' },
      requestContext: { apiId: 'api1', accountId: '000000000000', http: { method: 'GET', sourceIp: '127.0.0.1' }, stage: '$default' },
      isBase64Encoded: false,
    });
  });

  it('maps what the function returns as API Gateway does', async () => {
    const returns =
      (value: unknown): ApiRoute['invoke'] =>
      async () => ({ payload: JSON.stringify(value) });
    await start([
      { routeKey: 'GET /v1/plain', invoke: returns({ hello: 1 }) },
      {
        routeKey: 'GET /v1/binary',
        invoke: returns({ statusCode: 201, body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true, cookies: ['a=1', 'b=2'] }),
      },
      { routeKey: 'GET /v1/broken', invoke: async () => ({ functionError: 'Unhandled', payload: '{"errorMessage":"secret"}' }) },
      { routeKey: '$default', invoke: returns({ statusCode: 418, body: 'default' }) },
    ]);
    expect(await ask('/v1/plain')).toMatchObject({ status: 200, body: '{"hello":1}', headers: { 'content-type': 'application/json' } });
    expect(await ask('/v1/binary')).toMatchObject({ status: 201, body: 'bytes', headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(await ask('/v1/broken')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    expect(await ask('/v1/other')).toMatchObject({ status: 418, body: 'default' });
  });

  it('answers 404 to what no route takes', async () => {
    await start([{ ...echo, routeKey: 'GET /v1/{id}' }]);
    expect((await ask('/v1/a')).status).toBe(200);
    expect(await ask('/v1/a/b')).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
  });

  it('takes JSON only on its local routes, which a page of another site cannot send', async () => {
    const bodies: unknown[] = [];
    await start([], {
      'GET /_local/runtime': async () => ({ status: 200, body: { pid: 1 } }),
      'PUT /_local/sensors': async (body) => {
        bodies.push(body);
        return { status: 200, body: {} };
      },
    });
    const put = (body: string, type: string) => ask('/_local/sensors', { method: 'PUT', body, headers: { 'content-type': type } });
    expect(await ask('/_local/runtime')).toMatchObject({ status: 200, body: '{"pid":1}' });
    expect((await put('{"a":1}', 'text/plain')).status).toBe(415);
    expect((await put('{', 'application/json')).status).toBe(400);
    expect((await put('{"a":1}', 'application/json; charset=utf-8')).status).toBe(200);
    expect((await ask('/_local/absent')).status).toBe(404);
    expect(bodies).toEqual([{ a: 1 }]);
  });
});
