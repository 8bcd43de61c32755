/** Signature Version 4 in the query of a WebSocket address, as the device gateway of AWS IoT wants it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RoleSession } from '../sts/engine.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'iotdevicegateway';
/** What a signer's clock may be ahead. */
const CLOCK_SKEW_MS = 300_000;
/** Bounds of X-Amz-Expires, s. */
const MAX_EXPIRES_S = 86_400;
const EMPTY_BODY = createHash('sha256').update('').digest('hex');
const NAMES = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token'] as const;
/** Added after signing: it is no part of what is signed. */
const UNSIGNED = new Set(['X-Amz-Signature', 'X-Amz-Security-Token']);

export interface SignedRequest {
  readonly host: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

export interface Verification {
  readonly region: string;
  readonly nowMs: number;
  /** Undefined for a key that was never given out or has expired. */
  readonly sessionOf: (accessKeyId: string) => RoleSession | undefined;
}

/** The session whose credentials signed the address, or in words that hold no secret why it is refused. */
export function verifySignedAddress(request: SignedRequest, { region, nowMs, sessionOf }: Verification): RoleSession | string {
  const parameters = new URLSearchParams(request.query);
  const values = NAMES.map((name) => parameters.getAll(`X-Amz-${name}`));
  if (values.some(({ length }) => length !== 1) || parameters.size !== NAMES.length) return 'not exactly the parameters of a signature';
  const [algorithm, credential, date, expires, signedHeaders, signature, token] = values.map(([value]) => value) as string[];
  const [accessKeyId, ...scope] = credential!.split('/');
  if (algorithm !== ALGORITHM || signedHeaders !== 'host') return 'not signed by AWS4-HMAC-SHA256 over the host';
  const day = date!.slice(0, 8);
  if (scope.join('/') !== `${day}/${region}/${SERVICE}/aws4_request`) return 'signed for another day, region or service';
  const signedMs = parsedDate(date!);
  const expiresS = Number(expires);
  if (signedMs === null || !/^\d{1,6}$/.test(expires!) || expiresS < 1 || expiresS > MAX_EXPIRES_S) return 'no valid time of signing';
  if (signedMs > nowMs + CLOCK_SKEW_MS) return 'signed in the future';
  const session = sessionOf(accessKeyId!);
  if (nowMs >= signedMs + expiresS * 1_000 || !session) return 'the address has expired, or its credentials are not known';
  const { secretAccessKey, sessionToken } = session.credentials;
  const wanted = signatureOf(request, parameters, secretAccessKey, date!, [day, region, SERVICE, 'aws4_request']);
  if (!equal(signature!, wanted) || !equal(token!, sessionToken)) return 'the signature does not match';
  return session;
}

function parsedDate(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? null : ms;
}

function signatureOf({ host, path }: SignedRequest, parameters: URLSearchParams, secret: string, date: string, scope: string[]): string {
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...parameters]
    .filter(([name]) => !UNSIGNED.has(name))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', path, query, `host:${host}`, '', 'host', EMPTY_BODY].join('\n');
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce<Buffer | string>((before, part) => createHmac('sha256', before).update(part).digest(), `AWS4${secret}`);
  return createHmac('sha256', key)
    .update([ALGORITHM, date, scope.join('/'), hashed].join('\n'))
    .digest('hex');
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
