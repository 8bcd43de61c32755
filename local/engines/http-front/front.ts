/** The one HTTP port of a local runtime: what the distribution serves, and the runtime's own routes. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '#adapters/clock.ts';
import { readBody } from '../wire-server.ts';
import { INTERNAL_SERVER_ERROR } from './api-answer.ts';
import type { HttpApiHandler } from './api-gateway.ts';
import { type HttpAnswer, type HttpRequest, joinedHeaders, jsonAnswer, plainAnswer } from './http-message.ts';
import { type LocalRoutes, localAnswer } from './local-answer.ts';
import { compilePathPattern } from './path-pattern.ts';
import { type ReadObject, staticAnswer } from './static-answer.ts';

export type { LocalRoute } from './local-answer.ts';
export type { StaticObject } from './static-answer.ts';

/** A bucket, or an HTTP API. */
export type Origin = { readonly readObject: ReadObject } | { readonly handle: HttpApiHandler };

/** What a distribution does with the paths of one pattern. */
export interface FrontBehavior {
  /** `*` stands for any run of characters, `?` for one. */
  readonly pathPattern: string;
  readonly methods: readonly string[];
  /** Put on every answer, in place of the origin's own of the same name; in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly origin: Origin;
}

export interface FrontContent {
  /** What `/` stands for in a bucket; empty for nothing. */
  readonly rootObject: string;
  /** The first whose pattern matches is taken; where none does, the answer is 404. */
  readonly behaviors: readonly FrontBehavior[];
  /** By `METHOD /_local/name`. */
  readonly localRoutes: LocalRoutes;
  /** Takes over what a client wants to speak instead of HTTP. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly clock: Clock;
  /** Requests that failed for a reason of ours, one line each. */
  readonly log: (line: string) => void;
}

export interface Front {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Answers from now on; what was asked before is answered now. */
  open(content: FrontContent): void;
  /** Stops at once: open connections are closed. */
  close(): Promise<void>;
}

/** What API Gateway takes at most. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LOCAL_PREFIX = '/_local/';

/** Answers of these kinds end with their headers, and a length would announce a body. */
function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (hasBody(status)) response.setHeader('content-length', body.length);
  response.end(request.method === 'HEAD' || !hasBody(status) ? undefined : body);
}

/** What answers the requests of a front that is opened with `content` under these host names. */
function answererOf({ rootObject, behaviors, localRoutes, clock, log }: FrontContent, hosts: readonly string[]) {
  const compiled = behaviors.map((behavior) => ({ ...behavior, matches: compilePathPattern(behavior.pathPattern) }));

  async function answerOf(behavior: FrontBehavior, request: HttpRequest): Promise<HttpAnswer> {
    const { methods, origin } = behavior;
    if (!methods.includes(request.method)) return plainAnswer(403, `${request.method} is not allowed here, only ${methods.join(', ')}.`);
    return 'handle' in origin ? await origin.handle(request) : await staticAnswer(request, rootObject, origin.readObject);
  }

  return async (request: IncomingMessage): Promise<HttpAnswer> => {
    const [path, ...rest] = (request.url ?? '/').split('?') as [string, ...string[]];
    const behavior = path.startsWith(LOCAL_PREFIX) ? null : (compiled.find(({ matches }) => matches(path)) ?? null);
    const withPolicy = (answered: HttpAnswer): HttpAnswer => ({ ...answered, headers: { ...answered.headers, ...behavior?.headers } });
    try {
      // A name of somebody else's that points here (DNS rebinding) would make this machine's browser a reader for that site.
      if (!hosts.includes(request.headers.host ?? ''))
        return withPolicy(plainAnswer(403, `This address answers to ${hosts.join(' and ')} only.`));
      const body = await readBody(request, MAX_BODY_BYTES);
      if (body === null) return withPolicy(jsonAnswer(413, { message: 'Request Entity Too Large' }));
      const read: HttpRequest = {
        method: request.method ?? 'GET',
        path,
        query: rest.join('?'),
        headers: joinedHeaders(request.rawHeaders),
        body,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        nowMs: clock.now(),
      };
      if (path.startsWith(LOCAL_PREFIX)) return await localAnswer(localRoutes, read);
      return withPolicy(behavior ? await answerOf(behavior, read) : plainAnswer(404, 'Not found'));
    } catch (error) {
      // A client that breaks off its request concerns itself only.
      if (request.complete) log(`${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`);
      return withPolicy(INTERNAL_SERVER_ERROR);
    }
  };
}

/** Takes a port of 127.0.0.1, 0 for a free one; requests wait until the front is opened. Rejects when the port is taken. */
export async function startHttpFront(port: number): Promise<Front> {
  const { promise: opened, resolve: open } = Promise.withResolvers<FrontContent & { readonly answer: ReturnType<typeof answererOf> }>();
  const server = createServer(async (request, response) => {
    const { answer, log } = await opened;
    try {
      send(request, response, await answer(request));
    } catch (error) {
      log(`${request.method} ${request.url}: ${String(error)}`);
      response.destroy();
    }
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', async (request, socket, head) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    const { upgrade, log } = await opened;
    try {
      upgrade(request, socket, head);
    } catch (error) {
      log(`an upgrade failed: ${String(error)}`);
      socket.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];
  return {
    url: `http://127.0.0.1:${bound}`,
    open: (content) => open({ ...content, answer: answererOf(content, hosts) }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}
