import { describe, expect, it } from 'vitest';
import { readFeedEnvironment } from '../../../feed/environment.ts';
import { sessionId } from '../../../feed/session-id.ts';

const GOOD = {
  TRADES_STREAM: 'trades',
  LEASE_TABLE: 'lease',
  FINNHUB_URL: 'wss://ws.finnhub.io',
  FINNHUB_TOKEN: 'secret',
  SYMBOLS: 'AAPL, BINANCE:BTCUSDT,,AAPL',
};

describe('The environment of the feed', () => {
  it('names stream, table, address, token and each symbol once', () => {
    expect(readFeedEnvironment(GOOD)).toEqual({
      stream: 'trades',
      leaseTable: 'lease',
      url: 'wss://ws.finnhub.io',
      token: 'secret',
      symbols: ['AAPL', 'BINANCE:BTCUSDT'],
    });
  });

  it.each(Object.keys(GOOD))('fails by name when %s is missing or empty', (name) => {
    for (const value of [undefined, ' ']) {
      expect(() => readFeedEnvironment({ ...GOOD, [name]: value })).toThrow(`the environment variable ${name} is missing or empty`);
    }
  });

  it('fails when a symbol is none', () => {
    expect(() => readFeedEnvironment({ ...GOOD, SYMBOLS: 'AAPL,B$C' })).toThrow('SYMBOLS: "B$C" is no symbol');
    expect(() => readFeedEnvironment({ ...GOOD, SYMBOLS: ',' })).toThrow('SYMBOLS: 1 to 50 symbols can be subscribed to, not 0');
  });
});

describe('The name of a session', () => {
  it('sorts by start and fits an event id', () => {
    const ids = [Date.UTC(2026, 10, 5, 9, 8, 7, 6), Date.UTC(2026, 10, 5, 10), Date.UTC(2027, 0, 1)].map((ms) => sessionId(ms, 'f00d'));
    expect(ids[0]).toBe('20261105T090807006Z-f00d');
    expect([...ids].sort()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
