/** What a function returned (payload format 2.0), as an HTTP answer. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type HttpAnswer, jsonAnswer } from './http-message.ts';

interface Structured {
  readonly statusCode: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** Of the connection, not of the answer: the front sets its own. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a function that failed, or returned what is no answer, looks like from outside. */
export const INTERNAL_SERVER_ERROR: HttpAnswer = jsonAnswer(500, { message: 'Internal Server Error' });

/** `payload` is the JSON that the function returned. Throws, saying what is wrong, when it is no answer. */
export function apiAnswer(payload: string): HttpAnswer {
  const value: unknown = payload === '' ? null : JSON.parse(payload);
  if (typeof value === 'object' && value !== null && 'statusCode' in value) return structured(value);
  // Anything else is the body of a success, and a text stands for itself.
  const body = typeof value === 'string' ? value : payload;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

function structured({ statusCode, headers, cookies, body, isBase64Encoded }: Structured): HttpAnswer {
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new Error(`the function returned statusCode ${JSON.stringify(statusCode)}, not one from 200 to 599`);
  }
  if (body !== undefined && body !== null && typeof body !== 'string') throw new Error('the function returned a body that is no text');
  const setCookies = Array.isArray(cookies) ? cookies.map(String) : [];
  for (const cookie of setCookies) validateHeaderValue('set-cookie', cookie);
  const all = {
    'content-type': 'text/plain;charset=UTF-8',
    ...headersOf(headers),
    ...(setCookies.length > 0 ? { 'set-cookie': setCookies } : {}),
  };
  return { status, headers: all, body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8') };
}

function headersOf(headers: unknown): Record<string, string> {
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase();
    if (OF_THE_CONNECTION.has(lower) || value === null || value === undefined) continue;
    validateHeaderName(lower);
    validateHeaderValue(lower, String(value));
    kept.push([lower, String(value)]);
  }
  return Object.fromEntries(kept);
}
