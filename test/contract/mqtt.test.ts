/** The broker, driven by a stock MQTT client. */
import { connect as connectTcp } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { type Broker, startBroker } from '../../local/engines/iot/broker.ts';
import { RuleEvaluationError, type RuleMessage } from '../../local/engines/iot/rule-message.ts';
import type { TopicRule } from '../../local/engines/iot/topic-rule.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000';
const NAME = '${iot:Connection.Thing.ThingName}';
const allow = (Action: string, ...Resource: string[]) => ({
  Effect: 'Allow',
  Action,
  Resource: Resource.map((resource) => `${ARN}:${resource}`),
});
const POLICY = {
  Statement: [
    allow('iot:Connect', `client/${NAME}`),
    allow(
      'iot:Publish',
      `topic/dht22/${NAME}/telemetry`,
      `topic/$aws/rules/readings/dht22/${NAME}/telemetry`,
      `topic/$aws/rules/absent/x`,
      `topic/${'a/'.repeat(8)}a`,
      `topic/${'a/'.repeat(7)}a`,
      `topic/$aws/rules/readings/${'a/'.repeat(7)}a`,
      `topic/x*`,
      `topic/$SYS/*`,
      'topic/shared/*',
    ),
    allow('iot:Subscribe', `topicfilter/dht22/${NAME}/telemetry`, 'topicfilter/shared/#', 'topicfilter/$aws/rules/*', 'topicfilter/x*'),
    allow('iot:Receive', `topic/dht22/${NAME}/telemetry`, 'topic/shared/open'),
    { Effect: 'Deny', Action: 'iot:Connect', Resource: `${ARN}:client/banned` },
  ],
};

describe('the MQTT broker', () => {
  let broker: Broker;
  let seen: RuleMessage[];
  let hold: Promise<void>;
  let log: string[];
  const clients: MqttClient[] = [];

  beforeEach(async () => {
    seen = [];
    log = [];
    hold = Promise.resolve();
    const rule: TopicRule = {
      name: 'readings',
      matches: (topic) => topic.startsWith('dht22/'),
      async run(message) {
        seen.push(message);
        await hold;
      },
    };
    broker = await startBroker({
      port: 0,
      wsPort: 0,
      arnPrefix: ARN,
      policies: [POLICY],
      rules: [rule],
      clock: REAL_CLOCK,
      newTraceId: () => 'trace',
      log: (line) => log.push(line),
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await broker.close();
  });

  async function connect(clientId: string, url = broker.url, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(url, { clientId, reconnectPeriod: 0, ...options });
    client.on('error', () => {});
    clients.push(client);
    return client;
  }
  const closedBy = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

  it.each(['url', 'wsUrl'] as const)('takes a publish of a device to its own topic (%s), by Basic Ingest too', async (transport) => {
    const client = await connect('roof', broker[transport]);
    await client.publishAsync('dht22/roof/telemetry', 'one', { qos: 1 });
    await client.publishAsync('$aws/rules/readings/dht22/roof/telemetry', 'two', { qos: 1 });
    expect(seen.map(({ topic, payload, clientId, traceId }) => [topic, String(payload), clientId, traceId])).toEqual([
      ['dht22/roof/telemetry', 'one', 'roof', 'trace'],
      ['dht22/roof/telemetry', 'two', 'roof', 'trace'],
    ]);
  });

  it('acknowledges QoS 1 only after the rules have delivered', async () => {
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const client = await connect('roof');
    let acknowledged = false;
    const published = client.publishAsync('dht22/roof/telemetry', 'held', { qos: 1 }).then(() => {
      acknowledged = true;
    });
    // A second client goes the whole way meanwhile: the first one had every chance to be acknowledged.
    const other = await connect('cellar');
    await other.subscribeAsync('dht22/cellar/telemetry');
    expect([seen.length, acknowledged]).toEqual([1, false]);
    release();
    await published;
    expect(acknowledged).toBe(true);
  });

  it('does not acknowledge, and closes the connection, when a rule could not deliver: the client sends again', async () => {
    hold = Promise.reject(new Error('stream is full'));
    hold.catch(() => {});
    const client = await connect('roof');
    let acknowledged = false;
    client.publish('dht22/roof/telemetry', 'lost?', { qos: 1 }, (error) => {
      acknowledged = !error;
    });
    await closedBy(client);
    expect(acknowledged).toBe(false);
    expect(log.join()).toContain('stream is full');
  });

  it.each([
    ["another device's topic", 'dht22/cellar/telemetry', '{}', 1],
    ['a payload above 128 KiB', 'dht22/roof/telemetry', 'x'.repeat(128 * 1024 + 1), 1],
    ['QoS 2', 'dht22/roof/telemetry', '{}', 2],
    ['more than 7 slashes', `${'a/'.repeat(8)}a`, '{}', 1],
    ['a topic above 256 bytes', `x${'y'.repeat(256)}`, '{}', 1],
    ["a topic of the broker's own", '$SYS/x/new/clients', 'roof', 0],
  ] as const)('refuses a publish with %s by closing the connection', async (_what, topic, payload, qos) => {
    const client = await connect('roof');
    const closed = closedBy(client);
    client.publish(topic, payload, { qos });
    await closed;
    expect(seen).toEqual([]);
    expect(log).toHaveLength(1);
  });

  it('takes a payload of exactly 128 KiB', async () => {
    const client = await connect('roof');
    await client.publishAsync('dht22/roof/telemetry', 'x'.repeat(128 * 1024), { qos: 1 });
    expect(seen[0]!.payload.length).toBe(131_072);
  });

  it("refuses a connection that the policy denies, and a subscription to what is not the client's own", async () => {
    await expect(connect('banned')).rejects.toThrow(/[Nn]ot authorized|refused/);
    const client = await connect('roof');
    const [own] = await client.subscribeAsync('dht22/roof/telemetry');
    expect(own!.qos).toBe(0);
    await expect(client.subscribeAsync('dht22/#')).rejects.toThrow();
  });

  it('takes 7 slashes, not counting the prefix of Basic Ingest, and a topic of 256 bytes', async () => {
    const client = await connect('roof');
    await client.publishAsync(`${'a/'.repeat(7)}a`, '{}', { qos: 1 });
    await client.publishAsync(`$aws/rules/readings/${'a/'.repeat(7)}a`, '{}', { qos: 1 });
    await client.publishAsync(`x${'y'.repeat(255)}`, '{}', { qos: 1 });
    expect(seen.map(({ topic }) => topic)).toEqual([`${'a/'.repeat(7)}a`]);
    expect(log).toEqual([]);
  });

  it('refuses to retain without the permission for it', async () => {
    const client = await connect('roof');
    const closed = closedBy(client);
    client.publish('dht22/roof/telemetry', '{}', { qos: 1, retain: true });
    await closed;
    expect(seen).toEqual([]);
  });

  it('takes the message when the client sends it again after a failure', async () => {
    hold = Promise.reject(new Error('stream is full'));
    hold.catch(() => {});
    const client = await connect('roof', broker.url, { reconnectPeriod: 1 });
    client.once('close', () => {
      hold = Promise.resolve();
    });
    await client.publishAsync('dht22/roof/telemetry', 'again', { qos: 1 });
    expect(seen.map(({ payload }) => String(payload))).toEqual(['again', 'again']);
  });

  it('acknowledges, and logs, what a rule cannot evaluate: sending it again would change nothing', async () => {
    hold = Promise.reject(new RuleEvaluationError('the payload is no JSON'));
    hold.catch(() => {});
    const client = await connect('roof');
    await client.publishAsync('dht22/roof/telemetry', 'poison', { qos: 1 });
    expect(log).toEqual([expect.stringContaining('rule readings has no result for a message of roof on dht22/roof/telemetry')]);
  });

  it.each([
    ['no client id', { clientId: '', clean: true }, 'Identifier rejected'],
    ['a client id above 128 bytes', { clientId: 'r'.repeat(129) }, 'Identifier rejected'],
    ['a client id that is no name of a thing', { clientId: 'roof/*' }, 'Not authorized'],
    [
      'a last will',
      { clientId: 'roof', will: { topic: 'shared/open', payload: Buffer.from('bye'), qos: 0, retain: false } },
      'Not authorized',
    ],
    ['MQTT 5', { clientId: 'roof', protocolVersion: 5 }, 'protocol version'],
  ] as const)('refuses a connection with %s', async (_what, { clientId, ...options }, reason) => {
    await expect(connect(clientId, broker.url, options)).rejects.toThrow(reason);
    expect(log).toHaveLength(1);
  });

  it('refuses subscriptions with QoS 2 and to topics of the broker, also where the policy would allow them', async () => {
    const client = await connect('roof');
    await expect(client.subscribeAsync('shared/#', { qos: 2 })).rejects.toThrow();
    await expect(client.subscribeAsync('$aws/rules/readings/#')).rejects.toThrow();
    await expect(client.subscribeAsync(`x${'/y'.repeat(8)}`)).rejects.toThrow();
    expect(log).toHaveLength(3);
  });

  it('forwards only what the policy lets a subscriber receive', async () => {
    const client = await connect('roof');
    const received: string[] = [];
    const last = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        received.push(`${topic} ${payload}`);
        if (String(payload) === 'last') resolve();
      });
    });
    await client.subscribeAsync('shared/#', { qos: 1 });
    await client.publishAsync('shared/closed', 'secret', { qos: 1 });
    await client.publishAsync('shared/open', 'last', { qos: 1 });
    await last;
    expect(received).toEqual(['shared/open last']);
  });

  it.each([
    ['http://127.0.0.1:8080', true],
    ['http://localhost', true],
    [undefined, true],
    ['https://example.org', false],
    ['null', false],
  ])('over WebSocket, a page of %s may connect: %s', async (origin, allowed) => {
    const socket = new WebSocket(broker.wsUrl, 'mqtt', origin === undefined ? {} : { origin });
    const opened = await new Promise((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.terminate();
    expect(opened).toBe(allowed);
  });

  it('closes although a connection never said who it is, and waits for the rules at work', async () => {
    const silent = connectTcp(Number(new URL(broker.url).port), '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    let release = () => {};
    let released = false;
    hold = new Promise((resolve) => {
      release = () => {
        released = true;
        resolve();
      };
    });
    const client = await connect('roof');
    client.publish('dht22/roof/telemetry', 'held', { qos: 1 });
    const other = await connect('cellar');
    await other.publishAsync('shared/open', 'x', { qos: 1 });
    const cut = new Promise((resolve) => silent.once('close', resolve));
    const closed = broker.close().then(() => released);
    await cut;
    release();
    expect(await closed).toBe(true);
  });

  it('notes a Basic Ingest to a rule that does not exist, and delivers it nowhere', async () => {
    const client = await connect('roof');
    await client.publishAsync('$aws/rules/absent/x', '{}', { qos: 1 });
    expect(seen).toEqual([]);
    expect(log.join()).toContain('RuleNotFound: absent');
  });

  it('lets a second connection with the same client id push the first one out', async () => {
    const first = await connect('roof');
    const closed = closedBy(first);
    await connect('roof');
    await closed;
  });
});
