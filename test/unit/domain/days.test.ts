import { describe, expect, it } from 'vitest';
import { foldDays, newestRevisions, SENSOR_DAYS, TRADE_DAYS } from '#domain/days.ts';
import type { BarWindow, ReadingWindow } from '#domain/key-state.ts';
import { totalOf } from '#domain/sums.ts';
import { addMeasurement, addTrade, newBarWindow, newReadingWindow } from '#domain/windows.ts';
import { trade } from '../../support/memory-speed.ts';

const MINUTE = 60_000;

function bar(startMs: number, ...trades: [offsetMs: number, price: number, size: number][]): BarWindow {
  const window = newBarWindow(startMs);
  trades.forEach(([offsetMs, price, size], number) => {
    addTrade(window, trade('X', number, startMs + offsetMs, price, size));
  });
  return window;
}

function window(startMs: number, ...values: number[]): ReadingWindow {
  const created = newReadingWindow(startMs);
  for (const value of values) addMeasurement(created.temperatureC, value);
  return created;
}

describe('the day of a symbol', () => {
  // 20:00 in New York on the 7th is already the 8th in UTC.
  const first = Date.parse('2013-10-07T13:30:00Z');
  const evening = Date.parse('2013-10-08T00:00:00Z');
  const next = Date.parse('2013-10-08T04:00:00Z');

  it('is what its bars make, whatever their order', () => {
    const bars = [bar(evening, [5, 12, 1]), bar(first, [10, 10, 100], [20, 14, 50]), bar(first + MINUTE, [0, 9, 10])];
    for (const order of [bars, bars.toReversed()]) {
      const [day, ...others] = foldDays(order, 'America/New_York', TRADE_DAYS);
      expect(others).toEqual([]);
      expect(day).toMatchObject({ day: '2013-10-07', tradeCount: 4, minPrice: 9, maxPrice: 14 });
      expect([day!.open.price, day!.close.price]).toEqual([10, 12]);
      expect([totalOf(day!.volume), totalOf(day!.notional)]).toEqual([161, 1000 + 700 + 90 + 12]);
    }
  });

  it('begins at midnight of its zone: one millisecond of difference is another day', () => {
    expect(
      foldDays([bar(next, [0, 1, 1]), bar(next - MINUTE, [59_999, 1, 1])], 'America/New_York', TRADE_DAYS).map(({ day }) => day),
    ).toEqual(['2013-10-07', '2013-10-08']);
  });

  it('leaves the windows it was made of unchanged', () => {
    const bars = [bar(first, [10, 10, 100]), bar(first + MINUTE, [0, 9, 10])];
    const before = structuredClone(bars);
    foldDays(bars, 'America/New_York', TRADE_DAYS);
    expect(bars).toEqual(before);
  });
});

describe('the day of a sensor', () => {
  it('counts windows without a trusted reading as nothing', () => {
    const start = Date.parse('2020-06-28T00:00:00Z');
    const [day] = foldDays([window(start), window(start + 5 * MINUTE, 21, 23), window(start + 10 * MINUTE, -4)], 'UTC', SENSOR_DAYS);
    expect(day!.temperatureC).toMatchObject({ count: 3, min: -4, max: 23 });
    expect(totalOf(day!.temperatureC.sum)).toBe(40);
    expect(day!.humidityPct.count).toBe(0);
  });

  it('is there, with a count of 0, when no reading of it can be trusted', () => {
    expect(foldDays([window(0)], 'UTC', SENSOR_DAYS)).toMatchObject([{ day: '1970-01-01', temperatureC: { count: 0 } }]);
  });
});

describe('newest revisions', () => {
  it('prefer the highest revision, wherever it lies, and show an open window where there is no closed one', () => {
    const revised = (startMs: number, revision: number) => ({ ...newReadingWindow(startMs), revision, closed: revision > 0 });
    const merged = newestRevisions([revised(1, 1), revised(2, 3)], [revised(1, 2), revised(2, 2), revised(3, 0)]);
    expect([...merged.values()].map(({ startMs, revision }) => [startMs, revision])).toEqual([
      [1, 2],
      [2, 3],
      [3, 0],
    ]);
  });
});
