import { describe, expect, it } from 'vitest';
import { gapRecords } from '../../../feed/gap-record.ts';

describe('Gap marks', () => {
  const symbolsMarked = (from: string, to: string): string[] =>
    gapRecords('s', ['AAPL', 'BINANCE:BTCUSDT'], Date.parse(from), Date.parse(to)).map(({ partitionKey }) => partitionKey);

  it('are made for the symbols that trade at some time of the gap: silence at night is no outage', () => {
    expect(symbolsMarked('2026-11-05T15:00:00Z', '2026-11-05T15:00:01Z')).toEqual(['AAPL', 'BINANCE:BTCUSDT']);
    expect(symbolsMarked('2026-11-07T12:00:00Z', '2026-11-09T09:00:00Z')).toEqual(['BINANCE:BTCUSDT']);
    expect(symbolsMarked('2026-11-07T12:00:00Z', '2026-11-09T09:00:00.001Z')).toEqual(['AAPL', 'BINANCE:BTCUSDT']);
  });

  it('say for which symbol, from when, to when', () => {
    const [record] = gapRecords('s-1', ['BINANCE:BTCUSDT'], 5, 7);
    expect(JSON.parse(new TextDecoder().decode(record?.data))).toEqual({
      v: 1,
      type: 'gap',
      session: 's-1',
      symbol: 'BINANCE:BTCUSDT',
      from: 5,
      to: 7,
    });
  });
});
