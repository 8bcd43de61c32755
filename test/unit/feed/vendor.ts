/** The vendor's side of the websocket, played by the test. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Inbox } from './inbox.ts';

export interface VendorConnection {
  readonly socket: WebSocket;
  readonly token: string | null;
  /** What the client sent. */
  readonly received: Inbox<unknown>;
  say(frame: object): void;
  /** What `talk` says reaches the client in one piece. */
  atOnce(talk: () => void): void;
}

export interface Vendor {
  readonly url: string;
  readonly connections: Inbox<VendorConnection>;
  /** From now on handshakes are answered with this status, 101 = accepted. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

export async function startVendor(): Promise<Vendor> {
  let status = 101;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: (_, answer) => answer(status === 101, status) });
  await once(server, 'listening');
  const connections = new Inbox<VendorConnection>();
  server.on('connection', (socket, request) => {
    const received = new Inbox<unknown>();
    socket.on('message', (data) => received.push(JSON.parse(data.toString())));
    connections.push({
      socket,
      token: new URL(request.url ?? '', 'ws://vendor').searchParams.get('token'),
      received,
      say: (frame) => socket.send(JSON.stringify(frame)),
      atOnce(talk) {
        request.socket.cork();
        talk();
        request.socket.uncork();
      },
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    answerWith(code) {
      status = code;
    },
    async close() {
      for (const socket of server.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
