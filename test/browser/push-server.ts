/** The broker that pushes rows to a page of the tests: MQTT over a WebSocket at `/mqtt`. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface PushServer {
  /** New connections are served; taken and never answered; broken. The first is `mute`. */
  mood: 'well' | 'mute' | 'broken';
  /** Connections that there are. */
  readonly open: number;
  /** What `GET /v1/live` tells a page of this host. */
  address(host: string): object;
  /** Rejects when the broker does not take it. */
  publish(topic: string, row: object | string): Promise<void>;
  /** Breaks the connections that there are. */
  drop(): void;
  close(): Promise<void>;
}

/** Puts it on an HTTP server. */
export async function startPushServer(server: Server): Promise<PushServer> {
  const broker = await Aedes.createBroker();
  const sockets = new WebSocketServer({ server, path: '/mqtt' });
  sockets.on('connection', (socket) => {
    if (state.mood === 'well') broker.handle(createWebSocketStream(socket));
    if (state.mood === 'broken') socket.terminate();
  });
  const state: PushServer = {
    mood: 'mute',
    get open() {
      return sockets.clients.size;
    },
    address: (host) => ({
      url: `ws://${host}/mqtt`,
      protocol: 'mqtt',
      client_id: `page-${randomUUID()}`,
      expires_at: new Date(Date.now() + 900_000).toISOString(),
      topics: {},
    }),
    publish: (topic, row) =>
      new Promise((resolve, reject) => {
        const payload = typeof row === 'string' ? row : JSON.stringify(row);
        broker.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    drop() {
      for (const socket of sockets.clients) socket.terminate();
    },
    async close() {
      state.drop();
      sockets.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
  return state;
}
