import { describe, expect, it } from 'vitest';
import { sensorLimits } from '#domain/sensor-limits.ts';
import { DEFAULT_SETTINGS, type Settings, zonesOf } from '#domain/settings.ts';

const settings: Settings = {
  ...DEFAULT_SETTINGS,
  sensors: [
    { match: 'oven_1*', profile: 'industrial', zone: 'America/New_York' },
    { match: '*.attic', profile: 'dht22', zone: 'Asia/Tokyo' },
  ],
};

describe('limits of sensors on a day', () => {
  it('are a row an assignment in their order, and one for all others', () => {
    const industrial = { profile: 'industrial', high_c: 80, critical_c: 90, expected_interval_ms: 300_000 };
    const dht22 = { profile: 'dht22', high_c: 30, critical_c: 35, expected_interval_ms: 60_000 };
    // Clocks in New York go back on that day.
    expect(sensorLimits('2013-11-03', settings)).toEqual([
      { rank: 1, pattern: 'oven\\_1%', ...industrial, day_ms: 25 * 3_600_000 },
      { rank: 2, pattern: '%.attic', ...dht22, day_ms: 24 * 3_600_000 },
      { rank: 3, pattern: '%', ...dht22, day_ms: 24 * 3_600_000 },
    ]);
  });

  it('need the profiles that are assigned', () => {
    const wrong = { ...settings, sensors: [{ match: 'a', profile: 'none', zone: 'UTC' }] };
    expect(() => sensorLimits('2013-11-03', wrong)).toThrow('profile "none", which is not configured');
  });
});

describe('zones of a source', () => {
  it('are those of equities and exchanges, or those of the assignments and of sensors without any', () => {
    expect(zonesOf('trades', settings)).toEqual(['America/New_York', 'UTC']);
    expect(zonesOf('readings', settings)).toEqual(['UTC', 'America/New_York', 'Asia/Tokyo']);
    expect(zonesOf('readings', DEFAULT_SETTINGS)).toEqual(['UTC']);
  });
});
