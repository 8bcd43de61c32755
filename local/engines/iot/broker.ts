/** The message broker of IoT Core over TCP and WebSocket: policy at every step, rules before the acknowledgement. */
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { listenForMqtt } from './mqtt-listeners.ts';
import { type Authorizer, authorizerOf, type PolicyDocument } from './policy.ts';
import { createRulesEngine, type PublishedMessage, type RulesEngineOptions } from './rules-engine.ts';
import { type Session, sessionOf } from './session.ts';

export interface BrokerOptions extends RulesEngineOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** The same for WebSocket. */
  readonly wsPort: number;
  /** `arn:PARTITION:iot:REGION:ACCOUNT`. */
  readonly arnPrefix: string;
  readonly policies: readonly PolicyDocument[];
  /** Refusals and failures, one line each. */
  readonly log: (line: string) => void;
}

export interface Broker {
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
  /** `ws://127.0.0.1:PORT/mqtt` */
  readonly wsUrl: string;
  /** Takes a connection whose client may do what `may` allows, in place of what the policies allow a device. */
  connect(connection: Duplex, may: Authorizer): void;
  /** Publishes in nobody's name, to the rules and to who subscribed; rejects when a rule could not deliver. */
  publish(topic: string, payload: Buffer, qos: 0 | 1): Promise<void>;
  /** Disconnects every client; resolves when no rule works on a message any more. */
  close(): Promise<void>;
}

const MAX_CLIENT_ID_BYTES = 128;
/** A subscriber that takes nothing for so long is disconnected: others wait for it. */
const DRAIN_TIMEOUT_MS = 5_000;
/** CONNACK return codes of MQTT 3.1.1. */
const IDENTIFIER_REJECTED = 2;
const NOT_AUTHORIZED = 5;
/** What clientid() is for a message that did not come by MQTT. */
const NO_CLIENT = 'n/a';
const NOT_CONNECTED = 'the client is not connected';

function refusal(returnCode: number, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

/**
 * Starts the broker on 127.0.0.1 for MQTT 3.1.1, QoS 0 and 1. A client at its own doors is the thing of its client id. A QoS 1 publish is
 * acknowledged only after every rule has delivered it; when one could not, the connection is closed and the client sends again.
 * Wills are refused: IoT Core wants a permission for them that no policy run here can give.
 */
export async function startBroker({ port, wsPort, arnPrefix, policies, rules, clock, newTraceId, log }: BrokerOptions): Promise<Broker> {
  const deliver = createRulesEngine({ rules, clock, newTraceId, log });
  const sessions = new WeakMap<Client, Session>();
  /** Of connections that came with an identity of their own. */
  const given = new WeakMap<object, Authorizer>();
  const nameless = new WeakSet<Client>();
  const withWill = new WeakSet<Client>();
  /** Connections that are closed for a reason that the log already has. */
  const refused = new WeakSet<Client>();
  let working = 0;
  let rested = (): void => undefined;

  function connectionRefusal(client: Client): AuthenticateError | null {
    const bytes = nameless.has(client) ? 0 : Buffer.byteLength(client.id);
    if (bytes < 1 || bytes > MAX_CLIENT_ID_BYTES) {
      return refusal(IDENTIFIER_REJECTED, `a client id of ${bytes} bytes, 1 to ${MAX_CLIENT_ID_BYTES} are taken`);
    }
    if (withWill.has(client)) return refusal(NOT_AUTHORIZED, 'a last will is not allowed by the policy');
    const session = sessionOf(given.get(client.conn) ?? authorizerOf(policies, client.id), arnPrefix, client.id);
    const why = session.connect();
    if (why !== null) return refusal(NOT_AUTHORIZED, why);
    sessions.set(client, session);
    return null;
  }

  function close(client: Client, why: string, done: (error: Error) => void): void {
    refused.add(client);
    log(why);
    done(new Error(why));
  }

  /** Hands a message to the rules. */
  async function takeIn(message: PublishedMessage): Promise<void> {
    working++;
    try {
      await deliver(message);
    } finally {
      if (--working === 0) rested();
    }
  }

  // aedes acknowledges QoS 1 before it publishes, but after this step: what must be durable first happens here.
  function takePublish(client: Client, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const { topic, qos, retain } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const session = sessions.get(client);
    const why = session ? session.publish({ topic, payloadBytes: payload.length, qos, retain }) : NOT_CONNECTED;
    if (why !== null) {
      close(client, `a message of ${client.id} to ${topic} is refused and its connection closed: ${why}`, done);
      return;
    }
    takeIn({ topic, payload, clientId: client.id }).then(
      () => done(null),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        close(client, `a message of ${client.id} to ${topic} is not acknowledged and its connection closed: ${reason}`, done);
      },
    );
  }

  const aedes = await Aedes.createBroker({
    maxClientsIdLength: MAX_CLIENT_ID_BYTES,
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect(client, packet, done) {
      if (packet.clientId === '') nameless.add(client);
      if (packet.will) withWill.add(client);
      if (packet.protocolVersion === 5) {
        refused.add(client);
        log(`the connection of ${packet.clientId} is refused: MQTT 5 is not spoken locally, only MQTT 3.1.1`);
      }
      // aedes itself then answers that the protocol version is not acceptable.
      done(null, true);
    },
    authenticate(client, _user, _password, done) {
      const why = connectionRefusal(client);
      if (why) {
        refused.add(client);
        log(`the connection of ${nameless.has(client) ? 'a client without id' : client.id} is refused: ${why.message}`);
      }
      done(why, why === null);
    },
    authorizePublish(client, packet, done) {
      if (client) takePublish(client, packet, done);
      else done(new Error('only clients publish'));
    },
    authorizeSubscribe(client, subscription, done) {
      const session = sessions.get(client);
      const why = session ? session.subscribe(subscription.topic, subscription.qos) : NOT_CONNECTED;
      if (why !== null) log(`the subscription of ${client.id} to ${subscription.topic} is refused: ${why}`);
      done(null, why === null ? subscription : null);
    },
    authorizeForward: (client, packet) => (sessions.get(client)?.receive(packet.topic) === null ? packet : null),
  });
  const ended = (client: Client, error: Error): void => {
    if (!refused.has(client) && !client.closed) log(`the connection of ${client.id ?? 'a client'} broke: ${error.message}`);
  };
  aedes.on('clientError', ended);
  aedes.on('connectionError', ended);

  // Its types leave out that it emits this as well.
  (aedes as EventEmitter).on('error', (error: Error) => log(`the broker: ${error.message}`));
  const closeAedes = (): Promise<void> => new Promise((resolve) => aedes.close(resolve));

  const listeners = await listenForMqtt(port, wsPort, (connection) => void aedes.handle(connection)).catch(async (error: unknown) => {
    await closeAedes();
    throw error;
  });
  return {
    url: `mqtt://127.0.0.1:${listeners.tcpPort}`,
    wsUrl: `ws://127.0.0.1:${listeners.wsPort}/mqtt`,
    connect(connection, may) {
      given.set(connection, may);
      aedes.handle(connection);
    },
    async publish(topic, payload, qos) {
      await takeIn({ topic, payload, clientId: NO_CLIENT });
      const packet = { cmd: 'publish', topic, payload, qos, retain: false, dup: false } as const;
      await new Promise<void>((resolve, reject) => aedes.publish(packet, (error) => (error ? reject(error) : resolve())));
    },
    async close() {
      await closeAedes();
      await listeners.close();
      await new Promise<void>((resolve) => {
        rested = resolve;
        if (working === 0) resolve();
      });
    },
  };
}
