import { clockRefusal, decodedOf, isCount, isObject, refuse } from './decode-fields.ts';
import type { Decoded, Refusal, SourceRecord, Trade } from './events.ts';
import { SYMBOL } from './names.ts';
import type { Settings } from './settings.ts';

const SESSION = /^[A-Za-z0-9_-]{1,64}$/;
/** Numbers are written with this many digits in an event id, so that ids sort in the order of delivery. */
const NUMBER_DIGITS = 12;

/** `session.symbol.number`, fixed width per session and symbol. */
export function tradeEventId(session: string, symbol: string, number: number): string {
  return `${session}.${symbol}.${String(number).padStart(NUMBER_DIGITS, '0')}`;
}

function conditionsOf(value: unknown): readonly string[] | null | undefined {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) && value.every((code) => typeof code === 'string') ? value : undefined;
}

function decodeTrade(
  record: SourceRecord,
  symbol: string,
  session: string,
  number: number,
  value: unknown,
  settings: Settings,
): Trade | Refusal {
  if (!isObject(value)) return refuse(symbol, 'BAD_FIELD', `trade ${number} is no object`);
  const { p: price, t: eventMs, v: size } = value;
  if (typeof price !== 'number' || !Number.isFinite(price))
    return refuse(symbol, 'BAD_FIELD', `trade ${number}: p ${JSON.stringify(price)} is no finite number`);
  if (typeof size !== 'number' || !(size >= 0 && size < Infinity))
    return refuse(symbol, 'BAD_FIELD', `trade ${number}: v ${JSON.stringify(size)} is no number >= 0`);
  if (!Number.isSafeInteger(eventMs))
    return refuse(symbol, 'BAD_FIELD', `trade ${number}: t ${JSON.stringify(eventMs)} is no integer of ms`);
  const conditions = conditionsOf(value['c']);
  if (conditions === undefined) return refuse(symbol, 'BAD_FIELD', `trade ${number}: c is no list of strings`);
  const clock = clockRefusal(symbol, eventMs as number, record.arrivalMs, settings);
  if (clock) return clock;
  return {
    type: 'trade',
    symbol,
    eventId: tradeEventId(session, symbol, number),
    session,
    number,
    eventMs: eventMs as number,
    price,
    size,
    conditions,
  };
}

/** Decodes a `trades` record: consecutive trades of one symbol, the first one's number in `n`. */
export function decodeTrades(record: SourceRecord, fields: Record<string, unknown>, name: string, settings: Settings): Decoded {
  const { symbol, session, n, trades } = fields;
  const whole = (refusal: Refusal): Decoded => ({ events: [], refusals: [refusal] });
  if (typeof symbol !== 'string' || !SYMBOL.test(symbol)) return whole(refuse(name, 'BAD_NAME', `symbol ${JSON.stringify(symbol)}`));
  if (symbol !== record.key) return whole(refuse(name, 'KEY_MISMATCH', `trades of ${symbol} under partition key ${record.key}`));
  if (typeof session !== 'string' || !SESSION.test(session))
    return whole(refuse(symbol, 'BAD_FIELD', `session ${JSON.stringify(session)} does not match ${SESSION.source}`));
  if (!Array.isArray(trades) || trades.length === 0) return whole(refuse(symbol, 'BAD_FIELD', 'trades is no list of at least one'));
  if (!isCount(n) || n + trades.length > 10 ** NUMBER_DIGITS)
    return whole(refuse(symbol, 'BAD_FIELD', `n ${JSON.stringify(n)} is not within 0..10^${NUMBER_DIGITS}`));
  return decodedOf(trades.map((value, index) => decodeTrade(record, symbol, session, n + index, value, settings)));
}
