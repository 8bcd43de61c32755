import { describe, expect, it } from 'vitest';
import { qualityOf } from '#domain/quality.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';

const { dht22, industrial } = DEFAULT_SETTINGS.profiles as Required<typeof DEFAULT_SETTINGS.profiles>;

describe('quality of a DHT22 reading', () => {
  it.each([
    [28.6, 53.6, 'OK'],
    [14.3, 3303.6, 'BIT_SHIFT'],
    [14.3, 3276.8, 'BIT_SHIFT'],
    [14.3, 3326.8, 'BIT_SHIFT'],
    [14.3, 3276.7, 'RANGE'],
    [14.3, 3326.9, 'RANGE'],
    [-40, 0, 'OK'],
    [80, 100, 'OK'],
    [-40.1, 50, 'RANGE'],
    [80.1, 50, 'RANGE'],
    [20, 100.1, 'RANGE'],
    [20, -0.1, 'RANGE'],
    [20, 4.3, 'OK'],
    [null, 50, 'NAN'],
    [20, null, 'NAN'],
    [null, 3303, 'NAN'],
    [20, undefined, 'OK'],
    [null, undefined, 'NAN'],
    [0, 1, 'SENTINEL'],
    [0, 2, 'SENTINEL'],
    [0, 3, 'OK'],
    [1, 1, 'SENTINEL'],
    [0.1, 1, 'SENTINEL'],
    [-999, -999, 'SENTINEL'],
    [-999, undefined, 'SENTINEL'],
  ])('%s °C with %s %% is %s', (temperatureC, humidityPct, quality) => {
    expect(qualityOf({ temperatureC, humidityPct }, dht22!)).toBe(quality);
  });

  it('takes an industrial temperature by its own range, and no humidity into account', () => {
    expect(qualityOf({ temperatureC: 108, humidityPct: undefined }, industrial!)).toBe('OK');
    expect(qualityOf({ temperatureC: 200.1, humidityPct: undefined }, industrial!)).toBe('RANGE');
    expect(qualityOf({ temperatureC: 20, humidityPct: 3303 }, industrial!)).toBe('OK');
  });
});
