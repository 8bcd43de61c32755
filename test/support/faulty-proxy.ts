/** A proxy between functions and a local service, that breaks calls as services and networks do. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { readBody, startWireServer, type WireRequest, type WireResponse } from '../../local/engines/wire-server.ts';

/** What becomes of one call. */
export type Fault =
  | null
  /** Refused with this answer; `after`: although it took effect. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly after?: boolean }
  /** The connection breaks; `after`: once it took effect. */
  | { readonly kind: 'cut'; readonly after?: boolean }
  | { readonly kind: 'delay'; readonly untilMoved: Promise<void> };

export interface Call {
  /** `PutItem`, `PutRecords` … of JSON services, the HTTP method of S3. */
  readonly operation: string;
}

export interface FaultyProxy {
  readonly url: string;
  /** Decides about each call; null lets all through. */
  setFault(fault: ((call: Call) => Fault) | null): void;
  /** Calls that were broken so far. */
  broken(): number;
  close(): Promise<void>;
}

const MOST_BYTES = 64 * 1024 * 1024;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'http2-settings', 'upgrade']);

/** Starts it before the service at `target`, `http://127.0.0.1:PORT`. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let decide: ((call: Call) => Fault) | null = null;
  let broken = 0;
  const server = await startWireServer(0, async (request, response) => {
    const body = (await readBody(request, MOST_BYTES))!;
    const fault = decide?.({ operation: operationOf(request) }) ?? null;
    if (fault !== null) broken++;
    if (fault?.kind === 'delay') await fault.untilMoved;
    const takesEffect = fault === null || fault.kind === 'delay' || fault.after === true;
    const answer = takesEffect ? await forward(target, request, body) : null;
    if (fault?.kind === 'cut') {
      request.destroy();
      response.destroy();
    } else if (fault?.kind === 'answer') {
      response.statusCode = fault.status;
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(fault.body);
    } else relay(answer!, response);
  });
  return {
    url: server.url,
    setFault(fault) {
      decide = fault;
    },
    broken: () => broken,
    close: () => server.close(),
  };
}

function operationOf(request: WireRequest): string {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : request.method!;
}

interface Answer {
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

async function forward(target: string, request: WireRequest, body: Buffer): Promise<Answer> {
  const kept = Object.entries(request.headers).filter(([name]) => !name.startsWith(':') && !HOP_BY_HOP.has(name));
  const headers: OutgoingHttpHeaders = { ...Object.fromEntries(kept), 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(request.url!, target), { method: request.method, headers }, (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.once('end', () => resolve({ message, body: Buffer.concat(chunks) }));
      message.once('error', reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function relay({ message, body }: Answer, response: WireResponse): void {
  response.statusCode = message.statusCode!;
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) response.setHeader(name, value);
  }
  response.end(body);
}
