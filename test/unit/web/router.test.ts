import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute } from '../../../web/router.js';

const placeOf = (hash: string) => {
  const { page, key, params } = parseRoute(hash);
  return [page, key, params.toString()];
};

describe('addresses within the page', () => {
  it.each([
    ['', ['overview', '', '']],
    ['#', ['overview', '', '']],
    ['#/', ['overview', '', '']],
    ['#/?filter=roof&page=2', ['overview', '', 'filter=roof&page=2']],
    ['#/sensors/press.bearing-2', ['sensor', 'press.bearing-2', '']],
    ['#/sensors/x?range=24h', ['sensor', 'x', 'range=24h']],
    ['#/symbols/BINANCE%3ABTCUSDT', ['symbol', 'BINANCE:BTCUSDT', '']],
    ['#/symbols/FX%3AUSD%2FJPY', ['symbol', 'FX:USD/JPY', '']],
    ['#/alarms/roof-1:temperature-instant', ['alarm', 'roof-1:temperature-instant', '']],
    ['#/batch', ['runs', '', '']],
    ['#/batch/20131008T041000Z-0a1b2c3d', ['run', '20131008T041000Z-0a1b2c3d', '']],
  ])('%s is read', (hash, place) => expect(placeOf(hash)).toEqual(place));

  it.each([
    '#/sensors',
    '#/sensors/',
    '#/sensors/a/b',
    '#/sensors/a.b.c',
    '#/sensors/%3Cimg%20src%3Dx%3E',
    '#/sensors/..%2f..%2fv1',
    '#/symbols/a%20b',
    '#/alarms/roof-1',
    '#/batch/newest',
    '#/batch/20131008T041000Z-0a1b2c3d/x',
    '#/sensors/%E0%A4',
    '#/__proto__/x',
    '#/constructor/x',
    '#sensors',
    `#/sensors/${'a'.repeat(65)}`,
    `#/sensors/${'a'.repeat(1_000_000)}`,
  ])('%.40s leads nowhere, and asks for nothing', (hash) => expect(placeOf(hash).slice(0, 2)).toEqual(['unknown', '']));

  it('comes back from any address it gives', () => {
    const name = fc.string({ unit: fc.constantFrom(...'aZ09_-'), minLength: 1, maxLength: 64 });
    const sensor = fc.oneof(
      name,
      fc.tuple(name, name).map((parts) => parts.join('.')),
    );
    const place = fc.oneof(
      sensor.map((key) => ({ page: 'sensor' as const, key })),
      fc.string({ unit: fc.constantFrom(...'aZ09._:/-'), minLength: 1, maxLength: 64 }).map((key) => ({ page: 'symbol' as const, key })),
      sensor.map((key) => ({ page: 'alarm' as const, key: `${key}:temperature-average` })),
      fc.constant({ page: 'overview' as const, key: '' }),
      fc.constant({ page: 'runs' as const, key: '' }),
      fc.constant({ page: 'run' as const, key: '20131008T041000Z-0a1b2c3d' }),
    );
    const value = fc.string({ unit: 'binary', maxLength: 20 });
    const query = fc.record({ range: value, filter: value }, { requiredKeys: [] }).map((params) => new URLSearchParams(params));
    fc.assert(
      fc.property(place, ({ page, key }) => {
        expect(placeOf(hrefOf(page, key))).toEqual([page, key, '']);
      }),
    );
    fc.assert(
      fc.property(query, (params) => {
        expect(placeOf(hrefOf('sensor', 'a', params))).toEqual(['sensor', 'a', params.toString()]);
      }),
    );
  });

  it('never throws, whatever stands in the address', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseRoute(`#${text}`)));
  });
});
