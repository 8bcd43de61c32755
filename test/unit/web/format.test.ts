import { describe, expect, it } from 'vitest';
import { agoText, changeText, countText, durationText, numberText, priceDecimals, timeOf } from '../../../web/format.js';

const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

describe('numbers on the page', () => {
  it.each([
    [21.44, 1, '21.4'],
    [-18.46, 1, '−18.5'],
    [1_234_567, 0, '1,234,567'],
    [541_234.5, 2, '541,234.50'],
    [0, 1, '0.0'],
  ])('%d with %d decimals reads %s', (value, decimals, text) => expect(numberText(value, decimals)).toBe(text));

  it('gives no sign to what rounds to zero', () => {
    expect(numberText(-0.04, 1)).toBe('0.0');
    expect(numberText(-0, 1)).toBe('0.0');
    expect(changeText(0.004, 2)).toBe('0.00');
    expect(changeText(-0.004, 2)).toBe('0.00');
  });

  it('gives a change its sign', () => {
    expect(changeText(1.5, 2)).toBe('+1.50');
    expect(changeText(-1.5, 2)).toBe('−1.50');
    expect(changeText(0, 2)).toBe('0.00');
  });

  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY, '12', {}])('shows a dash for %s', (value) => {
    expect(numberText(value, 1)).toBe('–');
    expect(changeText(value, 1)).toBe('–');
  });

  it.each([
    [61_042.01, 2],
    [10, 2],
    [1.08532, 5],
    [0.1, 5],
    [0.0123, 6],
    [0.00001734, 8],
    [-61_042, 2],
    [0, 2],
    [null, 2],
  ])('a price of %s has %d decimals', (price, decimals) => expect(priceDecimals(price)).toBe(decimals));

  it('counts things', () => {
    expect(countText(1, 'sensor')).toBe('1 sensor');
    expect(countText(1000, 'sensor')).toBe('1,000 sensors');
    expect(countText(0, 'sensor')).toBe('0 sensors');
  });
});

describe('ages on the page', () => {
  it.each([
    [0, 'now'],
    [5 * S - 1, 'now'],
    [5 * S, '5 s ago'],
    [MIN - 1, '59 s ago'],
    [MIN, '1 min ago'],
    [H - 1, '59 min ago'],
    [H, '1 h ago'],
    [2 * D - 1, '47 h ago'],
    [2 * D, '2 d ago'],
    [14 * D - 1, '13 d ago'],
    [-10 * S, 'now'],
  ])('%d ms read %s', (ageMs, text) => expect(agoText(1e12, 1e12 + ageMs)).toBe(text));

  it.each([
    [0, '0 s'],
    [MIN - 1, '59 s'],
    [90 * MIN, '1 h'],
    [47 * H, '47 h'],
    [400 * D, '400 d'],
  ])('%d ms last %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('becomes a day from two weeks on', () => {
    expect(agoText(Date.UTC(2013, 11, 2, 12), Date.UTC(2026, 0, 1))).toBe('2 Dec 2013');
  });

  it('shows a dash for what never was', () => expect(agoText(null, 0)).toBe('–'));

  it('reads ISO times and nothing else', () => {
    expect(timeOf('1970-01-01T00:00:01.500Z')).toBe(1500);
    expect(timeOf('yesterday')).toBeNull();
    expect(timeOf(null)).toBeNull();
  });
});
