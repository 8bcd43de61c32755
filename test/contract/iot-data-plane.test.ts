/** The broker's HTTP API, driven by the stock SDK. */
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDataPlane } from '../../local/engines/iot/data-plane.ts';
import { type LiveRig, startLiveRig } from '../support/live-rig.ts';

let rig: LiveRig;
beforeEach(async () => {
  rig = await startLiveRig();
});
afterEach(() => rig.stop());

const publish = (more: object = {}) =>
  rig.dataClient.send(new PublishCommand({ topic: 'dht22/roof/telemetry', payload: Buffer.from('{}'), ...more }));

describe('publishing by HTTP', () => {
  it('reaches the rules, which know no client of it', async () => {
    await publish({ qos: 1 });
    await publish({ topic: '$aws/rules/readings/dht22/cellar/telemetry' });
    expect(rig.ruled.map(({ topic, clientId, payload }) => [topic, clientId, Buffer.from(payload).toString()])).toEqual([
      ['dht22/roof/telemetry', 'n/a', '{}'],
      ['dht22/cellar/telemetry', 'n/a', '{}'],
    ]);
  });

  it('reaches no rule with a live message', async () => {
    await publish({ topic: 'live/sensors/roof' });
    expect(rig.ruled).toEqual([]);
  });

  it('fails when a rule could not deliver', async () => {
    rig.failRule(new Error('stream is full'));
    await expect(publish()).rejects.toMatchObject({ name: 'InternalFailureException' });
  });

  it.each([
    ['a wildcard', { topic: 'live/+/x' }, 'InvalidRequestException', 400],
    ['too many levels', { topic: 'a/'.repeat(8) }, 'InvalidRequestException', 400],
    ['too long a topic', { topic: 'a'.repeat(257) }, 'InvalidRequestException', 400],
    ['a topic of the broker', { topic: '$SYS/x' }, 'InvalidRequestException', 400],
    ['QoS 2', { qos: 2 }, 'InvalidRequestException', 400],
    ['a retained message', { retain: true }, 'InvalidRequestException', 400],
    ['what is not run here', { messageExpiry: 1 }, 'InvalidRequestException', 400],
    ['too large a payload', { payload: Buffer.alloc(128 * 1024 + 1) }, 'RequestEntityTooLargeException', 413],
  ])('refuses %s', async (_, more, name, status) => {
    await expect(publish(more)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(rig.ruled).toEqual([]);
  });

  it('takes a payload of 128 KiB, and none', async () => {
    await publish({ payload: Buffer.alloc(128 * 1024) });
    await publish({ payload: undefined });
    expect(rig.ruled.map(({ payload }) => payload.length)).toEqual([128 * 1024, 0]);
  });

  it('refuses who did not sign, other methods and other paths', async () => {
    const ask = async (path: string, method: string, headers: Record<string, string> = { authorization: 'x' }) =>
      (await fetch(`${rig.dataPlane.url}${path}`, { method, headers })).headers.get('x-amzn-errortype');
    expect(await ask('/topics/x', 'POST', {})).toBe('UnauthorizedException');
    expect(await ask('/topics/x', 'PUT')).toBe('MethodNotAllowedException');
    expect(await ask('/retainedMessage/x', 'POST')).toBe('ResourceNotFoundException');
    expect(await ask('/topics/%ZZ', 'POST')).toBe('InvalidRequestException');
    expect(await ask('/topics/', 'POST')).toBe('InvalidRequestException');
  });

  it('is not available before there is a broker', async () => {
    const early = await startDataPlane(0);
    try {
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const client = new IoTDataPlaneClient({ region: 'us-east-1', endpoint: early.url, credentials, maxAttempts: 1 });
      await expect(client.send(new PublishCommand({ topic: 'live/x' }))).rejects.toMatchObject({ name: 'ServiceUnavailableException' });
    } finally {
      await early.close();
    }
  });
});
