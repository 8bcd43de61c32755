import { clockRefusal, decodedOf, isCount, isObject, parseJson, refuse } from './decode-fields.ts';
import { type Decoded, Reading, ReadingNumber, type Refusal, type SourceRecord } from './events.ts';
import { hashText } from './hash.ts';
import { DEVICE_NAME } from './names.ts';
import type { Settings } from './settings.ts';

/** What IoT Core lets a device publish at most, bytes. */
const MAX_PAYLOAD_BYTES = 128 * 1024;
/** A timestamp below this is in seconds, else in ms. */
const SECONDS_BELOW = 1e11;

/** A number, or null for `null` and "nan"; undefined for anything that is no measurement. */
function measurementOf(value: unknown): number | null | undefined {
  if (value === null || (typeof value === 'string' && value.toLowerCase() === 'nan')) return null;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function numberedOf(boot: unknown, seq: unknown): Reading['numbered'] | undefined {
  const name = typeof boot === 'number' && isCount(boot) ? String(boot) : boot;
  if (name !== undefined && (typeof name !== 'string' || !DEVICE_NAME.test(name))) return undefined;
  if (seq !== undefined && !isCount(seq)) return undefined;
  return name === undefined || seq === undefined ? null : new ReadingNumber(name, seq);
}

function decodeReading(record: SourceRecord, device: string, value: unknown, settings: Settings): Reading | Refusal {
  if (!isObject(value)) return refuse(device, 'BAD_FIELD', 'a reading is a JSON object');
  const sensor = value['sensor_id'];
  if (sensor !== undefined && (typeof sensor !== 'string' || !DEVICE_NAME.test(sensor))) {
    return refuse(device, 'BAD_NAME', `sensor_id ${JSON.stringify(sensor)} does not match ${DEVICE_NAME.source}`);
  }
  const sensorId = sensor === undefined ? device : `${device}.${sensor}`;
  const timestamp = value['timestamp'];
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) {
    return refuse(sensorId, 'BAD_FIELD', `timestamp ${JSON.stringify(timestamp)} is no finite number of s or ms`);
  }
  const temperatureC = measurementOf(value['temperature']);
  if (temperatureC === undefined)
    return refuse(sensorId, 'BAD_FIELD', `temperature ${JSON.stringify(value['temperature'])} is no number, null or "nan"`);
  const humidityPct = value['humidity'] === undefined ? undefined : measurementOf(value['humidity']);
  if (humidityPct === undefined && value['humidity'] !== undefined) {
    return refuse(sensorId, 'BAD_FIELD', `humidity ${JSON.stringify(value['humidity'])} is no number, null or "nan"`);
  }
  const numbered = numberedOf(value['boot'], value['seq']);
  if (numbered === undefined) {
    return refuse(
      sensorId,
      'BAD_FIELD',
      `boot ${JSON.stringify(value['boot'])} is no name or count, or seq ${JSON.stringify(value['seq'])} no count`,
    );
  }
  const eventMs = Math.round(timestamp < SECONDS_BELOW ? timestamp * 1000 : timestamp);
  const clock = clockRefusal(sensorId, eventMs, record.arrivalMs, settings);
  if (clock) return clock;
  const eventId = numbered
    ? `${sensorId}.${numbered.boot}.${String(numbered.seq).padStart(12, '0')}`
    : `${sensorId}.${eventMs}.${hashText(`${temperatureC}|${humidityPct}`)}`;
  return new Reading(sensorId, eventId, numbered, eventMs, temperatureC, humidityPct, value['device_id'] !== undefined);
}

/** Decodes a `readings` record: what one device published, wrapped by the IoT rule with all its bytes. */
export function decodeReadings(record: SourceRecord, fields: Record<string, unknown>, name: string, settings: Settings): Decoded {
  const { payload, device_id: device } = fields;
  const whole = (refusal: Refusal): Decoded => ({ events: [], refusals: [refusal] });
  if (typeof device !== 'string' || !DEVICE_NAME.test(device))
    return whole(refuse(name, 'BAD_NAME', `device_id ${JSON.stringify(device)}`));
  if (device !== record.key) return whole(refuse(name, 'KEY_MISMATCH', `readings of ${device} under partition key ${record.key}`));
  if (typeof payload !== 'string') return whole(refuse(device, 'BAD_FIELD', 'payload is no base64 text'));
  const parsed = parseJson(Buffer.from(payload, 'base64'), device, MAX_PAYLOAD_BYTES);
  if ('reason' in parsed) return whole(parsed);
  const list = isObject(parsed.value) && 'readings' in parsed.value ? parsed.value['readings'] : [parsed.value];
  if (!Array.isArray(list) || list.length === 0) return whole(refuse(device, 'BAD_FIELD', 'readings is no list of at least one'));
  return decodedOf(list.map((value) => decodeReading(record, device, value, settings)));
}
