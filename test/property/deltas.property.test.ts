/** Deltas against a naive recount that looks for the trade before each one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaOf, withDeltas } from '#domain/deltas.ts';

interface Priced {
  eventMs: number;
  eventId: string;
  price: number;
}

/** Trades in any order, many of them at the same instant. */
const trades: fc.Arbitrary<Priced[]> = fc
  .array(fc.record({ eventMs: fc.nat(20), price: fc.integer({ min: 0, max: 50 }).map((price) => price / 8) }), {
    maxLength: 40,
    size: 'max',
  })
  .map((list) => list.map((trade, number) => ({ ...trade, eventId: `s.X.${String(number).padStart(12, '0')}` })))
  .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));

/** The price before: of all trades that come earlier, the one that no other earlier one comes after. */
function priceBefore(event: Priced, all: readonly Priced[]): number | null {
  const key = ({ eventMs, eventId }: Priced) => `${String(eventMs).padStart(6, '0')} ${eventId}`;
  const earlier = all.filter((other) => key(other) < key(event));
  return earlier.find((one) => earlier.every((other) => key(other) <= key(one)))?.price ?? null;
}

function expected(event: Priced, all: readonly Priced[]) {
  const before = priceBefore(event, all);
  return before === null ? [null, null] : [event.price - before, before === 0 ? null : ((event.price - before) / before) * 100];
}

describe('deltas', () => {
  it('are those of a recount, for any order of arrival', () => {
    fc.assert(
      fc.property(trades, (arrived) => {
        const rows = withDeltas(arrived);
        expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(arrived.length);
        for (const row of rows) expect([row.absolutePriceChange, row.percentageChange]).toEqual(expected(row, arrived));
        for (const row of arrived) {
          const delta = deltaOf(row, arrived);
          expect([delta.absolutePriceChange, delta.percentageChange]).toEqual(expected(row, arrived));
        }
      }),
    );
  });
});
