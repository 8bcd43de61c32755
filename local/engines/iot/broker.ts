/** The message broker of IoT Core over TCP and WebSocket: policy at every step, rules before the acknowledgement. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Clock } from '../clock.ts';
import { type Authorizer, authorizerOf, type PolicyDocument } from './policy.ts';
import type { TopicRule } from './topic-rule.ts';

/** Limits of IoT Core ("AWS IoT Core message broker and protocol limits and quotas"). */
const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_CLIENT_ID_BYTES = 128;
const MAX_TOPIC_BYTES = 256;
const MAX_TOPIC_SLASHES = 7;
const BASIC_INGEST = /^\$aws\/rules\/([^/]+)\/(.+)$/s;

export interface BrokerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly wsPort: number;
  /** `arn:PARTITION:iot:REGION:ACCOUNT`. */
  readonly arnPrefix: string;
  readonly policies: readonly PolicyDocument[];
  readonly rules: readonly TopicRule[];
  readonly clock: Clock;
  readonly newTraceId: () => string;
  /** Refusals and failures, one line each. */
  readonly log: (line: string) => void;
}

export interface Broker {
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT/mqtt` */
  readonly wsUrl: string;
  /** Disconnects every client. */
  close(): Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function limitBroken(topic: string, payloadBytes: number, qos: number): string | null {
  const basicIngest = BASIC_INGEST.exec(topic);
  if (qos === 2) return 'QoS 2 is not supported by IoT Core';
  if (payloadBytes > MAX_PAYLOAD_BYTES) return `payload of ${payloadBytes} bytes, at most ${MAX_PAYLOAD_BYTES}`;
  if (Buffer.byteLength(topic) > MAX_TOPIC_BYTES) return `topic of ${Buffer.byteLength(topic)} bytes, at most ${MAX_TOPIC_BYTES}`;
  const slashes = (basicIngest?.[2] ?? topic).split('/').length - 1;
  return slashes > MAX_TOPIC_SLASHES ? `topic with ${slashes} slashes, at most ${MAX_TOPIC_SLASHES}` : null;
}

/** Starts the broker on 127.0.0.1. A QoS 1 publish is acknowledged only after every rule has delivered it. */
export async function startBroker({ port, wsPort, arnPrefix, policies, rules, clock, newTraceId, log }: BrokerOptions): Promise<Broker> {
  const authorizers = new WeakMap<Client, Authorizer>();
  const mayDo = (client: Client | null, action: string, resource: string) =>
    client !== null && authorizers.get(client)?.(action, `${arnPrefix}:${resource}`) === true;

  const runRules = async (topic: string, payload: Buffer, clientId: string): Promise<void> => {
    const basicIngest = BASIC_INGEST.exec(topic);
    const ruleTopic = basicIngest?.[2] ?? topic;
    const addressed = basicIngest ? rules.filter(({ name }) => name === basicIngest[1]) : rules.filter((rule) => rule.matches(topic));
    if (basicIngest && addressed.length === 0) log(`RuleNotFound: ${basicIngest[1]}, addressed by ${clientId}`);
    if (addressed.length === 0) return;
    const message = { topic: ruleTopic, payload, clientId, nowMs: clock.now(), traceId: newTraceId() };
    await Promise.all(addressed.map((rule) => rule.run(message)));
  };

  const aedes = await Aedes.createBroker({
    maxClientsIdLength: MAX_CLIENT_ID_BYTES,
    heartbeatInterval: 60_000,
    authenticate(client, _user, _password, done) {
      const authorizer = authorizerOf(policies, client.id);
      const allowed = authorizer('iot:Connect', `${arnPrefix}:client/${client.id}`);
      if (allowed) authorizers.set(client, authorizer);
      else log(`connection of ${client.id} refused by policy`);
      done(null, allowed);
    },
    // aedes acknowledges QoS 1 before it publishes, but after this step: what must be durable first happens here.
    authorizePublish(client, packet, done) {
      const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
      const id = client?.id ?? '';
      const broken = limitBroken(packet.topic, payload.length, packet.qos);
      const refused = broken ?? (mayDo(client, 'iot:Publish', `topic/${packet.topic}`) ? null : 'refused by policy');
      if (refused !== null) {
        log(`publish of ${id} to ${packet.topic}: ${refused}`);
        done(new Error(refused));
        return;
      }
      runRules(packet.topic, payload, id).then(
        () => done(null),
        (error: unknown) => {
          log(`publish of ${id} to ${packet.topic} is not acknowledged: ${error}`);
          done(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
    authorizeSubscribe(client, subscription, done) {
      const allowed = mayDo(client, 'iot:Subscribe', `topicfilter/${subscription.topic}`);
      if (!allowed) log(`subscription of ${client.id} to ${subscription.topic} refused by policy`);
      done(null, allowed ? subscription : null);
    },
    authorizeForward: (client, packet) => (mayDo(client, 'iot:Receive', `topic/${packet.topic}`) ? packet : null),
  });
  // A client that breaks off concerns itself only; refusals are logged where they are decided.
  aedes.on('clientError', (client) => client.close());
  aedes.on('connectionError', (client) => client.close());

  const tcp = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
  const http = createHttpServer((_request, response) => response.writeHead(426).end('MQTT over WebSocket only\n'));
  const sockets = new WebSocketServer({ server: http, handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false) });
  sockets.on('connection', (socket, request) => void aedes.handle(createWebSocketStream(socket), request));
  const ports = await Promise.all([listen(tcp, port), listen(http, wsPort)]);
  return {
    url: `mqtt://127.0.0.1:${ports[0]}`,
    wsUrl: `ws://127.0.0.1:${ports[1]}/mqtt`,
    async close() {
      const closed = Promise.all([tcp, http].map((server) => new Promise((resolve) => server.close(resolve))));
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => aedes.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}
