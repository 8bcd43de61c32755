import { describe, expect, it } from 'vitest';
import { type KeyDays, reconcile } from '#domain/reconciliation.ts';
import type { Row } from '#domain/rows.ts';

const TRADE_DAY: Row = {
  trade_count: 10,
  volume: 1000,
  min_price: 1,
  max_price: 3,
  open_price: 1.5,
  close_price: 2.5,
  vwap: 2,
  first_event_time: '2013-10-08T13:30:00.000Z',
  last_event_time: '2013-10-08T20:00:00.000Z',
  price_update_count: 4,
};

const trades = (batch: Row | null, speed: Row | null, late: Record<string, number> = {}): KeyDays => ({ key: 'IBM', batch, speed, late });

describe('reconciliation', () => {
  it('finds nothing where the layers agree, sums to a billionth', () => {
    const speed = { ...TRADE_DAY, volume: 1000 * (1 + 9e-10), vwap: 2 * (1 - 9e-10), price_update_count: null };
    expect(reconcile('trades', [trades(TRADE_DAY, speed)])).toEqual({
      keys: 1,
      differing: 0,
      difference: 0,
      explained: 0,
      reasons: {},
      unexplainedKeys: 0,
      differences: [],
    });
  });

  it('passes keys that neither layer has the day of', () => {
    expect(reconcile('trades', [trades(null, null, { LATENESS: 3 })])).toMatchObject({ keys: 0, differing: 0 });
  });

  it('explains what the speed layer lacks by its late ledger, to the last event', () => {
    const found = reconcile('trades', [
      trades(TRADE_DAY, { ...TRADE_DAY, trade_count: 4, volume: 400 }, { LATENESS: 3, GAP_GIVEN_UP: 2, SESSION_RETIRED: 9 }),
    ]);
    expect(found).toMatchObject({ differing: 1, difference: 6, explained: 6, unexplainedKeys: 0 });
    expect(found.reasons).toEqual({ LATENESS: 3, GAP_GIVEN_UP: 2, SESSION_RETIRED: 1 });
    expect(found.differences).toEqual([
      {
        name: 'IBM',
        batchCount: 10,
        speedCount: 4,
        difference: 6,
        explained: 6,
        reasons: { LATENESS: 3, GAP_GIVEN_UP: 2, SESSION_RETIRED: 1 },
        fields: [{ field: 'volume', batch: 1000, speed: 400 }],
      },
    ]);
  });

  it('names what no ledger explains', () => {
    const found = reconcile('trades', [trades(TRADE_DAY, { ...TRADE_DAY, trade_count: 4 }, { LATENESS: 5 })]);
    expect(found).toMatchObject({ difference: 6, explained: 5, unexplainedKeys: 1, reasons: { LATENESS: 5, UNEXPLAINED: 1 } });
  });

  it('explains by no late event that the speed layer counts more than the batch', () => {
    const found = reconcile('trades', [trades(TRADE_DAY, { ...TRADE_DAY, trade_count: 12 }, { LATENESS: 5 })]);
    expect(found).toMatchObject({ difference: 2, explained: 0, unexplainedKeys: 1, reasons: { UNEXPLAINED: 2 } });
  });

  it('finds a key that one of the layers has not', () => {
    const found = reconcile('trades', [trades(TRADE_DAY, null, { LATENESS: 10 }), { ...trades(null, TRADE_DAY), key: 'AIG' }]);
    expect(found).toMatchObject({ keys: 2, differing: 2, difference: 20, explained: 10, unexplainedKeys: 1 });
    expect(found.differences.map(({ name, batchCount, speedCount }) => [name, batchCount, speedCount])).toEqual([
      ['IBM', 10, 0],
      ['AIG', 0, 10],
    ]);
  });

  it.each([
    ['min_price', 1.0000000001],
    ['max_price', 3.0000000001],
    ['open_price', 1.5000000001],
    ['close_price', 2.5000000001],
    ['volume', 1000 * (1 + 2e-9)],
    ['vwap', 2 * (1 + 2e-9)],
    ['first_event_time', '2013-10-08T13:30:00.001Z'],
    ['last_event_time', '2013-10-08T20:00:00.001Z'],
  ])('finds %s to differ although both count the same', (field, value) => {
    const found = reconcile('trades', [trades(TRADE_DAY, { ...TRADE_DAY, [field]: value })]);
    expect(found).toMatchObject({ differing: 1, difference: 0, explained: 0, unexplainedKeys: 1, reasons: { UNEXPLAINED_VALUE: 1 } });
    expect(found.differences[0]!.fields).toEqual([{ field, batch: TRADE_DAY[field], speed: value }]);
  });

  it('compares what sensors have, a missing humidity included', () => {
    const day: Row = {
      reading_count: 2,
      temperature_c_mean: 20,
      temperature_c_min: 19,
      temperature_c_max: 21,
      humidity_pct_mean: null,
      humidity_pct_min: null,
      humidity_pct_max: null,
      nan_count: 1,
    };
    expect(reconcile('readings', [{ key: 'dev-1', batch: day, speed: { ...day, nan_count: null }, late: {} }])).toMatchObject({
      differing: 0,
    });
    const wet = { ...day, humidity_pct_mean: 50 };
    const found = reconcile('readings', [{ key: 'dev-1', batch: day, speed: wet, late: {} }]);
    expect(found.differences[0]!.fields).toEqual([{ field: 'humidity_pct_mean', batch: null, speed: 50 }]);
  });
});
