import { describe, expect, it } from 'vitest';
import { deltaBetween, deltaOf, withDeltas } from '#domain/deltas.ts';

const at = (eventMs: number, price: number, eventId = `s.X.${eventMs}`) => ({ eventMs, eventId, price });

describe('deltas', () => {
  it('relate the change to the price before: from 200 to 201 it is 1 and 0.5 %', () => {
    expect(deltaBetween(200, 201)).toEqual({ absolutePriceChange: 1, percentageChange: 0.5 });
  });

  it('keep the sign of a fall', () => {
    expect(deltaBetween(200, 190)).toEqual({ absolutePriceChange: -10, percentageChange: -5 });
  });

  it('are unknown without a trade before', () => {
    expect(deltaBetween(null, 10)).toEqual({ absolutePriceChange: null, percentageChange: null });
  });

  it('have no percentage of a price of zero', () => {
    expect(deltaBetween(0, 10)).toEqual({ absolutePriceChange: 10, percentageChange: null });
  });

  it('follow event time, not arrival, and the event id where times are equal', () => {
    const rows = withDeltas([at(3, 40), at(1, 10), at(2, 30, 'b'), at(2, 20, 'a')]);
    expect(rows.map(({ price, absolutePriceChange }) => [price, absolutePriceChange])).toEqual([
      [10, null],
      [20, 10],
      [30, 10],
      [40, 10],
    ]);
  });

  it('of an event look at the newest trade before it only, wherever that stands', () => {
    const trades = [at(5, 50), at(9, 90), at(1, 10), at(7, 70)];
    expect(deltaOf(at(8, 84), trades)).toEqual({ absolutePriceChange: 14, percentageChange: 20 });
    expect(deltaOf(at(9, 90), trades).absolutePriceChange).toBe(20);
    expect(deltaOf(at(1, 10), trades).absolutePriceChange).toBeNull();
  });
});
