/** The two doors of the broker for devices on 127.0.0.1: MQTT over TCP and over WebSocket. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface Listeners {
  readonly tcpPort: number;
  readonly wsPort: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

export const WEBSOCKET_PATH = '/mqtt';
/** One frame holds few packets, and a packet at most 128 KiB of payload. */
const MAX_FRAME_BYTES = 1024 * 1024;
const LOOPBACK = /^(127\.0\.0\.1|localhost)$/;

/** A page of another site can open a WebSocket to this machine, and its browser says whose page it is. Programs say nothing. */
export function isOwnOrigin(origin: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && LOOPBACK.test(new URL(origin).hostname));
}

/** Answers a request for an upgrade with a status such as `403 Forbidden`, and ends. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

export interface MqttSockets {
  /** Makes the WebSocket that a request asks for; one that asks for something else is refused. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, handle: (connection: Duplex) => void): void;
}

export function mqttSockets(): MqttSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  return {
    accept: (request, socket, head, handle) =>
      server.handleUpgrade(request, socket, head, (webSocket) => handle(createWebSocketStream(webSocket))),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Port 0 takes a free one. Rejects, with nothing left open, when one of them is taken. */
export async function listenForMqtt(port: number, wsPort: number, handle: (connection: Duplex) => void): Promise<Listeners> {
  const tcp = createServer({ noDelay: true }, handle);
  const http = createHttpServer((_request, response) => response.writeHead(426).end('MQTT over WebSocket only\n'));
  const sockets = mqttSockets();
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever breaks off concerns himself only.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] === WEBSOCKET_PATH && isOwnOrigin(request.headers.origin)) {
      sockets.accept(request, socket, head, handle);
    } else refuseUpgrade(socket, '403 Forbidden');
  });

  const open = new Set<Socket>();
  for (const server of [tcp, http]) {
    server.on('connection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
  }
  const close = async (): Promise<void> => {
    const closed = [tcp, http].filter((server) => server.listening).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of open) socket.destroy();
    await Promise.all(closed);
  };
  const ports = await Promise.allSettled([listen(tcp, port), listen(http, wsPort)]);
  const failed = ports.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const [tcpPort, boundWsPort] = ports.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0)) as [number, number];
  return { tcpPort, wsPort: boundWsPort, close };
}
