/** What the vendor's websocket says, one text frame at a time. Pure: bytes in, meaning or refusal out. */
import { SYMBOL } from '#domain/names.ts';
import type { WireTrade } from './trade-encoder.ts';

/** Why a trade, or a whole frame, was not taken. */
export type FrameRefusalReason = 'BAD_JSON' | 'UNKNOWN_FRAME' | 'BAD_SYMBOL' | 'BAD_FIELD';

export interface FrameRefusal {
  readonly reason: FrameRefusalReason;
  /** What was found, for a person; bounded. */
  readonly detail: string;
}

export type Frame =
  | {
      readonly kind: 'trades';
      /** In the order of the frame. */
      readonly trades: readonly WireTrade[];
      readonly refusals: readonly FrameRefusal[];
      /** Trades in the frame, taken and refused. */
      readonly size: number;
    }
  | { readonly kind: 'ping' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'refused'; readonly refusal: FrameRefusal };

/** Most condition codes of a trade, and most characters of one: the vendor's table has 41 codes of at most two digits. */
const MAX_CONDITIONS = 64;
const MAX_CONDITION_LENGTH = 16;
const MAX_DETAIL_LENGTH = 200;

/** Reads a text frame. Total: what cannot be understood is a refusal. */
export function readFrame(text: string): Frame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refusedFrame('BAD_JSON', error instanceof Error ? error.message : 'not JSON');
  }
  if (isObject(value)) {
    const { type, data, msg } = value;
    if (type === 'trade' && Array.isArray(data)) return readTrades(data);
    if (type === 'ping') return { kind: 'ping' };
    if (type === 'error') return { kind: 'error', message: shown(typeof msg === 'string' ? msg : JSON.stringify(msg)) };
  }
  return refusedFrame('UNKNOWN_FRAME', text);
}

function readTrades(data: readonly unknown[]): Frame {
  const trades: WireTrade[] = [];
  const refusals: FrameRefusal[] = [];
  for (const value of data) {
    const read = readTrade(value);
    if ('reason' in read) refusals.push(read);
    else trades.push(read);
  }
  return { kind: 'trades', trades, refusals, size: data.length };
}

function readTrade(value: unknown): WireTrade | FrameRefusal {
  if (!isObject(value)) return refusal('BAD_FIELD', `trade ${JSON.stringify(value)} is no object`);
  const { s, p, t, v, c } = value;
  if (typeof s !== 'string' || !SYMBOL.test(s)) return refusal('BAD_SYMBOL', `s ${JSON.stringify(s)} does not match ${SYMBOL.source}`);
  // A number too large for a double is Infinity once parsed.
  if (typeof p !== 'number' || !Number.isFinite(p)) return refusal('BAD_FIELD', `${s}: p ${shownValue(p)} is no finite number`);
  if (typeof v !== 'number' || !(v >= 0 && v < Infinity)) return refusal('BAD_FIELD', `${s}: v ${shownValue(v)} is no number >= 0`);
  if (typeof t !== 'number' || !Number.isSafeInteger(t)) return refusal('BAD_FIELD', `${s}: t ${shownValue(t)} is no integer of ms`);
  if (c === undefined || c === null) return { s, p, t, v };
  if (!isConditions(c)) {
    return refusal(
      'BAD_FIELD',
      `${s}: c ${shownValue(c)} is no list of at most ${MAX_CONDITIONS} texts of ${MAX_CONDITION_LENGTH} characters`,
    );
  }
  return { s, p, t, v, c };
}

function isConditions(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_CONDITIONS &&
    value.every((code) => typeof code === 'string' && code.length <= MAX_CONDITION_LENGTH)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusedFrame(reason: FrameRefusalReason, detail: string): Frame {
  return { kind: 'refused', refusal: refusal(reason, detail) };
}

function refusal(reason: FrameRefusalReason, detail: string): FrameRefusal {
  return { reason, detail: shown(detail) };
}

/** Fit for one line of a log. */
function shown(text: string | undefined): string {
  const known = (text ?? 'nothing').replace(/\p{Cc}/gu, ' ');
  return known.length > MAX_DETAIL_LENGTH ? `${known.slice(0, MAX_DETAIL_LENGTH)}…` : known;
}

function shownValue(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}
