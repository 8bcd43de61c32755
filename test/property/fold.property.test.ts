/** The fold against naive recounts: any split, any duplication, any order inside the lateness bound. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading, Trade } from '#domain/events.ts';
import { type Delivery, foldDelivery, Outputs } from '#domain/fold.ts';
import { type BarWindow, type KeyState, newKeyState, type ReadingWindow } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import { totalOf } from '#domain/sums.ts';
import { ARRIVAL_MS, positionOf } from '../support/records.ts';

const START = ARRIVAL_MS - 20 * 3_600_000;

/** What arrives: distinct events by number, some of them more than once, cut into deliveries. */
interface Arrival<E> {
  readonly deliveries: E[][];
}

function arrivals<E>(event: (number: number) => fc.Arbitrary<E>): fc.Arbitrary<Arrival<E>> {
  return fc
    .array(fc.nat(), { minLength: 1, maxLength: 120 })
    .chain((picks) =>
      fc.tuple(
        fc.tuple(...picks.map((_, number) => event(number))),
        fc.array(fc.nat(picks.length - 1), { maxLength: 40 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      ),
    )
    .chain(([events, repeats, cuts]) =>
      fc
        .shuffledSubarray([...events, ...repeats.map((index) => events[index] as E)], { minLength: events.length + repeats.length })
        .map((order) => {
          const deliveries: E[][] = [];
          for (let rest = order as E[]; rest.length > 0; ) {
            const size = cuts.next().value as number;
            deliveries.push(rest.slice(0, size));
            rest = rest.slice(size);
          }
          return { deliveries };
        }),
    );
}

const reading = (spreadMs: number) => (seq: number) =>
  fc
    .record({
      offsetMs: fc.nat(spreadMs),
      temperatureC: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: -300, max: 600 }).map((tenth) => tenth / 10) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
    })
    .map(
      ({ offsetMs, temperatureC }): Reading => ({
        type: 'reading',
        sensorId: 'd',
        eventId: `d.b.${String(seq).padStart(12, '0')}`,
        numbered: { boot: 'b', seq },
        eventMs: START + offsetMs,
        temperatureC,
        humidityPct: 50,
        claimsDeviceId: false,
      }),
    );

const trade = (spreadMs: number) => (number: number) =>
  fc.record({ offsetMs: fc.nat(spreadMs), price: fc.integer({ min: 1, max: 5000 }), size: fc.nat(900) }).map(
    ({ offsetMs, price, size }): Trade => ({
      type: 'trade',
      symbol: 'X',
      eventId: `s.X.${String(number).padStart(12, '0')}`,
      session: 's',
      number,
      eventMs: START + offsetMs,
      price,
      size,
      conditions: null,
    }),
  );

/** Folds everything, through JSON after each commit as the table does; gives the state and the newest revision of every window. */
function run(source: SourceName, name: string, deliveries: (Reading | Trade)[][], maxOutputs: number) {
  let state: KeyState = newKeyState(source, name);
  const windows = new Map<number, BarWindow | ReadingWindow>();
  deliveries.forEach((events, index) => {
    const delivery: Delivery = { lane: 'l', position: positionOf(index), arrivalMs: ARRIVAL_MS, events, refusals: [] };
    for (let done = false; !done; ) {
      const outputs = new Outputs();
      done = foldDelivery(state, delivery, DEFAULT_SETTINGS, outputs, maxOutputs);
      for (const output of structuredClone(outputs.list())) {
        if (output.type !== 'window') continue;
        expect(output.window.revision).toBeGreaterThan(windows.get(output.window.startMs)?.revision ?? 0);
        windows.set(output.window.startMs, output.window);
      }
      state = JSON.parse(JSON.stringify(state));
    }
  });
  for (const window of state.windows) windows.set(window.startMs, window);
  return { state, windows };
}

/** The naive recount: first sightings in order of arrival, those late by definition apart. */
function recount<E extends Reading | Trade>(deliveries: E[][], latenessMs: number, counts: (event: E) => boolean) {
  const seen = new Set<string>();
  const applied: E[] = [];
  let duplicate = 0;
  let late = 0;
  let newestMs = -Infinity;
  for (const event of deliveries.flat()) {
    if (seen.has(event.eventId)) duplicate++;
    else if (counts(event) && event.eventMs < newestMs - latenessMs) late++;
    else applied.push(event);
    seen.add(event.eventId);
    if (counts(event)) newestMs = Math.max(newestMs, event.eventMs);
  }
  return { applied, duplicate, late };
}

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe('the fold of a sensor', () => {
  it.each([
    ['inside the lateness bound', 3_600_000],
    ['far beyond it', 8 * 3_600_000],
  ])('equals a naive recount for any split, duplication and order %s', (_what, spreadMs) => {
    fc.assert(
      fc.property(arrivals(reading(spreadMs)), fc.integer({ min: 1, max: 30 }), ({ deliveries }, maxOutputs) => {
        const { state, windows } = run('readings', 'd', deliveries, maxOutputs);
        const expected = recount(deliveries, DEFAULT_SETTINGS.readings.latenessMs, () => true);
        const { received, applied, duplicate, late } = state.counters;
        expect([received, applied, duplicate, late['LATENESS'] ?? 0]).toEqual([
          deliveries.flat().length,
          expected.applied.length,
          expected.duplicate,
          expected.late,
        ]);
        if (spreadMs <= DEFAULT_SETTINGS.readings.latenessMs) expect(expected.late).toBe(0);
        const starts = new Set(expected.applied.map(({ eventMs }) => eventMs - (eventMs % 300_000)));
        expect(new Set(windows.keys())).toEqual(starts);
        for (const start of starts) {
          const inside = expected.applied.filter(({ eventMs }) => eventMs >= start && eventMs < start + 300_000);
          const trusted = inside.flatMap(({ temperatureC }) =>
            temperatureC === null || temperatureC < -40 || temperatureC > 80 ? [] : [temperatureC],
          );
          const window = windows.get(start) as ReadingWindow;
          expect([window.temperatureC.count, window.untrustedCount]).toEqual([trusted.length, inside.length - trusted.length]);
          expect(
            close(
              totalOf(window.temperatureC.sum),
              trusted.reduce((sum, value) => sum + value, 0),
            ),
          ).toBe(true);
          if (trusted.length > 0)
            expect([window.temperatureC.min, window.temperatureC.max]).toEqual([Math.min(...trusted), Math.max(...trusted)]);
        }
      }),
      { seed: 20261121, numRuns: 150 },
    );
  });

  it('is the same state for any split of the same arrivals', () => {
    fc.assert(
      fc.property(arrivals(reading(3 * 3_600_000)), fc.integer({ min: 1, max: 30 }), ({ deliveries }, maxOutputs) => {
        const events = deliveries.flat();
        const cut = run('readings', 'd', deliveries, maxOutputs).state;
        const whole = run('readings', 'd', [events], 1000).state;
        expect({ ...cut, positions: {} }).toEqual({ ...whole, positions: {} });
      }),
      { seed: 20261121, numRuns: 100 },
    );
  });
});

describe('the fold of a symbol', () => {
  it('equals a naive recount for any split, duplication and order inside the lateness bound', () => {
    fc.assert(
      fc.property(arrivals(trade(600_000)), fc.integer({ min: 1, max: 30 }), ({ deliveries }, maxOutputs) => {
        const { state, windows } = run('trades', 'X', deliveries, maxOutputs);
        const expected = recount(deliveries, DEFAULT_SETTINGS.trades.latenessMs, ({ size }) => size > 0);
        expect(expected.late).toBe(0);
        expect([state.counters.applied, state.counters.duplicate, state.counters.late]).toEqual([
          expected.applied.length,
          expected.duplicate,
          {},
        ]);
        const traded = expected.applied.filter(({ size }) => size > 0).sort((a, b) => a.eventMs - b.eventMs || a.number - b.number);
        const byMinute = Map.groupBy(traded, ({ eventMs }) => Math.floor(eventMs / 60_000) * 60_000);
        expect(new Set(windows.keys())).toEqual(new Set(byMinute.keys()));
        for (const [start, inside] of byMinute) {
          const bar = windows.get(start) as BarWindow;
          const prices = inside.map(({ price }) => price);
          expect([bar.tradeCount, bar.open.price, bar.close.price, bar.high, bar.low, totalOf(bar.volume), totalOf(bar.notional)]).toEqual([
            inside.length,
            prices[0],
            prices.at(-1),
            Math.max(...prices),
            Math.min(...prices),
            inside.reduce((sum, { size }) => sum + size, 0),
            inside.reduce((sum, { price, size }) => sum + price * size, 0),
          ]);
        }
      }),
      { seed: 20261121, numRuns: 150 },
    );
  });
});
