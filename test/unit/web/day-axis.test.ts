import { describe, expect, it } from 'vitest';
import { dayMs, dayText, placeOf, spanOfDays } from '../../../web/charts/day-axis.js';
import { settledText } from '../../../web/charts/time-text.js';

const DAY_MS = 86_400_000;

describe('a day on the axis', () => {
  it('stands where it begins for who looks, under its own name', () => {
    expect(dayMs('2013-10-07')).toBe(new Date(2013, 9, 7).getTime());
    expect(dayText('2013-10-07')).toBe('7 Oct 2013');
  });

  it('has its mark in the middle of its place', () => {
    const { fromMs, toMs } = placeOf('2013-10-07');
    expect([dayMs('2013-10-07') - fromMs, toMs - dayMs('2013-10-07')]).toEqual([DAY_MS / 2, DAY_MS / 2]);
    expect(spanOfDays([{ day: '2013-10-07' }, { day: '2013-10-09' }])).toEqual({ fromMs, toMs: placeOf('2013-10-09').toMs });
  });
});

describe('what of a chart is settled', () => {
  const span = { fromMs: 1000, toMs: 2000 };

  it.each([
    [null, ''],
    [999, 'Not settled by the batch yet.'],
    [1000, 'Not settled by the batch yet.'],
    [2000, 'Of days that are settled.'],
  ])('is told for a boundary at %s', (boundaryMs, text) => {
    expect(settledText(span, boundaryMs)).toBe(text);
  });

  it('names the boundary that lies in it', () => {
    expect(settledText(span, 1500)).toMatch(/^Days before \d+ \w+ (1969|1970), \d\d:\d\d are settled\.$/);
  });
});
