/** Serves the page as deployed (own origin, strict CSP) with an API that says what a test wants. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { vendorFiles } from '../../infra/vendor.ts';
import { type PushServer, startPushServer } from './push-server.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const WEB = path.join(ROOT, 'web');
/** Bundled once, when a page first asks for one of them. */
let vendor: ReturnType<typeof vendorFiles> | undefined;
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The lists of the overview, its pipeline, and everything else. */
export type Resource = 'alarms' | 'sensors' | 'symbols' | 'pipeline' | 'other';

/** How the API answers: with data; with a status; not at all; by breaking the connection. */
export type Mood = 'well' | 'silent' | 'broken' | number;

export interface Picture {
  alarms: readonly object[];
  sensors: readonly object[];
  symbols: readonly object[];
  pipeline: object;
  /** Answers of other routes by their path below `/v1/`; what is not here is answered with 404. */
  other?: Readonly<Record<string, object | readonly object[]>>;
}

export interface ApiRequest {
  readonly resource: Resource;
  readonly url: string;
  /** 0 when no answer was given. */
  readonly status: number;
}

export interface PageServer {
  readonly url: string;
  /** What the API tells from now on. */
  picture: Picture;
  /** Resources that are not named are well. */
  moods: Partial<Record<Resource, Mood>>;
  /** Lists that say that there is more. */
  more: readonly Resource[];
  /** The instant up to which the batch has settled what is told, ISO 8601. */
  boundary: string | null;
  /** Requests to the API so far. */
  readonly requests: readonly ApiRequest[];
  /** The most requests to one resource that were open at once. */
  readonly mostOpen: number;
  /** Pushes rows to the page, once it is told to; until then pages wait for it. */
  readonly push: PushServer;
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startPageServer(picture: Picture): Promise<PageServer> {
  const requests: ApiRequest[] = [];
  const open: Record<Resource, number> = { alarms: 0, sensors: 0, symbols: 0, pipeline: 0, other: 0 };
  let mostOpen = 0;

  function answerApi(request: IncomingMessage, response: ServerResponse, path: string): void {
    const resource = path in open && path !== 'other' ? (path as Resource) : 'other';
    const data = resource === 'other' ? state.picture.other?.[path] : state.picture[resource];
    mostOpen = Math.max(mostOpen, ++open[resource]);
    response.on('close', () => open[resource]--);
    const mood = state.moods[resource] ?? 'well';
    const status = answer(mood);
    requests.push({ resource, url: request.url!, status });

    function answer(given: Mood): number {
      if (given === 'silent') return 0;
      if (given === 'broken') {
        request.socket.destroy();
        return 0;
      }
      if (given !== 'well') return problem(response, given);
      if (data === undefined) return problem(response, 404);
      return entity(request, response, {
        data,
        as_of: { boundary: dayEndingAt(state.boundary), boundary_time: state.boundary, generated_at: new Date().toISOString() },
        ...(Array.isArray(data) ? { next_cursor: state.more.includes(resource) ? 'abc' : null } : {}),
      });
    }
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://127.0.0.1');
    if (pathname === '/v1/live') entity(request, response, { data: push.address(request.headers.host!), as_of: {} });
    else if (pathname.startsWith('/v1/')) answerApi(request, response, decodeURIComponent(pathname.slice('/v1/'.length)));
    else void sendFile(response, pathname);
  });
  const push = await startPushServer(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const state: PageServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    picture,
    moods: {},
    more: [],
    boundary: null,
    requests,
    get mostOpen() {
      return mostOpen;
    },
    push,
    async close() {
      await push.close();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
  return state;
}

/** The UTC day that ends then. */
function dayEndingAt(time: string | null): string | null {
  return time && new Date(Date.parse(time) - 1).toISOString().slice(0, 10);
}

function entity(
  request: IncomingMessage,
  response: ServerResponse,
  body: { readonly data: unknown; readonly as_of: object; readonly next_cursor?: string | null },
): number {
  // As the API does it: the time of the answer makes no other entity, what is settled does.
  const content = JSON.stringify({ ...body, as_of: { ...body.as_of, generated_at: null } });
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  const headers = { etag, 'cache-control': 'no-cache' };
  const status = request.headers['if-none-match'] === etag ? 304 : 200;
  if (status === 304) response.writeHead(status, headers).end();
  else response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
  return status;
}

function problem(response: ServerResponse, status: number): number {
  const document = { type: 'about:blank', title: 'Trouble', status, detail: 'the test wants it so' };
  response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }).end(JSON.stringify(document));
  return status;
}

async function sendFile(response: ServerResponse, pathname: string): Promise<void> {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const content = await contentOf(name);
  const headers = { 'content-security-policy': CONTENT_SECURITY_POLICY, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' };
  if (content === null) response.writeHead(404, headers).end();
  else response.writeHead(200, { ...headers, 'content-type': CONTENT_TYPES[path.extname(name)]! }).end(content);
}

async function contentOf(name: string): Promise<Uint8Array | null> {
  if (!name.startsWith('vendor/')) return readFile(path.join(WEB, name)).catch(() => null);
  vendor ??= vendorFiles(ROOT);
  return (await vendor).find((file) => file.name === name)?.contents ?? null;
}
