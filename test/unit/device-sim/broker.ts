/** A real MQTT broker that keeps what is published to it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { Inbox } from '../feed/inbox.ts';

export interface Published {
  readonly clientId: string | undefined;
  readonly topic: string;
  readonly qos: number;
  readonly payload: Record<string, unknown>;
}

export interface TestBroker {
  readonly url: string;
  readonly published: Inbox<Published>;
  /** Client ids in the order in which their connections ended. */
  readonly gone: Inbox<string>;
  /** From now on a publish is acknowledged only when this resolves. */
  acknowledgeAfter(gate: Promise<void>): void;
  /** Cuts every connection as a failing network does. */
  cut(): void;
  close(): Promise<void>;
}

export async function startTestBroker(port = 0): Promise<TestBroker> {
  const published = new Inbox<Published>();
  const gone = new Inbox<string>();
  let gate = Promise.resolve();
  const broker = await Aedes.createBroker({
    authorizePublish(client, packet, done) {
      const payload = JSON.parse(packet.payload.toString());
      published.push({ clientId: client?.id, topic: packet.topic, qos: packet.qos, payload });
      void gate.then(() => done(null));
    },
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  broker.on('client', (client) => client.on('error', () => {}));
  broker.on('clientDisconnect', (client) => gone.push(client.id));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published,
    gone,
    acknowledgeAfter(promise) {
      gate = promise;
    },
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}
