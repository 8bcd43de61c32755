import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { type ApiRoute, httpApi } from '../../../local/engines/http-front/api-gateway.ts';
import { type Front, type FrontContent, startHttpFront } from '../../../local/engines/http-front/front.ts';

const CSP = { 'content-security-policy': "default-src 'none'" };

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

let front: Front | undefined;
let log: string[] = [];
afterEach(async () => {
  await front?.close();
  log = [];
});

/** A page bucket, an API with the given routes, and local routes, behind one port. */
async function start(routes: readonly ApiRoute[], localRoutes: FrontContent['localRoutes'] = {}, methods = ['GET', 'HEAD']): Promise<void> {
  const objects: Record<string, string> = { 'index.html': '<p>page</p>', 'a b.js': '1' };
  front = await startHttpFront(0);
  front.open({
    rootObject: 'index.html',
    behaviors: [
      {
        pathPattern: '/v1/*',
        methods,
        headers: CSP,
        origin: { handle: httpApi('api1', '000000000000', routes, (line) => log.push(line)) },
      },
      {
        pathPattern: '*',
        methods: ['GET', 'HEAD'],
        headers: CSP,
        origin: {
          readObject: async (key) => {
            if (key === 'unreadable') throw new Error('disk on fire');
            return Object.hasOwn(objects, key) ? { body: Buffer.from(objects[key]!), contentType: 'text/html', etag: '"e1"' } : null;
          },
        },
      },
    ],
    localRoutes,
    upgrade({ url }, socket) {
      if (url === '/broken') throw new Error('nobody speaks that');
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\nhello');
    },
    clock: { ...REAL_CLOCK, now: () => Date.UTC(2022, 3, 8, 7, 31, 5, 999) },
    log: (line) => log.push(line),
  });
}

/** Sends exactly this path, unlike fetch, which would tidy it. */
function ask(path: string, options: { method?: string; headers?: Record<string, string | string[]>; body?: string } = {}): Promise<Answer> {
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

  it('refuses methods a behaviour does not allow, malformed paths and too large bodies, with the headers of the policy', async () => {
    await start([echo]);
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 403, headers: CSP });
    expect(await ask('/%zz')).toMatchObject({ status: 400, headers: CSP });
    expect(await ask('/v1/%zz')).toMatchObject({ status: 400, body: '{"message":"Bad Request"}', headers: CSP });
    const body = 'x'.repeat(10 * 1024 * 1024);
    expect((await ask('/', { method: 'POST', body })).status).toBe(403);
    expect(await ask('/', { method: 'POST', body: `${body}x` })).toMatchObject({ status: 413, headers: CSP });
  });

  it.each([
    ['"e0", W/"e1"', 304],
    ['*', 304],
    ['"e11"', 200],
  ])('answers If-None-Match: %s with %i', async (ifNoneMatch, status) => {
    await start([]);
    expect((await ask('/', { headers: { 'if-none-match': ifNoneMatch } })).status).toBe(status);
  });

  it('answers 500 without details, and logs them, when the bucket cannot be read', async () => {
    await start([]);
    expect(await ask('/unreadable')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}', headers: CSP });
    expect(log).toEqual(['GET /unreadable: disk on fire']);
  });

  it('closes at once although a client keeps its connection and another is in the middle of a request', async () => {
    let invoked = () => {};
    const began = new Promise<void>((resolve) => {
      invoked = resolve;
    });
    await start([
      {
        ...echo,
        invoke: () => {
          invoked();
          return new Promise(() => {});
        },
      },
    ]);
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve) => request(front!.url, { agent }, (response) => response.resume().on('end', resolve)).end());
    const cut = ask('/v1/x').catch((error: unknown) => error);
    await began;
    await front!.close();
    agent.destroy();
    expect(await cut).toBeInstanceOf(Error);
  });

  it('lets a request wait until it is opened, and cuts it when it is closed before', async () => {
    const first = await startHttpFront(0);
    const answered = fetch(first.url);
    first.open({ rootObject: '', behaviors: [], localRoutes: {}, upgrade: () => {}, clock: REAL_CLOCK, log: () => {} });
    expect((await answered).status).toBe(404);
    await first.close();

    const second = await startHttpFront(0);
    const cut = [{}, { connection: 'Upgrade', upgrade: 'test' }].map((headers) => {
      const sent = request(second.url, { headers, agent: false });
      const connected = new Promise((resolve) => sent.once('socket', (socket) => socket.once('connect', resolve)));
      const ended = new Promise((resolve) => sent.once('error', resolve));
      sent.end();
      return { connected, ended };
    });
    await Promise.all(cut.map(({ connected }) => connected));
    await second.close();
    expect(await Promise.all(cut.map(({ ended }) => ended))).toEqual([expect.any(Error), expect.any(Error)]);
  });

  it('hands over who wants to speak something else, and ends the connection when nobody can', async () => {
    await start([]);
    const upgraded = (path: string) =>
      new Promise<string>((resolve, reject) => {
        request(front!.url, { path, headers: { connection: 'Upgrade', upgrade: 'test' } })
          .on('upgrade', (_response, socket, head) => resolve(socket.destroy() && String(head)))
          .on('error', reject)
          .end();
      });
    expect(await upgraded('/mqtt')).toBe('hello');
    await expect(upgraded('/broken')).rejects.toThrow();
    expect(log).toEqual(['an upgrade failed: Error: nobody speaks that']);
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
      // An HTTP API decodes the path, not the query.
      rawPath: '/v1/symbols/BINANCE:BTCUSDT/latest',
      rawQueryString: 'a=1&b=x%20y&a=2',
      cookies: ['c=1', 'd=2'],
      headers: { 'x-custom': 'Y' },
      queryStringParameters: { a: '1,2', b: 'x y' },
      pathParameters: { proxy: 'symbols/BINANCE:BTCUSDT/latest' },
      requestContext: {
        apiId: 'api1',
        accountId: '000000000000',
        http: { method: 'GET', path: '/v1/symbols/BINANCE:BTCUSDT/latest', sourceIp: '127.0.0.1' },
        stage: '$default',
        time: '08/Apr/2022:07:31:05 +0000',
        timeEpoch: 1649403065999,
      },
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

  it('joins what comes several times, and leaves out what does not come', async () => {
    await start([echo]);
    const { body } = await ask('/v1/x?a=1&a=%32&constructor=c', { headers: { accept: ['text/html', 'text/plain'] } });
    expect(JSON.parse(body)).toMatchObject({
      queryStringParameters: { a: '1,2', constructor: 'c' },
      headers: { accept: 'text/html,text/plain' },
    });
    const bare = JSON.parse((await ask('/v1/x?')).body);
    expect(bare.rawQueryString).toBe('');
    for (const absent of ['queryStringParameters', 'cookies', 'body']) expect(bare).not.toHaveProperty(absent);
  });

  it.each([
    ['application/json', '{"a":"ü"}', '{"a":"ü"}', false],
    ['text/csv; charset=utf-8', 'a,b', 'a,b', false],
    ['application/x-www-form-urlencoded', 'a=1', 'YT0x', true],
    ['application/octet-stream', 'bytes', 'Ynl0ZXM=', true],
  ])('gives the function a body of %s as API Gateway does', async (type, sent, received, isBase64Encoded) => {
    await start([{ ...echo, routeKey: 'POST /v1/{proxy+}' }], {}, ['POST']);
    const { body } = await ask('/v1/x', { method: 'POST', body: sent, headers: { 'content-type': type } });
    expect(JSON.parse(body)).toMatchObject({ body: received, isBase64Encoded });
  });

  it('asks the most specific route', async () => {
    const names = ['$default', 'GET /v1/{proxy+}', 'ANY /v1/{id}', 'GET /v1/{id}', 'GET /v1/a', 'GET /v1/{id}/b', 'GET /v1/a/{rest+}'];
    await start(names.map((routeKey) => ({ routeKey, invoke: async () => ({ payload: JSON.stringify(routeKey) }) })));
    const routeOf = async (path: string, method = 'GET') => (await ask(path, { method })).body;
    expect(await routeOf('/v1/a')).toBe('GET /v1/a');
    expect(await routeOf('/v1/x')).toBe('GET /v1/{id}');
    expect(await routeOf('/v1/x/b')).toBe('GET /v1/{id}/b');
    expect(await routeOf('/v1/x/c')).toBe('GET /v1/{proxy+}');
    expect(await routeOf('/v1/a/c/d')).toBe('GET /v1/a/{rest+}');
    expect(await routeOf('/v1/')).toBe('$default');
  });

  it.each(['FETCH /a', '/a', 'GET a', 'GET /{a+}/b', 'GET /a{b}'])('refuses the route key %s', (routeKey) => {
    expect(() => httpApi('api1', '0', [{ ...echo, routeKey }], () => {})).toThrow('route key');
  });

  it.each([
    ['no JSON', '<html>'],
    ['a status that is none', '{"statusCode":"ok"}'],
    ['a status of the connection', '{"statusCode":101}'],
    ['a body that is no text', '{"statusCode":200,"body":{"a":1}}'],
    ['a header that is none', '{"statusCode":200,"headers":{"x-a":"1\\r\\nx-b: 2"}}'],
    ['a cookie that is none', '{"statusCode":200,"cookies":["a\\n"]}'],
  ])('answers 500, and logs why, when the function returns %s', async (_what, payload) => {
    await start([{ ...echo, invoke: async () => ({ payload }) }]);
    expect(await ask('/v1/x')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}', headers: CSP });
    expect(log).toEqual([expect.stringContaining('GET /v1/{proxy+}: ')]);
  });

  it('answers 500, and logs why, when the function cannot be invoked', async () => {
    await start([{ ...echo, invoke: () => Promise.reject(new Error('it has been stopped')) }]);
    expect(await ask('/v1/x')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    expect(log).toEqual(['GET /v1/{proxy+}: it has been stopped']);
  });

  it('passes If-None-Match to the function, and its 304 back without a body and a length', async () => {
    await start([
      {
        ...echo,
        invoke: async (payload) => ({
          payload: JSON.stringify({ statusCode: 304, headers: { etag: JSON.parse(payload).headers['if-none-match'] } }),
        }),
      },
    ]);
    const answer = await ask('/v1/x', { headers: { 'if-none-match': '"t"' } });
    expect(answer).toMatchObject({ status: 304, body: '', headers: { etag: '"t"' } });
    expect(answer.headers).not.toHaveProperty('content-length');
  });

  it('keeps to itself what a function says of the connection', async () => {
    const headers = { 'Transfer-Encoding': 'chunked', 'Content-Length': 99, 'X-Number': 7, 'X-Null': null };
    await start([{ ...echo, invoke: async () => ({ payload: JSON.stringify({ statusCode: 200, headers, body: 'ok' }) }) }]);
    const answer = await ask('/v1/x');
    expect(answer).toMatchObject({ status: 200, body: 'ok', headers: { 'content-length': '2', 'x-number': '7' } });
    expect(answer.headers).not.toHaveProperty('x-null');
  });

  it('answers 404 to what no route takes', async () => {
    await start([{ ...echo, routeKey: 'GET /v1/{id}' }]);
    expect((await ask('/v1/a')).status).toBe(200);
    expect(await ask('/v1/a/b')).toMatchObject({ status: 404, body: '{"message":"Not Found"}', headers: CSP });
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
    expect(await ask('/_local/runtime', { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect(await ask('/_local/runtime', { headers: { host: 'evil.example' } })).toMatchObject({ status: 403 });
    expect((await ask('/_local/runtime', { headers: { host: front!.url.replace('http://127.0.0.1', 'localhost') } })).status).toBe(200);
    expect(bodies).toEqual([{ a: 1 }]);
  });
});
