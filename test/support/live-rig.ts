/** The live path without the rest: STS, broker, data plane and the page's port, under a clock that the test moves. */
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { STSClient } from '@aws-sdk/client-sts';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { type LiveAddress, LiveAddresses } from '#adapters/live-address.ts';
import { type Front, startHttpFront } from '../../local/engines/http-front/front.ts';
import { startBroker } from '../../local/engines/iot/broker.ts';
import { startDataPlane } from '../../local/engines/iot/data-plane.ts';
import { liveDoor } from '../../local/engines/iot/live-door.ts';
import type { RuleMessage } from '../../local/engines/iot/rule-message.ts';
import { StsEngine } from '../../local/engines/sts/engine.ts';
import { startStsServer } from '../../local/engines/sts/server.ts';
import { ManualClock } from './manual-clock.ts';

export const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
export const IOT = `arn:aws:iot:${REGION}:${ACCOUNT}`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/listener`;
const START_MS = Date.parse('2026-06-01T12:00:00Z');

const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });

export interface LiveRig {
  readonly clock: ManualClock;
  readonly sts: StsEngine;
  readonly stsClient: STSClient;
  /** Addresses signed by a clock that is ahead by so much; 0 by default. */
  issue(aheadMs?: number): Promise<LiveAddress>;
  readonly broker: Awaited<ReturnType<typeof startBroker>>;
  readonly dataPlane: Awaited<ReturnType<typeof startDataPlane>>;
  readonly dataClient: IoTDataPlaneClient;
  readonly front: Front;
  readonly log: string[];
  /** Messages that the one rule, for all topics below `dht22/`, took. */
  readonly ruled: RuleMessage[];
  /** Until when serve said that somebody may listen, ms since the epoch. */
  readonly expected: readonly number[];
  /** What the rule fails with from now on. */
  failRule(error: Error): void;
  connect(url: string, clientId: string, options?: IClientOptions): Promise<MqttClient>;
  stop(): Promise<void>;
}

export async function startLiveRig(): Promise<LiveRig> {
  const clock = new ManualClock(START_MS);
  const log: string[] = [];
  const ruled: RuleMessage[] = [];
  const clients: MqttClient[] = [];
  let failure: Error | null = null;
  const sts = new StsEngine(clock);
  sts.addRole(ROLE, [
    {
      Statement: [
        allow('iot:Connect', `${IOT}:client/live-*`),
        allow('iot:Subscribe', `${IOT}:topicfilter/live/*`),
        allow('iot:Receive', `${IOT}:topic/live/*`),
      ],
    },
  ]);
  const rule = {
    name: 'readings',
    matches: (topic: string) => topic.startsWith('dht22/'),
    async run(message: RuleMessage) {
      ruled.push(message);
      if (failure) throw failure;
    },
  };
  const broker = await startBroker({
    port: 0,
    wsPort: 0,
    arnPrefix: IOT,
    policies: [
      {
        Statement: [
          allow('iot:Connect', `${IOT}:client/\${iot:Connection.Thing.ThingName}`),
          allow('iot:Publish', `${IOT}:topic/dht22/\${iot:Connection.Thing.ThingName}/telemetry`),
        ],
      },
    ],
    rules: [rule],
    clock,
    newTraceId: () => 'trace',
    log: (line) => log.push(line),
  });
  const stsServer = await startStsServer(sts, 0);
  const dataPlane = await startDataPlane(0);
  dataPlane.attach(broker.publish);
  const front = await startHttpFront(0);
  front.open({
    rootObject: '',
    behaviors: [],
    localRoutes: {},
    upgrade: liveDoor({ sts, region: REGION, clock, connect: broker.connect, log: (line) => log.push(line) }),
    clock,
    log: (line) => log.push(line),
  });
  const common = { region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };
  const stsClient = new STSClient({ ...common, endpoint: stsServer.url });
  let issued = 0;
  const expected: number[] = [];
  return {
    clock,
    sts,
    stsClient,
    issue: (aheadMs = 0) =>
      new LiveAddresses(stsClient, {
        endpoint: front.url.replace('http', 'ws'),
        roleArn: ROLE,
        region: REGION,
        newId: () => String(++issued),
        nowMs: () => clock.now() + aheadMs,
        listeners: { expectUntil: async (untilMs) => void expected.push(untilMs) },
      }).issue(),
    broker,
    dataPlane,
    dataClient: new IoTDataPlaneClient({ ...common, endpoint: dataPlane.url }),
    front,
    log,
    ruled,
    expected,
    failRule(error) {
      failure = error;
    },
    async connect(url, clientId, options = {}) {
      const client = await connectAsync(url, { clientId, reconnectPeriod: 0, ...options }, false);
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.end(true);
      await front.close();
      await broker.close();
      await dataPlane.close();
      await stsServer.close();
    },
  };
}
