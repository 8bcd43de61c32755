/** Signature Version 4 in the query of a WebSocket address, as the device gateway of AWS IoT wants it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RoleSession } from '../sts/engine.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'iotdevicegateway';
/** What a signer's clock may be ahead. */
const CLOCK_SKEW_MS = 300_000;
const EMPTY_BODY = createHash('sha256').update('').digest('hex');
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

/**
 * The session whose credentials signed the address, or in words that hold no secret why it is refused. Whatever else stands in the
 * query is part of what is signed, so a signature that matches vouches for it.
 */
export function verifySignedAddress(request: SignedRequest, { region, nowMs, sessionOf }: Verification): RoleSession | string {
  const parameters = new URLSearchParams(request.query);
  const values = ['Credential', 'Date', 'Expires', 'Signature', 'Security-Token'].map((name) => parameters.getAll(`X-Amz-${name}`));
  if (values.some(({ length }) => length !== 1)) return 'it is not signed';
  const [credential, date, expiresS, signature, token] = values.map(([value]) => value) as [string, string, string, string, string];
  const signedMs = msOf(date);
  // Not a number, where there is none, is neither before nor after anything.
  if (!(signedMs <= nowMs + CLOCK_SKEW_MS)) return 'signed in the future, or at no time';
  const session = sessionOf(credential.split('/')[0]!);
  if (!(nowMs < signedMs + Number(expiresS) * 1_000) || !session) return 'the address has expired, or its credentials are not known';
  const { secretAccessKey, sessionToken } = session.credentials;
  const wanted = signatureOf(request, parameters, secretAccessKey, date, [date.slice(0, 8), region, SERVICE, 'aws4_request']);
  return equal(signature, wanted) && equal(token, sessionToken) ? session : 'the signature does not match';
}

/** `20260601T120000Z` in ms since the epoch. */
function msOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
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
