/** One loopback port that speaks HTTP/1.1 and HTTP/2 without TLS: the SDK's Kinesis client opens with the HTTP/2 preface, all others with HTTP/1.1. */
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type WireRequest = IncomingMessage | Http2ServerRequest;
export type WireResponse = ServerResponse | Http2ServerResponse;

export interface WireServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

const HTTP2_PREFACE = 'PRI';
/** Longer than any client keeps an idle connection in its pool, so that none is cut under a request that is being sent. */
const KEEP_ALIVE_MS = 120_000;
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/**
 * Serves `handle` on 127.0.0.1; port 0 takes a free one. `handle` answers every request itself, errors included: a rejection is a defect and ends the request with 500.
 * Requests whose Host is not a loopback name are refused with 403: a web page that points its own name at 127.0.0.1 gets nothing.
 */
export async function startWireServer(
  port: number,
  handle: (request: WireRequest, response: WireResponse) => Promise<void>,
): Promise<WireServer> {
  const answer = (request: WireRequest, response: WireResponse): void => {
    const host = request.headers[':authority'] ?? request.headers.host ?? '';
    if (!LOOPBACK_HOST.test(String(host))) {
      response.statusCode = 403;
      response.end('This endpoint answers to 127.0.0.1 only.\n');
      return;
    }
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else {
        response.statusCode = 500;
        response.end(String(error));
      }
    });
  };
  const http1 = createHttp1Server({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, answer);
  const http2 = createHttp2Server(answer);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A connection that breaks concerns its client only; the protocol servers see the close themselves.
    socket.on('error', () => socket.destroy());
    sniff(socket, (isHttp2) => (isHttp2 ? http2 : http1).emit('connection', socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      http1.close();
      http2.close();
      await closed;
    },
  };
}

/** Reads until it is certain which protocol the client opened with, and puts what it read back. */
function sniff(socket: Socket, decided: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const start = seen.toString('latin1', 0, HTTP2_PREFACE.length);
    if (start.length < HTTP2_PREFACE.length && HTTP2_PREFACE.startsWith(start)) return;
    socket.off('readable', onReadable);
    socket.unshift(seen);
    decided(start === HTTP2_PREFACE);
  };
  socket.on('readable', onReadable);
}

/** The whole body; more than `limitBytes` answers null, and what follows is read and thrown away. */
export async function readBody(request: WireRequest, limitBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
  }
  return bytes <= limitBytes ? Buffer.concat(chunks, bytes) : null;
}
