import { describe, expect, it } from 'vitest';
import { type EncodedRecord, MAX_RECORD_BYTES, TradeEncoder, type WireTrade } from '../../../feed/trade-encoder.ts';

const AT = Date.UTC(2026, 10, 5, 15);

function trade(s: string, p: number, c?: WireTrade['c']): WireTrade {
  return { s, p, t: AT - p, v: 0.5, c };
}

function contentOf(record: EncodedRecord): Record<string, unknown> {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(record.data));
}

describe('The trade encoder', () => {
  it('writes the record of the contract, one a symbol, numbered on from the record before', () => {
    const encoder = new TradeEncoder('s-1');
    const first = encoder.encode([trade('A', 1, ['1', '12']), trade('X:B', 2, []), trade('A', 3, null), trade('A', 3, null)], AT);
    expect(first.map(({ partitionKey, tradeCount }) => [partitionKey, tradeCount])).toEqual([
      ['A', 3],
      ['X:B', 1],
    ]);
    expect(contentOf(first[0]!)).toEqual({
      v: 1,
      type: 'trades',
      session: 's-1',
      symbol: 'A',
      n: 0,
      received_at: AT,
      trades: [
        { p: 1, t: AT - 1, v: 0.5, c: ['1', '12'] },
        { p: 3, t: AT - 3, v: 0.5 },
        { p: 3, t: AT - 3, v: 0.5 },
      ],
    });
    expect(contentOf(first[1]!)).toMatchObject({ symbol: 'X:B', n: 0, trades: [{ p: 2, c: [] }] });
    expect(contentOf(encoder.encode([trade('A', 4)], AT + 1)[0]!)).toMatchObject({ symbol: 'A', n: 3, received_at: AT + 1 });
  });

  it('starts where it is told to', () => {
    const [record] = new TradeEncoder('s', new Map([['A', 41]])).encode([trade('A', 1)], AT);
    expect(contentOf(record!)).toMatchObject({ n: 41 });
  });

  it('fills a record with 500 trades and not one more', () => {
    const records = new TradeEncoder('s').encode(
      Array.from({ length: 1001 }, (_, p) => trade('A', p)),
      AT,
    );
    expect(records.map((record) => [contentOf(record)['n'], record.tradeCount])).toEqual([
      [0, 500],
      [500, 500],
      [1000, 1],
    ]);
  });

  it('keeps a record within 200,000 bytes, counted in UTF-8', () => {
    const wide = Array.from({ length: 20 }, () => '€'.repeat(100));
    const records = new TradeEncoder('s').encode(
      Array.from({ length: 100 }, (_, p) => trade('A', p, wide)),
      AT,
    );
    expect(records.length).toBeGreaterThan(1);
    expect(Math.max(...records.map(({ data }) => data.byteLength))).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    // Nothing is wasted either: two neighbours would not fit one record.
    expect(records[0]!.data.byteLength + records.at(-1)!.data.byteLength).toBeGreaterThan(MAX_RECORD_BYTES / 2);
  });

  it.each([
    ['a symbol that is no symbol', trade('A B', 1), /symbol "A B" does not match/],
    ['a price that is not finite', trade('A', Number.NaN), /not finite: p NaN/],
    ['a size that is not finite', { ...trade('A', 1), v: Infinity }, /v Infinity/],
    ['a trade larger than a record', trade('A', 1, ['x'.repeat(MAX_RECORD_BYTES)]), /at most/],
  ])('fails on %s and then numbers none of the trades', (_, bad, message) => {
    const encoder = new TradeEncoder('s');
    expect(() => encoder.encode([trade('A', 1), bad], AT)).toThrow(message);
    expect(contentOf(encoder.encode([trade('A', 1)], AT)[0]!)).toMatchObject({ n: 0 });
  });

  it('fails on a session that does not fit an event id', () => {
    for (const session of ['', 'a.b', 'x'.repeat(65)]) expect(() => new TradeEncoder(session)).toThrow(RangeError);
  });
});
