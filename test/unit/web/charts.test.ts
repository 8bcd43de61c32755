import { describe, expect, it } from 'vitest';
import { gapOf, heightOf, pointsOf } from '../../../web/charts/points.js';
import { RANGES, rangeOf, spanOf, startOfAll, withSpan, zoomOf } from '../../../web/charts/span.js';
import { tickTexts } from '../../../web/charts/time-text.js';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 31, 12);
const range = (id: string) => RANGES.find((one) => one.id === id)!;

describe('points', () => {
  it('break where more lies between two rows than is usual', () => {
    const times = [0, 5, 10, 40, 45].map((s) => s * 1000);
    const gapMs = gapOf(times, 1000);
    expect(gapMs).toBe(15_000);
    expect(pointsOf(times, (ms) => ms, gapMs)).toEqual([
      { timeMs: 0, row: 0 },
      { timeMs: 5000, row: 5000 },
      { timeMs: 10_000, row: 10_000 },
      { timeMs: 25_000, row: null },
      { timeMs: 40_000, row: 40_000 },
      { timeMs: 45_000, row: 45_000 },
    ]);
  });

  it('count pauses only: several rows of one moment are no pace', () => {
    expect(gapOf([0, 0, 0, 0, 60_000, 60_000, 120_000], 1000)).toBe(180_000);
    expect(gapOf([], 1000)).toBe(1000);
    expect(gapOf([5], 1000)).toBe(1000);
  });

  it.each([
    ['far below its limits', 20, 22, [30, 35], 22],
    ['near the first one', 24, 28, [30, 35], 30],
    ['between both', 29, 33, [30, 35], 35],
    ['near both', 26, 31, [30, 35], 35],
  ])('show limits that are near enough: a line %s', (_, min, max, limits, highest) => {
    const [low, high] = heightOf(min, max, limits);
    expect(low).toBeLessThan(min);
    expect(high).toBeGreaterThan(highest);
    expect(high).toBeLessThan(highest + 0.09 * (highest - min) + 1e-9);
  });

  it('have a height even when they are flat or none', () => {
    const [low, high] = heightOf(180.85, 180.85);
    expect(high - low).toBeGreaterThan(0.1);
    expect(high - low).toBeLessThan(1);
    expect(heightOf(0, 0)[1]).toBeGreaterThan(0);
    expect(heightOf(null, null)).toEqual([0, 1]);
  });
});

describe('the range of time', () => {
  it('is the one in the address, the last hour for what is none', () => {
    expect(rangeOf(new URLSearchParams('range=24h')).id).toBe('24h');
    for (const query of ['', 'range=', 'range=7d', 'range=__proto__']) expect(rangeOf(new URLSearchParams(query)).id).toBe('1h');
  });

  it('ends now while there are events in it, otherwise with the newest one', () => {
    const within = spanOf(range('6h'), null, NOON - HOUR_MS, NOON);
    expect(within).toEqual({ fromMs: NOON - 6 * HOUR_MS, toMs: NOON, isPast: false });
    const after = spanOf(range('1h'), null, NOON - 2 * HOUR_MS, NOON);
    expect(after).toEqual({ fromMs: NOON - 3 * HOUR_MS, toMs: NOON - 2 * HOUR_MS, isPast: true });
  });

  it('moves in steps that are too small to be seen, and never leaves the newest event out', () => {
    const spans = Array.from({ length: 60 }, (_, s) => spanOf(range('1h'), null, NOON + s * 1000, NOON + s * 1000));
    expect(new Set(spans.map(({ toMs }) => toMs)).size).toBeLessThanOrEqual(11);
    for (const [s, { toMs }] of spans.entries()) expect(toMs).toBeGreaterThanOrEqual(NOON + s * 1000);
  });

  it('of all there is starts with the first window', () => {
    const span = spanOf(range('all'), NOON - 50 * HOUR_MS, NOON, NOON);
    expect(span.fromMs).toBe(NOON - 50 * HOUR_MS);
    expect(span.toMs).toBeGreaterThanOrEqual(NOON);
    const short = spanOf(range('all'), null, NOON, NOON);
    expect(short.toMs - short.fromMs).toBeGreaterThanOrEqual(HOUR_MS);
  });

  it('comes back from the address as it went there, other parameters staying', () => {
    const zoom = { fromMs: NOON, toMs: NOON + 90_500 };
    const params = withSpan(new URLSearchParams('other=1&from=x'), range('6h'), zoom);
    expect(params.toString()).toBe('other=1&range=6h&from=2026-01-31T12%3A00%3A00.000Z&to=2026-01-31T12%3A01%3A30.500Z');
    expect(zoomOf(params)).toEqual(zoom);
    expect(withSpan(params, range('1h'), null).toString()).toBe('other=1');
  });

  it.each(['', 'from=2026-01-31', 'from=x&to=y', 'from=2026-02-01&to=2026-01-31', 'from=2026-01-31&to=2026-01-31'])(
    'has no zoom in "%s"',
    (query) => {
      expect(zoomOf(new URLSearchParams(query))).toBeNull();
    },
  );

  it('starts with the first day from which on no more windows come than are asked for, wherever that day begins', () => {
    const days = ['01', '02', '03', '04'].map((day) => ({ day: `2026-01-${day}`, atMost: 300 }));
    const start = (most: number) => startOfAll(days, most + 14 * 60, Date.UTC(2026, 0, 5));
    // A day of Kiritimati begins 14 hours before that of Greenwich.
    const beginOf = (day: number) => Date.UTC(2026, 0, day) - 14 * HOUR_MS;
    expect(start(1200)).toEqual({ fromMs: beginOf(1), isCut: false });
    expect(start(1199)).toEqual({ fromMs: beginOf(2), isCut: true });
    expect(start(600)).toEqual({ fromMs: beginOf(3), isCut: true });
    expect(start(100)).toEqual({ fromMs: beginOf(4), isCut: true });
    expect(startOfAll([], 600, NOON)).toEqual({ fromMs: null, isCut: false });
    const old = startOfAll([{ day: '2020-01-01', atMost: 1 }], 3000, NOON);
    expect(old.fromMs).toBe(NOON - 365 * 24 * HOUR_MS);
  });
});

describe('ticks of the time axis', () => {
  it('say the day where it begins', () => {
    const hours = Array.from({ length: 5 }, (_, index) => new Date(2026, 0, 30, 21 + index).getTime());
    expect(tickTexts(hours, HOUR_MS)).toEqual(['21:00\n30 Jan', '22:00', '23:00', '00:00\n31 Jan', '01:00']);
    expect(tickTexts([new Date(2026, 0, 30).getTime()], 24 * HOUR_MS)).toEqual(['30 Jan']);
    expect(tickTexts([new Date(2026, 0, 30, 9, 5, 15).getTime()], 15_000)).toEqual(['09:05:15\n30 Jan']);
  });
});
