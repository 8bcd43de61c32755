import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Aedes, type AuthenticateError } from 'aedes';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { connect } from '../../../web/mqtt.js';

let broker: Aedes;
let server: Server;
let sockets: WebSocketServer;
let url: string;
let mute: boolean;
beforeEach(async () => {
  mute = false;
  broker = await Aedes.createBroker();
  server = createServer();
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    if (!mute) broker.handle(createWebSocketStream(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`;
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.close();
  await new Promise<void>((resolve) => broker.close(resolve));
});

/** A connection whose callbacks are promises and a list. */
function connected(topics = ['live/#'], keepaliveS = 15) {
  const messages: [string, string][] = [];
  const ready = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<string>();
  const arrived = Promise.withResolvers<void>();
  const connection = connect(url, {
    clientId: 'page-1',
    topics,
    keepaliveS,
    onReady: () => ready.resolve(),
    onClose: (reason) => closed.resolve(reason),
    onMessage: (topic, payload) => {
      messages.push([topic, new TextDecoder().decode(payload)]);
      if (topic.endsWith('/last')) arrived.resolve();
    },
  });
  return { connection, messages, ready: ready.promise, closed: closed.promise, arrived: arrived.promise };
}

function publish(topic: string, payload: string) {
  const packet = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false } as const;
  return new Promise<void>((resolve, reject) => broker.publish(packet, (error) => (error ? reject(error) : resolve())));
}

describe('a connection that listens', () => {
  it('gets what is published to its topics, long and strange texts too, and nothing else', async () => {
    const { connection, messages, ready, arrived } = connected();
    await ready;
    const long = JSON.stringify({ name: '☃'.repeat(70_000) });
    await publish('live/sensors/a', '{"temperature_c":21.5}');
    await publish('other/sensors/a', 'no');
    await publish('live/symbols/FX:USD/JPY', long);
    await publish('live/last', '');
    await arrived;
    expect(messages).toEqual([
      ['live/sensors/a', '{"temperature_c":21.5}'],
      ['live/symbols/FX:USD/JPY', long],
      ['live/last', ''],
    ]);
    connection.close();
  });

  it('hears more or less when asked to, and is ready only once', async () => {
    const { connection, messages, ready, arrived } = connected(['live/last', 'live/alarms/#']);
    await ready;
    const subscribed = once(broker, 'subscribe');
    connection.subscribe(['live/sensors/a', 'live/sensors/b']);
    await subscribed;
    const unsubscribed = once(broker, 'unsubscribe');
    connection.unsubscribe(['live/sensors/b', 'live/alarms/#']);
    await unsubscribed;
    for (const topic of ['live/sensors/a', 'live/sensors/b', 'live/alarms/c', 'live/last']) await publish(topic, '{}');
    await arrived;
    expect(messages.map(([topic]) => topic)).toEqual(['live/sensors/a', 'live/last']);
    connection.close();
  });

  it('says so when it cannot be opened', async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    await once(server, 'close');
    expect(await connected().closed).toMatch(/^the websocket was closed/);
  });

  it('says so when the broker refuses the connection', async () => {
    broker.authenticate = (_client, _user, _password, done) =>
      done(Object.assign(new Error('no'), { returnCode: 5 }) as AuthenticateError, false);
    expect(await connected().closed).toBe('the broker refused the connection (code 5)');
  });

  it('says so when the broker refuses a subscription', async () => {
    broker.authorizeSubscribe = (_client, _subscription, done) => done(null, null);
    expect(await connected().closed).toBe('the broker refused the subscription');
  });

  it('says so when the broker goes away', async () => {
    const { ready, closed } = connected();
    await ready;
    for (const socket of sockets.clients) socket.terminate();
    expect(await closed).toMatch(/^the websocket was closed/);
  });

  it('says so when what answers is no MQTT', async () => {
    mute = true;
    sockets.on('connection', (socket) => socket.send(Buffer.from('<!doctype html>'.repeat(9))));
    expect(await connected().closed).toMatch(/is none for a listener$/);
  });

  it('asks a silent broker for a sign, which keeps the connection', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { connection, ready, closed, messages, arrived } = connected();
    await ready;
    for (let round = 0; round < 3; round++) {
      const pinged = once(broker, 'ping');
      vi.advanceTimersByTime(15_000);
      await pinged;
      await publish('live/sign', '');
      await vi.waitFor(() => expect(messages).toHaveLength(round + 1));
    }
    await publish('live/last', '');
    await arrived;
    expect(await Promise.race([closed, 'still open'])).toBe('still open');
    connection.close();
  });

  it('gives up a broker that gives no sign, not even to the connection', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    mute = true;
    const opened = once(sockets, 'connection');
    const { closed } = connected();
    await opened;
    vi.advanceTimersByTime(15_000);
    expect(await Promise.race([closed, 'still waiting'])).toBe('still waiting');
    vi.advanceTimersByTime(15_000);
    expect(await closed).toBe('the broker gives no sign');
  });

  it('can be closed before it is open, and then never says who it is', async () => {
    const clients: string[] = [];
    broker.on('client', ({ id }) => clients.push(id));
    const opened = once(sockets, 'connection') as Promise<NodeJS.EventEmitter[]>;
    const { connection, closed } = connected();
    connection.close();
    const [socket] = await opened;
    await once(socket!, 'close');
    expect(clients).toEqual([]);
    expect(await Promise.race([closed, 'no word'])).toBe('no word');
  });

  it('says nothing more once it was closed', async () => {
    const { connection, messages, ready, closed } = connected();
    await ready;
    const gone = once(broker, 'clientDisconnect');
    connection.close();
    await gone;
    await publish('live/a', 'late');
    expect(messages).toEqual([]);
    expect(await Promise.race([closed, 'no word'])).toBe('no word');
  });
});
