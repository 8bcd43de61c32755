import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, profileNameOf, profileOf, type Settings, zoneOf } from '#domain/settings.ts';

const settings: Settings = {
  ...DEFAULT_SETTINGS,
  sensors: [
    { match: 'oven-1', profile: 'industrial', zone: 'Europe/Berlin' },
    { match: 'oven-*', profile: 'industrial', zone: 'Asia/Tokyo' },
    { match: '*.attic', profile: 'missing', zone: 'UTC' },
  ],
};

describe('the assignment of a sensor', () => {
  it.each([
    ['oven-1', 'industrial', 'Europe/Berlin'],
    ['oven-12', 'industrial', 'Asia/Tokyo'],
    ['oven-', 'industrial', 'Asia/Tokyo'],
    ['my-oven-1', 'dht22', 'UTC'],
    ['oven', 'dht22', 'UTC'],
  ])('of %s is profile %s and zone %s: the first match, whole and literal but for *', (sensorId, profile, zone) => {
    expect([profileNameOf(sensorId, settings), zoneOf('readings', sensorId, settings)]).toEqual([profile, zone]);
  });

  it('takes a dot for a dot', () => {
    expect(profileNameOf('houseXattic', settings)).toBe('dht22');
    expect(profileNameOf('house.attic', settings)).toBe('missing');
  });

  it('to a profile that is not configured is an error naming both', () => {
    expect(() => profileOf('house.attic', settings)).toThrow('sensor house.attic is assigned to profile "missing"');
    expect(profileOf('oven-1', settings).criticalC).toBe(90);
  });
});

describe('the zone of a symbol', () => {
  it.each([
    ['AAPL', 'America/New_York'],
    ['BRK.B', 'America/New_York'],
    ['BINANCE:BTCUSDT', 'UTC'],
    ['OANDA:EUR_USD', 'UTC'],
  ])('%s trades by %s', (symbol, zone) => {
    expect(zoneOf('trades', symbol, settings)).toBe(zone);
  });
});
