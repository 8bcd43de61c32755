import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES, MAX_RECORD_TRADES, TradeEncoder, type WireTrade } from '../../feed/trade-encoder.ts';
import { decodeRecord } from '../../functions/domain/decode.ts';
import { DEFAULT_SETTINGS } from '../../functions/domain/settings.ts';

const NOW = Date.UTC(2026, 10, 5, 15);
const trades = fc.array(
  fc.record(
    {
      s: fc.constantFrom('AAPL', 'OANDA:EUR_USD', 'B'),
      p: fc.double({ noNaN: true, noDefaultInfinity: true }),
      t: fc.integer({ min: NOW - 1000, max: NOW }),
      v: fc.oneof(fc.constant(0), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
      c: fc.option(fc.array(fc.constantFrom('1', '8', '24', '12'), { maxLength: 4 })),
    },
    { requiredKeys: ['s', 'p', 't', 'v'] },
  ),
  { maxLength: 60 },
);
/** Frames of which a few are long enough to need several records. */
const frames = fc.array(
  fc.tuple(trades, fc.constantFrom(1, 1, 1, 40)).map(([some, times]) => Array.from({ length: times }, () => some).flat()),
  { maxLength: 6 },
);

describe('The trade encoder', () => {
  it('loses, repeats and reorders nothing: what is decoded is what was received, numbered densely, however it came in frames', () => {
    fc.assert(
      fc.property(frames, (received) => {
        const encoder = new TradeEncoder('session');
        const records = received.flatMap((frame) => encoder.encode(frame, NOW));
        const decoded = new Map<string, unknown[]>();
        for (const { partitionKey, data, tradeCount } of records) {
          expect(data.byteLength).toBeLessThanOrEqual(MAX_RECORD_BYTES);
          expect(tradeCount).toBeLessThanOrEqual(MAX_RECORD_TRADES);
          const { events, refusals } = decodeRecord(
            'trades',
            { lane: 'l', position: '1', key: partitionKey, bytes: data, arrivalMs: NOW },
            DEFAULT_SETTINGS,
          );
          expect(refusals).toEqual([]);
          expect(events).toHaveLength(tradeCount);
          decoded.set(partitionKey, [...(decoded.get(partitionKey) ?? []), ...events]);
        }
        expect(decoded).toEqual(expectedOf(received.flat()));
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });
});

function expectedOf(received: readonly WireTrade[]): Map<string, unknown[]> {
  const expected = new Map<string, unknown[]>();
  for (const { s, p, t, v, c } of received) {
    const ofSymbol = expected.get(s) ?? [];
    expected.set(s, ofSymbol);
    ofSymbol.push({
      type: 'trade',
      symbol: s,
      eventId: `session.${s}.${String(ofSymbol.length).padStart(12, '0')}`,
      session: 'session',
      number: ofSymbol.length,
      eventMs: t,
      // JSON knows no negative zero.
      price: p + 0,
      size: v + 0,
      conditions: c ?? null,
    });
  }
  return expected;
}
