/** The one HTTP port of a local runtime: what the distribution serves, and the runtime's own routes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import type { ApiAnswer, ApiRequest } from './api-gateway.ts';

/** What API Gateway takes at most, bytes. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LOCAL_PREFIX = '/_local/';

export interface StaticObject {
  readonly body: Buffer;
  readonly contentType: string;
  /** In quotes. */
  readonly etag: string;
}

export type Origin =
  | { readonly readObject: (key: string) => Promise<StaticObject | null> }
  | { readonly handle: (request: ApiRequest) => Promise<ApiAnswer> };

/** What a distribution does with the paths of one pattern. */
export interface FrontBehavior {
  /** `*` stands for any run of characters, `?` for one. */
  readonly pathPattern: string;
  readonly methods: readonly string[];
  /** Put on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly origin: Origin;
}

/** A route of the runtime itself; `body` is parsed JSON. */
export type LocalRoute = (body: unknown) => Promise<{ readonly status: number; readonly body: object }>;

export interface FrontOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** What `/` stands for. */
  readonly rootObject: string;
  /** The first whose pattern matches is taken. */
  readonly behaviors: readonly FrontBehavior[];
  /** By `METHOD /_local/name`. */
  readonly localRoutes: Readonly<Record<string, LocalRoute>>;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface Front {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Stops at once: open connections are closed. */
  close(): Promise<void>;
}

function compilePathPattern(pattern: string): RegExp {
  const path = pattern.startsWith('/') || pattern === '*' ? pattern : `/${pattern}`;
  return new RegExp(
    `^${path
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const plain = (status: number, text: string): ApiAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: Buffer.from(`${text}\n`),
});
const json = (status: number, value: object): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(value)),
});

async function staticAnswer(
  key: string,
  readObject: (key: string) => Promise<StaticObject | null>,
  known: string | undefined,
): Promise<ApiAnswer> {
  const found = await readObject(key);
  if (!found) return plain(404, 'Not found');
  const headers = { 'content-type': found.contentType, etag: found.etag, 'cache-control': 'no-cache' };
  return known === found.etag ? { status: 304, headers, body: Buffer.alloc(0) } : { status: 200, headers, body: found.body };
}

async function localAnswer(route: LocalRoute | undefined, request: IncomingMessage, body: Buffer): Promise<ApiAnswer> {
  if (!route) return plain(404, 'Not found');
  if (request.method === 'GET') {
    const answer = await route(undefined);
    return json(answer.status, answer.body);
  }
  // A page of another site can post a form here, but not this content type: browsers ask first, and nobody answers them.
  if (request.headers['content-type']?.split(';')[0] !== 'application/json')
    return json(415, { message: 'content-type application/json is required' });
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return json(400, { message: 'the body is no JSON' });
  }
  const answer = await route(value);
  return json(answer.status, answer.body);
}

/** Starts the front on 127.0.0.1. Rejects when the port is taken. */
export async function startHttpFront({ port, rootObject, behaviors, localRoutes, clock, log }: FrontOptions): Promise<Front> {
  const compiled = behaviors.map((behavior) => ({ ...behavior, pattern: compilePathPattern(behavior.pathPattern) }));
  let hosts: readonly string[] = [];

  const answer = async (request: IncomingMessage): Promise<ApiAnswer> => {
    // A name of somebody else's that points here (DNS rebinding) would make this machine's browser a reader for that site.
    if (!hosts.includes(request.headers.host ?? '')) return plain(403, `This address answers to ${hosts.join(' and ')} only.`);
    const method = request.method ?? 'GET';
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const body = await bodyOf(request);
    if (body === null) return json(413, { message: 'Request Too Long' });
    if (path.startsWith(LOCAL_PREFIX)) return localAnswer(localRoutes[`${method} ${path}`], request, body);
    const behavior = compiled.find(({ pattern }) => pattern.test(path));
    if (!behavior) return plain(404, 'Not found');
    if (!behavior.methods.includes(method)) return { ...plain(403, `${method} is not allowed here.`), headers: behavior.headers };
    const { origin } = behavior;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
    );
    const answered =
      'handle' in origin
        ? await origin.handle({ method, path, query, headers, body, sourceIp: '127.0.0.1', nowMs: clock.now() })
        : await staticAnswer(path === '/' ? rootObject : decodeURIComponent(path.slice(1)), origin.readObject, headers['if-none-match']);
    return { ...answered, headers: { ...answered.headers, ...behavior.headers } };
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    answer(request)
      .catch((error: unknown) => {
        log(`${request.method} ${request.url}: ${error}`);
        return json(error instanceof URIError ? 400 : 500, {
          message: error instanceof URIError ? 'malformed path' : 'Internal Server Error',
        });
      })
      .then(({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'content-length': body.length });
        response.end(request.method === 'HEAD' ? undefined : body);
      }, log);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
