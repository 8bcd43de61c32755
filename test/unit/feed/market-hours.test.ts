import { describe, expect, it } from 'vitest';
import { firstOpenMs } from '../../../feed/market-hours.ts';
import { tradingDay } from '../../../feed/us-holidays.ts';

/** As NYSE published them; a `*` is a day that ends early. */
const PUBLISHED: Readonly<Record<number, string>> = {
  2021: '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 11-26* 12-24',
  2022: '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 11-25* 12-26',
  2023: '01-02 01-16 02-20 04-07 05-29 06-19 07-03* 07-04 09-04 11-23 11-24* 12-25',
  2024: '01-01 01-15 02-19 03-29 05-27 06-19 07-03* 07-04 09-02 11-28 11-29* 12-24* 12-25',
  2025: '01-01 01-20 02-17 04-18 05-26 06-19 07-03* 07-04 09-01 11-27 11-28* 12-24* 12-25',
  2026: '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 11-27* 12-24* 12-25',
  2027: '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 11-26* 12-24',
  2028: '01-17 02-21 04-14 05-29 06-19 07-03* 07-04 09-04 11-23 11-24* 12-25',
};

describe('The trading days of the US exchanges', () => {
  it.each(Object.entries(PUBLISHED))('of %s are those that were published', (year, published) => {
    const odd: string[] = [];
    for (let ms = Date.UTC(Number(year), 0, 1); ms < Date.UTC(Number(year) + 1, 0, 1); ms += 86_400_000) {
      const day = new Date(ms).toISOString().slice(0, 10);
      const weekday = new Date(ms).getUTCDay();
      const kind = tradingDay(day);
      if (weekday === 0 || weekday === 6) expect([day, kind]).toEqual([day, 'closed']);
      else if (kind !== 'full') odd.push(kind === 'half' ? `${day.slice(5)}*` : day.slice(5));
    }
    expect(odd.join(' ')).toBe(published);
  });
});

describe('Trades are to be expected', () => {
  const opening = (iso: string, symbols = ['AAPL', 'IBM']): string => new Date(firstOpenMs(symbols, Date.parse(iso))).toISOString();

  it.each([
    ['from 4:00 in New York', '2026-11-05T08:59:59.999Z', '2026-11-05T09:00:00.000Z'],
    ['throughout the day', '2026-11-05T15:00:00.000Z', '2026-11-05T15:00:00.000Z'],
    ['until just before 20:00', '2026-11-06T00:59:59.999Z', '2026-11-06T00:59:59.999Z'],
    ['at 20:00 not before the next morning', '2026-11-06T01:00:00.000Z', '2026-11-06T09:00:00.000Z'],
    ['after a Friday on Monday', '2026-11-07T01:00:00.000Z', '2026-11-09T09:00:00.000Z'],
    ['after Thanksgiving on the half-day', '2026-11-26T15:00:00.000Z', '2026-11-27T09:00:00.000Z'],
    ['on a half-day until just before 17:00', '2026-11-27T21:59:59.999Z', '2026-11-27T21:59:59.999Z'],
    ['at 17:00 of a half-day not before Monday', '2026-11-27T22:00:00.000Z', '2026-11-30T09:00:00.000Z'],
    ['over the change to summer time an hour earlier', '2026-03-07T12:00:00.000Z', '2026-03-09T08:00:00.000Z'],
    ['over the change to winter time an hour later', '2026-10-31T12:00:00.000Z', '2026-11-02T09:00:00.000Z'],
  ])('%s', (_, from, expected) => {
    expect(opening(from)).toBe(expected);
  });

  it('at any time where a symbol of a venue that never sleeps is among them', () => {
    expect(opening('2026-11-07T12:00:00.000Z', ['AAPL', 'BINANCE:BTCUSDT'])).toBe('2026-11-07T12:00:00.000Z');
  });
});
