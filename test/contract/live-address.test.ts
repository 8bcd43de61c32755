/** Addresses that serve gives out, at the page's own port: what they admit, and what they do not. */

import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_ADDRESS_SECONDS } from '#adapters/live-address.ts';
import { IOT, type LiveRig, ROLE, startLiveRig } from '../support/live-rig.ts';

let rig: LiveRig;
beforeEach(async () => {
  rig = await startLiveRig();
});
afterEach(() => rig.stop());

/** HTTP status that an upgrade is answered with: 101 when it is taken. */
function statusOf(url: string, origin?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'mqtt', origin === undefined ? {} : { origin });
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
    socket.once('open', () => socket.terminate());
  });
}

const nextMessage = (client: MqttClient) =>
  new Promise<[string, string]>((resolve) => client.once('message', (topic, payload) => resolve([topic, payload.toString()])));
const closedBy = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

async function listener(): Promise<MqttClient> {
  const { url, clientId } = await rig.issue();
  return rig.connect(url, clientId);
}

describe('an address for pages', () => {
  it('brings exactly what was published by the SDK, on the topics that were subscribed', async () => {
    const client = await listener();
    await client.subscribeAsync(['live/symbols/FX%3AEUR%2FUSD', 'live/sensors/+']);
    const payload = Buffer.from('{"symbol":"FX:EUR/USD","price":1.1}');
    const first = nextMessage(client);
    for (const topic of ['live/alarms/x', 'live/symbols/FX%3AEUR%2FUSD']) await rig.dataClient.send(new PublishCommand({ topic, payload }));
    expect(await first).toEqual(['live/symbols/FX%3AEUR%2FUSD', payload.toString()]);
    const second = nextMessage(client);
    await rig.dataClient.send(new PublishCommand({ topic: 'live/sensors/attic', payload: Buffer.from('{}'), qos: 1 }));
    expect(await second).toEqual(['live/sensors/attic', '{}']);
  });

  it('says until when it can be connected to, and holds what the signature needs', async () => {
    const { url, clientId, expiresMs } = await rig.issue();
    expect(expiresMs).toBe(rig.clock.now() + LIVE_ADDRESS_SECONDS * 1_000);
    expect(clientId).toBe('live-1');
    expect(rig.expected).toEqual([expiresMs]);
    const parameters = new URL(url).searchParams;
    expect(parameters.get('X-Amz-Expires')).toBe('900');
    expect(parameters.get('X-Amz-Credential')).toMatch(/^ASIA\w+\/20260601\/us-east-1\/iotdevicegateway\/aws4_request$/);
    expect([...parameters.keys()].at(-1)).toBe('X-Amz-Security-Token');
  });

  it('expires: it is taken until its last millisecond, and refused from then on; who is connected stays', async () => {
    const { url, clientId } = await rig.issue();
    const client = await rig.connect(url, clientId);
    rig.clock.advance(LIVE_ADDRESS_SECONDS * 1_000 - 1);
    expect(await statusOf(url)).toBe(101);
    rig.clock.advance(1);
    expect(await statusOf(url)).toBe(403);
    await client.subscribeAsync('live/#');
    expect(client.connected).toBe(true);
  });

  it('expires by the time of its signing and by that of its credentials, whichever comes first', async () => {
    const late = await rig.issue(-LIVE_ADDRESS_SECONDS * 1_000 + 1_000);
    const early = await rig.issue(200_000);
    expect([late.expiresMs, early.expiresMs].map((ms) => ms - rig.clock.now())).toEqual([1_000, LIVE_ADDRESS_SECONDS * 1_000]);
    expect(await statusOf(late.url)).toBe(101);
    rig.clock.advance(1_000);
    expect(await statusOf(late.url)).toBe(403);
    expect(await statusOf(early.url)).toBe(101);
    rig.clock.advance(LIVE_ADDRESS_SECONDS * 1_000 - 1_000);
    expect(await statusOf(early.url)).toBe(403);
  });

  it('is refused when it was signed more than five minutes in the future', async () => {
    expect(await statusOf((await rig.issue(300_000)).url)).toBe(101);
    expect(await statusOf((await rig.issue(301_000)).url)).toBe(403);
  });

  const parameter = (name: string, change: (value: string) => string) => (url: URL) => {
    url.searchParams.set(name, change(url.searchParams.get(name)!));
  };
  it.each<[string, (url: URL) => void]>([
    ['another signature', parameter('X-Amz-Signature', (value) => value.replace(/.$/, (last) => (last === '0' ? '1' : '0')))],
    ['a longer life', parameter('X-Amz-Expires', () => '86400')],
    ['another time of signing', parameter('X-Amz-Date', () => '20260601T120001Z')],
    ['a time in the future', parameter('X-Amz-Date', () => '20260601T120501Z')],
    ['no time at all', parameter('X-Amz-Date', () => '20260601T250000Z')],
    ['another token', parameter('X-Amz-Security-Token', (value) => `${value.slice(0, -4)}AAA=`)],
    ['another key', parameter('X-Amz-Credential', (value) => value.replace(/ASIA\w/, 'ASIAZ'))],
    ['another service', parameter('X-Amz-Credential', (value) => value.replace('iotdevicegateway', 's3'))],
    ['another algorithm', parameter('X-Amz-Algorithm', () => 'none')],
    ['another signed header', parameter('X-Amz-SignedHeaders', () => 'host;x')],
    ['a parameter more', (url) => url.searchParams.set('x', '1')],
    ['a parameter twice', (url) => url.searchParams.append('X-Amz-Expires', '86400')],
    ['a token twice', (url) => url.searchParams.append('X-Amz-Security-Token', 'x')],
    ['no token', (url) => url.searchParams.delete('X-Amz-Security-Token')],
    ['another host', (url) => (url.hostname = 'localhost')],
    ['no signature', (url) => (url.search = '')],
  ])('altered (%s) is refused', async (_, alter) => {
    const url = new URL((await rig.issue()).url);
    alter(url);
    expect(await statusOf(url.href)).toBe(403);
  });

  it('is refused after the one who gave its credentials out has forgotten them, as by a restart', async () => {
    const { url } = await rig.issue();
    const restarted = await startLiveRig();
    try {
      const elsewhere = new URL(url);
      elsewhere.host = new URL(restarted.front.url).host;
      expect(await statusOf(elsewhere.href)).toBe(403);
    } finally {
      await restarted.stop();
    }
  });

  it('is refused to pages of other sites, and stands at one path only', async () => {
    const { url } = await rig.issue();
    expect(await statusOf(url, 'https://example.org')).toBe(403);
    expect(await statusOf(url, rig.front.url)).toBe(101);
    expect(await statusOf(url.replace('/mqtt?', '/other?'))).toBe(404);
  });

  it('admits one client id: neither that of a device, nor of another page', async () => {
    const { url } = await rig.issue();
    for (const clientId of ['roof', 'live-2', 'live-', 'live-11']) {
      await expect(rig.connect(url, clientId)).rejects.toThrow('Not authorized');
    }
    expect(rig.log.join('\n')).toContain('the connection of live-2 is refused');
  });

  it.each(['#', '+/symbols/IBM', 'dht22/#', 'live', 'alive/x', '$aws/things/#'])('lets nobody hear %s', async (filter) => {
    const client = await listener();
    const granted = await client.subscribeAsync(filter).then(
      (grants) => grants.map(({ qos }) => qos),
      () => [128],
    );
    expect(granted).toEqual([128]);
  });

  it.each(['live/sensors/attic', 'dht22/attic/telemetry', 'dht22/live-2/telemetry', '$aws/rules/readings/x'])(
    'lets nobody publish, to %s: the connection is closed',
    async (topic) => {
      const other = await listener();
      await other.subscribeAsync('live/#');
      const heard: string[] = [];
      other.on('message', (heardTopic) => heard.push(heardTopic));
      const client = await listener();
      const closed = closedBy(client);
      client.publish(topic, 'forged', { qos: 0 });
      await closed;
      const last = nextMessage(other);
      await rig.dataClient.send(new PublishCommand({ topic: 'live/end', payload: Buffer.from('') }));
      await last;
      expect([heard, rig.ruled]).toEqual([['live/end'], []]);
    },
  );

  it('never stands in a log', async () => {
    const { url, clientId } = await rig.issue();
    await rig.connect(url, clientId);
    await statusOf(url.replace('X-Amz-Expires=900', 'X-Amz-Expires=901'));
    expect(rig.log).toHaveLength(1);
    expect(rig.log.join()).not.toMatch(/X-Amz|ASIA|wss?:/);
  });
});

describe('a device', () => {
  it.each(['url', 'wsUrl'] as const)('hears nothing that is meant for pages, whatever its name (%s)', async (door) => {
    for (const clientId of ['roof', 'live-1']) {
      const client = await rig.connect(rig.broker[door], clientId);
      const granted = await client.subscribeAsync('live/#').then(
        (grants) => grants.map(({ qos }) => qos),
        () => [128],
      );
      expect(granted).toEqual([128]);
    }
  });
});

describe('credentials of a role', () => {
  const assume = (more: object = {}) =>
    rig.stsClient.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'live-1', DurationSeconds: 900, ...more }));

  it.each([
    ['a role that does not exist', { RoleArn: `${ROLE}x` }, 'AccessDenied'],
    ['less time than STS gives', { DurationSeconds: 899 }, 'ValidationError'],
    ['more time than a role gives', { DurationSeconds: 3_601 }, 'ValidationError'],
    ['a name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
    ['a policy that is no JSON', { Policy: '{' }, 'MalformedPolicyDocumentException'],
    ['a policy that is not understood', { Policy: '{"Statement":{"Effect":"Maybe"}}' }, 'MalformedPolicyDocumentException'],
    ['something that is not run here', { ExternalId: 'xx' }, 'InvalidParameterValue'],
  ])('are refused for %s', async (_, more, name) => {
    await expect(assume(more)).rejects.toMatchObject({ name });
  });

  it('allow what both the role and the policy of the session allow', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'iot:*', Resource: `${IOT}:topic/live/sensors/*` } });
    const { Credentials: credentials } = await assume({ Policy });
    const session = rig.sts.session(credentials!.AccessKeyId!)!;
    expect(session.may('iot:Receive', `${IOT}:topic/live/sensors/a`)).toBe(true);
    expect(session.may('iot:Receive', `${IOT}:topic/live/symbols/a`)).toBe(false);
    expect(session.may('iot:Publish', `${IOT}:topic/live/sensors/a`)).toBe(false);
    expect(credentials!.Expiration).toEqual(new Date(rig.clock.now() + 900_000));
  });
});
