import { describe, expect, it } from 'vitest';
import { LIVE_FRESH_MS, LIVE_INTERVAL_MS, LiveThrottle } from '#domain/live-throttle.ts';
import { liveTopic } from '#domain/live-topics.ts';

const NOW = 1_000_000;

describe('the throttle of live messages', () => {
  it('lets the first message of a topic out at once, the next one after the interval and not 1 ms earlier', () => {
    const throttle = new LiveThrottle<string>();
    throttle.offer('a', 'first', NOW);
    expect(throttle.take(NOW, 9)).toEqual([['a', 'first']]);
    throttle.offer('a', 'second', NOW);
    expect(throttle.take(NOW + LIVE_INTERVAL_MS - 1, 9)).toEqual([]);
    expect(throttle.take(NOW + LIVE_INTERVAL_MS, 9)).toEqual([['a', 'second']]);
    expect(throttle.take(NOW + 2 * LIVE_INTERVAL_MS, 9)).toEqual([]);
  });

  it('sends the newest of what was offered', () => {
    const throttle = new LiveThrottle<string>();
    for (const item of ['old', 'newer', 'newest']) throttle.offer('a', item, NOW);
    expect(throttle.take(NOW, 9)).toEqual([['a', 'newest']]);
  });

  it('keeps what there is no room for, and sends first what waits longest', () => {
    const throttle = new LiveThrottle<string>();
    for (const topic of ['a', 'b', 'c']) throttle.offer(topic, topic, NOW);
    expect(throttle.take(NOW, 2).map(([topic]) => topic)).toEqual(['a', 'b']);
    throttle.offer('d', 'd', NOW);
    throttle.offer('c', 'newer', NOW);
    expect(throttle.take(NOW, 2)).toEqual([
      ['c', 'newer'],
      ['d', 'd'],
    ]);
  });

  it('forgets what is older than news may be, also while it waits', () => {
    const throttle = new LiveThrottle<string>();
    throttle.offer('lagging', 'x', NOW - LIVE_FRESH_MS - 1);
    throttle.offer('just new', 'y', NOW - LIVE_FRESH_MS);
    expect(throttle.take(NOW, 9)).toEqual([['just new', 'y']]);
    throttle.offer('waiting', 'z', NOW);
    expect(throttle.take(NOW, 0)).toEqual([]);
    expect(throttle.take(NOW + LIVE_FRESH_MS + 1, 9)).toEqual([]);
    expect(throttle.take(NOW, 9)).toEqual([]);
  });

  it('does not fall silent when the clock is set back', () => {
    const throttle = new LiveThrottle<string>();
    throttle.offer('a', 'first', NOW);
    throttle.take(NOW, 9);
    throttle.offer('a', 'second', NOW - 60_000);
    expect(throttle.take(NOW - 60_000, 9)).toEqual([['a', 'second']]);
  });
});

describe('topics of live messages', () => {
  it.each([
    ['symbols', 'IBM', 'live/symbols/IBM'],
    ['symbols', 'BINANCE:BTCUSDT', 'live/symbols/BINANCE%3ABTCUSDT'],
    ['symbols', 'FX:EUR/USD', 'live/symbols/FX%3AEUR%2FUSD'],
    ['sensors', 'roof.inside', 'live/sensors/roof.inside'],
    ['alarms', 'roof:temperature-instant', 'live/alarms/roof%3Atemperature-instant'],
  ] as const)('%s %s is %s', (kind, key, topic) => {
    expect(liveTopic(kind, key)).toBe(topic);
  });

  it('have three levels and no wildcard for every name that a key can have', () => {
    const longest = liveTopic('symbols', '/'.repeat(64));
    expect(Buffer.byteLength(longest)).toBeLessThanOrEqual(256);
    for (const character of ':/._-') expect(liveTopic('symbols', character)).toMatch(/^live\/symbols\/[^/+#$]+$/);
  });
});
