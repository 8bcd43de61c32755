/** Whatever happens in whatever order: the promises of the throttle, recounted from what it was given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIVE_FRESH_MS, LIVE_INTERVAL_MS, LiveThrottle } from '#domain/live-throttle.ts';

const topic = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  offers: fc.array(fc.record({ topic, ageMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 9_800, max: 10_200 })) }), {
    maxLength: 6,
  }),
  most: fc.integer({ min: 0, max: 3 }),
});

describe('the throttle of live messages', () => {
  it('sends at most one message a topic and interval, each the newest offered, none that is old, never more than asked for', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const throttle = new LiveThrottle<number>();
        const newest = new Map<string, { number: number; arrivalMs: number }>();
        const sentMs = new Map<string, number>();
        let nowMs = 1_000_000;
        let number = 0;
        for (const { afterMs, offers, most } of steps) {
          nowMs += afterMs;
          for (const { topic, ageMs } of offers) {
            newest.set(topic, { number: ++number, arrivalMs: nowMs - ageMs });
            throttle.offer(topic, number, nowMs - ageMs);
          }
          const taken = throttle.take(nowMs, most);
          expect(taken.length).toBeLessThanOrEqual(most);
          const due = [...newest].filter(
            ([topic, { arrivalMs }]) =>
              nowMs - arrivalMs <= LIVE_FRESH_MS && nowMs - (sentMs.get(topic) ?? -LIVE_INTERVAL_MS) >= LIVE_INTERVAL_MS,
          );
          expect(taken).toHaveLength(Math.min(most, due.length));
          for (const [topic, item] of taken) {
            expect(due.map(([due]) => due)).toContain(topic);
            expect(item).toBe(newest.get(topic)?.number);
            newest.delete(topic);
            sentMs.set(topic, nowMs);
          }
        }
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
