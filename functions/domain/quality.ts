/** Whether one reading can be trusted: a pure function of the reading and its profile. */
import type { Reading } from './events.ts';
import type { SensorProfile } from './settings.ts';

export const QUALITIES = ['OK', 'NAN', 'RANGE', 'SENTINEL', 'BIT_SHIFT'] as const;
export type Quality = (typeof QUALITIES)[number];

/**
 * A DHT22 frame read one bit late has the lowest bit of the byte before as its top bit: RH = 3276.8 + true/2 %, so for
 * a true 0..100 % it lies in this range, and the temperature is half of the true one: plausible, and wrong.
 */
const BIT_SHIFTED_HUMIDITY_PCT = { min: 3276.8, max: 3326.8 } as const;

/** What drivers answer in place of a failed read: 0 °C with 1 or 2 %, 0.1 °C or 1 °C with 1 % (ESPHome issue 397), and -999 (DHTLIB_INVALID_VALUE). */
function isSentinel(temperatureC: number, humidityPct: number | undefined): boolean {
  if (temperatureC === -999 || humidityPct === -999) return true;
  if (temperatureC === 0) return humidityPct === 1 || humidityPct === 2;
  return (temperatureC === 0.1 || temperatureC === 1) && humidityPct === 1;
}

/** One impossible field discredits the other: the verdict is about the whole reading. */
export function qualityOf(reading: Pick<Reading, 'temperatureC' | 'humidityPct'>, profile: SensorProfile): Quality {
  const { temperatureC, humidityPct } = reading;
  if (temperatureC === null || humidityPct === null) return 'NAN';
  const measuresHumidity = profile.humidityMinPct !== undefined && profile.humidityMaxPct !== undefined;
  if (measuresHumidity && humidityPct !== undefined) {
    if (humidityPct >= BIT_SHIFTED_HUMIDITY_PCT.min && humidityPct <= BIT_SHIFTED_HUMIDITY_PCT.max) return 'BIT_SHIFT';
    if (isSentinel(temperatureC, humidityPct)) return 'SENTINEL';
    if (humidityPct < profile.humidityMinPct || humidityPct > profile.humidityMaxPct) return 'RANGE';
  }
  if (isSentinel(temperatureC, undefined)) return 'SENTINEL';
  return temperatureC < profile.temperatureMinC || temperatureC > profile.temperatureMaxC ? 'RANGE' : 'OK';
}
