/** Bytes of a stream record → events, or refusals with their reason. Nothing in, nothing lost: each element ends in one of the two; only gap marks are neither. */

import { isCount, isObject, parseJson, refuse } from './decode-fields.ts';
import { decodeReadings } from './decode-readings.ts';
import { decodeTrades } from './decode-trades.ts';
import { type Decoded, type Refusal, type SourceRecord, UNATTRIBUTED } from './events.ts';
import { DEVICE_NAME, deviceOf, isSensorId, SYMBOL } from './names.ts';
import type { Settings, SourceName } from './settings.ts';

/** Largest stream record that is decoded, bytes: above what feed and IoT Core (128 KiB, base64) can produce. */
export const MAX_RECORD_BYTES = 256 * 1024;

function decodeTimer(source: SourceName, record: SourceRecord, fields: Record<string, unknown>, name: string): Decoded {
  const { key, due } = fields;
  const valid = typeof key === 'string' && (source === 'trades' ? SYMBOL.test(key) : isSensorId(key));
  if (!valid) return { events: [], refusals: [refuse(name, 'BAD_NAME', `timer key ${JSON.stringify(key)}`)] };
  if ((source === 'trades' ? key : deviceOf(key)) !== record.key) {
    return { events: [], refusals: [refuse(name, 'KEY_MISMATCH', `timer of ${key} under partition key ${record.key}`)] };
  }
  if (!Number.isSafeInteger(due)) return { events: [], refusals: [refuse(key, 'BAD_FIELD', `due ${JSON.stringify(due)} is no integer`)] };
  return { events: [{ type: 'timer', name: key, dueMs: due as number }], refusals: [] };
}

/**
 * A mark of the feed that nothing was heard of a symbol from when to when; null on one side: since it is not subscribed any more,
 * or until it was. It is no event of the symbol, so nothing counts it and
 * nothing becomes of it: it is there for whoever reads the stream. One that is malformed is refused like anything else.
 */
function decodeGap(record: SourceRecord, fields: Record<string, unknown>, name: string): Decoded {
  const { symbol, from, to } = fields;
  const whole = (refusal: Refusal): Decoded => ({ events: [], refusals: [refusal] });
  if (typeof symbol !== 'string' || !SYMBOL.test(symbol)) return whole(refuse(name, 'BAD_NAME', `symbol ${JSON.stringify(symbol)}`));
  if (symbol !== record.key) return whole(refuse(name, 'KEY_MISMATCH', `gap of ${symbol} under partition key ${record.key}`));
  const isOpen = (from === null && isCount(to)) || (isCount(from) && to === null);
  if (!isOpen && !(isCount(from) && isCount(to) && from < to)) {
    return whole(refuse(symbol, 'BAD_FIELD', `gap from ${JSON.stringify(from)} to ${JSON.stringify(to)} is no interval of ms`));
  }
  return { events: [], refusals: [] };
}

/**
 * Decodes one record of a source's stream. Total: every input but a gap mark gives events or refusals, and a record that cannot be
 * read at all is one refusal, counted under its partition key if that is a valid name.
 */
export function decodeRecord(source: SourceName, record: SourceRecord, settings: Settings): Decoded {
  const name = (source === 'trades' ? SYMBOL : DEVICE_NAME).test(record.key) ? record.key : UNATTRIBUTED;
  const parsed = parseJson(record.bytes, name, MAX_RECORD_BYTES);
  if ('reason' in parsed) return { events: [], refusals: [parsed] };
  const fields = parsed.value;
  if (!isObject(fields)) return { events: [], refusals: [refuse(name, 'BAD_FIELD', 'a record is a JSON object')] };
  if (fields['v'] !== 1)
    return { events: [], refusals: [refuse(name, 'UNKNOWN_VERSION', `v is ${JSON.stringify(fields['v'])}, known is 1`)] };
  if (fields['type'] === 'timer') return decodeTimer(source, record, fields, name);
  if (fields['type'] === 'gap' && source === 'trades') return decodeGap(record, fields, name);
  if (fields['type'] !== source) {
    return {
      events: [],
      refusals: [
        refuse(
          name,
          'UNKNOWN_TYPE',
          `type is ${JSON.stringify(fields['type'])}, known are "${source}"${source === 'trades' ? ', "gap"' : ''} and "timer"`,
        ),
      ],
    };
  }
  return source === 'trades' ? decodeTrades(record, fields, name, settings) : decodeReadings(record, fields, name, settings);
}
