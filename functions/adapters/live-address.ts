/** Short-lived addresses for who wants to hear what changes: MQTT over a WebSocket, with everything needed in the URL. */
import { createHash, createHmac } from 'node:crypto';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import type { LiveListeners } from './live-listeners.ts';

/** How long an address can be connected to, in s: the shortest that STS gives. */
export const LIVE_ADDRESS_SECONDS = 900;
const SERVICE = 'iotdevicegateway';

export interface LiveAddressOptions {
  /** `wss://HOST` (locally `ws://HOST:PORT`) of the message broker. */
  readonly endpoint: string;
  /** Role that may only connect as `live-…` and hear `live/…`. */
  readonly roleArn: string;
  readonly region: string;
  /** Unguessable, at most 40 letters, digits and dashes. */
  readonly newId: () => string;
  /** ms since the epoch. */
  readonly nowMs: () => number;
  /** Told until when somebody may listen, before the address is given out. */
  readonly listeners: Pick<LiveListeners, 'expectUntil'>;
}

export interface LiveAddress {
  /** A secret: who has it can connect. Never to be logged. */
  readonly url: string;
  /** The only client id that the URL admits. */
  readonly clientId: string;
  /** Until then one can connect, and what changes is published; who wants to hear more asks again. */
  readonly expiresMs: number;
}

/** Whoever holds the credentials may connect under this client id only; what else is allowed is the role's business. */
function sessionPolicy(roleArn: string, region: string, clientId: string): string {
  const [, partition, , , account] = roleArn.split(':');
  const arn = (resource: string) => `arn:${partition}:iot:${region}:${account}:${resource}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: arn(`client/${clientId}`) },
      { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arn('topicfilter/live/*') },
      { Effect: 'Allow', Action: 'iot:Receive', Resource: arn('topic/live/*') },
    ],
  });
}

/** What the signer wants of a hash, from Node's own. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): never {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array | string {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

export class LiveAddresses {
  readonly #sts: STSClient;
  readonly #options: LiveAddressOptions;

  constructor(sts: STSClient, options: LiveAddressOptions) {
    this.#sts = sts;
    this.#options = options;
  }

  /** A new address with credentials of its own. Throws what STS and the table throw. */
  async issue(): Promise<LiveAddress> {
    const { endpoint, roleArn, region, newId, nowMs, listeners } = this.#options;
    const clientId = `live-${newId()}`;
    const signedMs = nowMs();
    const { Credentials: credentials } = await this.#sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: clientId,
        DurationSeconds: LIVE_ADDRESS_SECONDS,
        Policy: sessionPolicy(roleArn, region, clientId),
      }),
    );
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Expiration: expiration } = credentials!;
    const signer = new SignatureV4({
      service: SERVICE,
      region,
      sha256: Sha256,
      credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
    });
    const { protocol, host, hostname } = new URL(endpoint);
    const { query } = await signer.presign(
      { method: 'GET', protocol, hostname, path: '/mqtt', headers: { host }, query: {} },
      { expiresIn: LIVE_ADDRESS_SECONDS, signingDate: new Date(signedMs) },
    );
    // The device gateway wants the session's token outside of what is signed.
    const parameters = Object.entries({ ...query, 'X-Amz-Security-Token': sessionToken! });
    const url = `${protocol}//${host}/mqtt?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
    const expiresMs = Math.min(expiration!.getTime(), signedMs + LIVE_ADDRESS_SECONDS * 1000);
    await listeners.expectUntil(expiresMs);
    return { url, clientId, expiresMs };
  }
}
