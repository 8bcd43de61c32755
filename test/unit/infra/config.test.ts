import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { MAX_SETTINGS_BYTES, resolveConfig, settingsOf } from '../../../infra/config.ts';

const CELLAR = { temperatureMinC: -20, temperatureMaxC: 60, highC: 16, criticalC: 18, hysteresisC: 0, expectedIntervalMs: 60_000 };
const profile = (field: string, value: unknown) => ({ profiles: { cellar: { ...CELLAR, [field]: value } } });
const humidity = (min: number, max: number) => ({ profiles: { cellar: { ...CELLAR, humidityMinPct: min, humidityMaxPct: max } } });
const symbols = (count: number) => ({ symbols: Array.from({ length: count }, (_, index) => `S${index}`) });
const sensors = (count: number) => ({ sensors: Array.from({ length: count }, () => ({ match: '*' })) });
const sensor = (fields: object) => ({ sensors: [{ match: 'a', ...fields }] });

describe('resolveConfig', () => {
  it('has a default for everything', () => {
    const config = resolveConfig(undefined);
    expect(config).toEqual(resolveConfig({}));
    expect(config).toMatchObject({
      stage: 'dev',
      shards: { trades: 1, readings: 1, alerts: 1 },
      streamRetentionHours: 168,
      api: { auth: 'iam' },
      archive: { batchingWindowSeconds: 60 },
      batch: { parallelDays: 2 },
      dataRemoval: 'retain',
    });
    expect(settingsOf(config)).toEqual(DEFAULT_SETTINGS);
  });

  it('gives back what it made', () => {
    const config = resolveConfig({ ...profile('hysteresisC', 2), ...sensor({ zone: 'Asia/Tokyo' }), stage: 'x' });
    expect(resolveConfig(config)).toEqual(config);
  });

  it('fills windows and sensors that are given in part, and adds profiles to the built-in ones', () => {
    const config = resolveConfig({ trades: { graceMs: 1 }, ...profile('highC', 10), ...sensor({}) });
    expect(config.trades).toEqual({ ...DEFAULT_SETTINGS.trades, graceMs: 1 });
    expect(config.profiles).toEqual({ ...DEFAULT_SETTINGS.profiles, cellar: { ...CELLAR, highC: 10 } });
    expect(config.sensors).toEqual([{ match: 'a', profile: 'dht22', zone: 'UTC' }]);
  });

  // Each pair of bounds: the last value that is allowed, the first that is not.
  it.each([
    ['stage', { stage: 'a'.padEnd(20, '9') }, { stage: 'a'.padEnd(21, '9') }],
    ['stage', { stage: 'a-' }, { stage: '9' }],
    ['shards.trades', { shards: { trades: 1 } }, { shards: { trades: 0 } }],
    ['shards.trades', { shards: { trades: 200 } }, { shards: { trades: 201 } }],
    ['shards.readings', { shards: { readings: 1 } }, { shards: { readings: 0 } }],
    ['shards.readings', { shards: { readings: 200 } }, { shards: { readings: 201 } }],
    ['shards.alerts', { shards: { alerts: 1 } }, { shards: { alerts: 0 } }],
    ['shards.alerts', { shards: { alerts: 200 } }, { shards: { alerts: 201 } }],
    ['streamRetentionHours', { streamRetentionHours: 24 }, { streamRetentionHours: 23 }],
    ['streamRetentionHours', { streamRetentionHours: 8_760 }, { streamRetentionHours: 8_761 }],
    ['symbols', symbols(1), symbols(0)],
    ['symbols', symbols(50), symbols(51)],
    ['symbols[0]', { symbols: ['A'.repeat(64)] }, { symbols: ['A'.repeat(65)] }],
    ['symbols', { symbols: ['A', 'a'] }, { symbols: ['A', 'A'] }],
    ['symbols[0]', { symbols: ['OANDA:EUR_USD'] }, { symbols: ['A,B'] }],
    ['trades.windowMs', { trades: { windowMs: 1_000, latenessMs: 0 } }, { trades: { windowMs: 999, latenessMs: 0 } }],
    ['trades.windowMs', { trades: { windowMs: 900_000 } }, { trades: { windowMs: 900_001 } }],
    ['trades.windowMs', { trades: { windowMs: 180_000 } }, { trades: { windowMs: 240_000 } }],
    ['trades.graceMs', { trades: { graceMs: 0 } }, { trades: { graceMs: -1 } }],
    ['trades.graceMs', { trades: { graceMs: 900_000 } }, { trades: { graceMs: 900_001 } }],
    ['trades.latenessMs', { trades: { latenessMs: 0 } }, { trades: { latenessMs: -1 } }],
    ['trades.latenessMs', { trades: { latenessMs: 14_400_000 } }, { trades: { latenessMs: 14_400_001 } }],
    ['trades.idleMs', { trades: { idleMs: 1_000 } }, { trades: { idleMs: 999 } }],
    ['trades.idleMs', { trades: { idleMs: 86_400_000 } }, { trades: { idleMs: 86_400_001 } }],
    ['readings.windowMs', { readings: { windowMs: 900_000 } }, { readings: { windowMs: 899_999 } }],
    ['readings.graceMs', { readings: { graceMs: 900_000 } }, { readings: { graceMs: 900_001 } }],
    ['readings.latenessMs', { readings: { latenessMs: 72_000_000 } }, { readings: { latenessMs: 72_000_001 } }],
    ['readings.idleMs', { readings: { idleMs: 1_000 } }, { readings: { idleMs: 999 } }],
    ['clockSkewMs', { clockSkewMs: 0 }, { clockSkewMs: -1 }],
    ['clockSkewMs', { clockSkewMs: 86_400_000 }, { clockSkewMs: 86_400_001 }],
    ['speedRetentionDays', { speedRetentionDays: 1 }, { speedRetentionDays: 0 }],
    ['speedRetentionDays', { speedRetentionDays: 365 }, { speedRetentionDays: 366 }],
    ['profiles.cellar.temperatureMinC', profile('temperatureMinC', -273.15), profile('temperatureMinC', -273.16)],
    ['profiles.cellar.temperatureMaxC', profile('temperatureMaxC', 5_000), profile('temperatureMaxC', 5_000.1)],
    ['profiles.cellar.temperatureMaxC', profile('temperatureMaxC', -19.9), profile('temperatureMaxC', -20)],
    ['profiles.cellar.criticalC', profile('criticalC', 16.1), profile('criticalC', 16)],
    ['profiles.cellar.highC', profile('highC', -273.15), profile('highC', -273.16)],
    ['profiles.cellar.hysteresisC', profile('hysteresisC', 0), profile('hysteresisC', -0.1)],
    ['profiles.cellar.hysteresisC', profile('hysteresisC', 1_000), profile('hysteresisC', 1_000.1)],
    ['profiles.cellar.expectedIntervalMs', profile('expectedIntervalMs', 1_000), profile('expectedIntervalMs', 999)],
    ['profiles.cellar.expectedIntervalMs', profile('expectedIntervalMs', 86_400_000), profile('expectedIntervalMs', 86_400_001)],
    ['profiles.cellar.humidityMinPct', humidity(0, 100), humidity(-0.1, 100)],
    ['profiles.cellar.humidityMaxPct', humidity(0, 100), humidity(0, 100.1)],
    ['profiles.cellar.humidityMaxPct', humidity(50, 50.1), humidity(50, 50)],
    ['profiles.cellar.humidityMaxPct', humidity(0, 100), profile('humidityMinPct', 0)],
    ['profiles', { profiles: { ['p'.repeat(64)]: CELLAR } }, { profiles: { ['p'.repeat(65)]: CELLAR } }],
    ['sensors', sensors(0), { sensors: {} }],
    ['sensors', sensors(55), sensors(101)],
    ['sensors[0].match', sensor({ match: 'dev-1.probe_*' }), sensor({ match: 'dev/1' })],
    ['sensors[0].profile', sensor({ profile: 'industrial' }), sensor({ profile: 'cellar' })],
    ['sensors[0].zone', sensor({ zone: 'America/Argentina/Buenos_Aires' }), sensor({ zone: 'Europe/Nowhere' })],
    ['sensors[0].zone', sensor({ zone: 'Etc/GMT+5' }), sensor({ zone: '+00:07' })],
    ['api.auth', { api: { auth: 'none' } }, { api: { auth: 'open' } }],
    ['archive.batchingWindowSeconds', { archive: { batchingWindowSeconds: 0 } }, { archive: { batchingWindowSeconds: -1 } }],
    ['archive.batchingWindowSeconds', { archive: { batchingWindowSeconds: 300 } }, { archive: { batchingWindowSeconds: 301 } }],
    ['batch.parallelDays', { batch: { parallelDays: 1 } }, { batch: { parallelDays: 0 } }],
    ['batch.parallelDays', { batch: { parallelDays: 10 } }, { batch: { parallelDays: 11 } }],
    ['dataRemoval', { dataRemoval: 'destroy' }, { dataRemoval: 'delete' }],
  ])('%s: takes the last allowed value and refuses the next, naming field and value', (field, allowed, refused) => {
    expect(() => resolveConfig(allowed)).not.toThrow();
    expect(() => resolveConfig(refused)).toThrow(`config.${field}`);
  });

  it.each([
    ['streamRetentionHours', '48', 'a whole number from 24 to 8760, not "48"'],
    ['streamRetentionHours', 48.5, 'a whole number from 24 to 8760, not 48.5'],
    ['clockSkewMs', Number.NaN, 'a whole number from 0 to 86400000'],
    ['dataRemoval', true, 'one of retain, destroy, not true'],
    ['symbols', 'AAPL', 'a list of 1 to 50 elements, not "AAPL"'],
    ['shards', 4, 'an object, not 4'],
    ['api', ['iam'], 'an object, not ["iam"]'],
  ])('%s = %s is refused with what is allowed', (field, value, message) => {
    expect(() => resolveConfig({ [field]: value })).toThrow(`config.${field} must be ${message}`);
  });

  it.each([
    [{ shard: {} }, 'config.shard is no field'],
    [{ shards: { trade: 1 } }, 'config.shards.trade is no field; known here: trades, readings, alerts'],
    [{ trades: { window: 1 } }, 'config.trades.window is no field'],
    [profile('maxC', 1), 'config.profiles.cellar.maxC is no field'],
    [sensor({ timezone: 'UTC' }), 'config.sensors[0].timezone is no field'],
    [{ api: { key: 'x' } }, 'config.api.key is no field'],
    [{ archive: { windowS: 1 } }, 'config.archive.windowS is no field'],
    ['dev', 'config must be an object, not "dev"'],
    [null, 'config must be an object, not null'],
  ])('refuses %j: %s', (input, message) => {
    expect(() => resolveConfig(input)).toThrow(message);
  });

  it('keeps the settings small enough for the environment of a function', () => {
    const withBytes = (bytes: number) => {
      const bare = JSON.stringify(settingsOf(resolveConfig({ sensors: [] }))).length;
      const each = JSON.stringify({ match: 'a', profile: 'dht22', zone: 'UTC' }).length;
      const count = Math.ceil((bytes - bare) / (each + 100));
      const spare = bytes - bare - (count - 1) - count * (each - 1);
      const lengths = Array.from({ length: count }, (_, index) => Math.floor(spare / count) + (index < spare % count ? 1 : 0));
      return { sensors: lengths.map((length) => ({ match: 'a'.repeat(length) })) };
    };
    const largest = resolveConfig(withBytes(MAX_SETTINGS_BYTES));
    expect(JSON.stringify(settingsOf(largest))).toHaveLength(3_072);
    expect(() => resolveConfig(withBytes(MAX_SETTINGS_BYTES + 1))).toThrow(
      'config.profiles and config.sensors must be at most 3072 bytes of JSON with the other settings, not 3073',
    );
  });
});
