/** Records of the stream `alerts`: what the speed layer decided, read back with every field checked. */
import { isCount, isObject, parseJson, refuse } from '#domain/decode-fields.ts';
import { type Refusal, type SourceRecord, UNATTRIBUTED } from '#domain/events.ts';
import { isSensorId } from '#domain/names.ts';

/** What a field holds. A time is ISO 8601 UTC with milliseconds, and ms since the epoch in a decoded alert. */
export type FieldKind = 'text' | 'count' | 'number' | 'number or null' | 'time';

/** Fields of each kind of alert, in the order of its table's columns. */
export const ALERT_FIELDS = {
  instant: {
    alert_id: 'text',
    alarm_id: 'text',
    sensor_id: 'text',
    rule: 'text',
    rule_version: 'count',
    state: 'text',
    severity: 'text',
    previous_severity: 'text',
    event_time: 'time',
    value: 'number',
    threshold: 'number',
    revision: 'count',
  },
  avg_temp: {
    alert_id: 'text',
    sensor_id: 'text',
    window_start: 'time',
    window_end: 'time',
    reading_count: 'count',
    temperature_c_mean: 'number or null',
    temperature_c_min: 'number or null',
    temperature_c_max: 'number or null',
    humidity_pct_mean: 'number or null',
    severity: 'text',
    revision: 'count',
    event_time: 'time',
  },
} as const satisfies Record<string, Record<string, FieldKind>>;

export type AlertKind = keyof typeof ALERT_FIELDS;

export interface Alert {
  readonly kind: AlertKind;
  /** By field name; a time in ms since the epoch. */
  readonly fields: Readonly<Record<string, string | number | null>>;
}

/** Far above what the speed layer writes, bytes. */
const MAX_ALERT_BYTES = 64 * 1024;
const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Decodes one alert record; unknown fields are ignored. Total: what cannot be read is a refusal. */
export function decodeAlert(record: SourceRecord): Alert | Refusal {
  const name = isSensorId(record.key) ? record.key : UNATTRIBUTED;
  const parsed = parseJson(record.bytes, name, MAX_ALERT_BYTES);
  if ('reason' in parsed) return parsed;
  const { value } = parsed;
  if (!isObject(value)) return refuse(name, 'BAD_FIELD', 'an alert is a JSON object');
  if (value['v'] !== 1) return refuse(name, 'UNKNOWN_VERSION', `v is ${JSON.stringify(value['v'])}, known is 1`);
  const kind = value['kind'];
  if (kind !== 'instant' && kind !== 'avg_temp') {
    return refuse(name, 'UNKNOWN_TYPE', `kind is ${JSON.stringify(kind)}, known are "instant" and "avg_temp"`);
  }
  const fields: Record<string, string | number | null> = {};
  for (const [field, expected] of Object.entries<FieldKind>(ALERT_FIELDS[kind])) {
    const read = fieldOf(expected, value[field]);
    if (read === undefined) return refuse(name, 'BAD_FIELD', `${field} ${JSON.stringify(value[field])} is no ${expected}`);
    fields[field] = read;
  }
  return { kind, fields };
}

function fieldOf(expected: FieldKind, value: unknown): string | number | null | undefined {
  switch (expected) {
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'count':
      return isCount(value) ? value : undefined;
    case 'number or null':
      if (value === null) return null;
      return Number.isFinite(value) ? (value as number) : undefined;
    case 'number':
      return Number.isFinite(value) ? (value as number) : undefined;
    case 'time': {
      const ms = typeof value === 'string' && ISO_UTC.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(ms) ? undefined : ms;
    }
  }
}
