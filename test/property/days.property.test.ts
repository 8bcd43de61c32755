/** Days as they are served, while events still arrive, against a naive recount of the events that were applied. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading, Trade } from '#domain/events.ts';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';
import { type Ask, askerOf, MemorySpeed, reading, trade } from '../support/memory-speed.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-07T06:30:00Z');
/** Beside the midnights of New York: the clocks change on 2026-03-08. */
const SPREAD_MS = 60 * HOUR_MS;
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, sensors: [{ match: '*', profile: 'dht22', zone: 'America/New_York' }] };

interface Step {
  /** From the newest event so far; going back at most as far as the lateness, so that nothing is late. */
  readonly forwardMs: number;
  readonly value: number;
  readonly size: number;
  readonly emit: boolean;
  readonly ask: boolean;
}

const steps = fc.array(
  fc.record({
    forwardMs: fc.oneof(
      { weight: 6, arbitrary: fc.nat(90_000) },
      { weight: 3, arbitrary: fc.integer({ min: -600_000, max: -1 }) },
      { weight: 1, arbitrary: fc.nat(6 * HOUR_MS) },
    ),
    value: fc.integer({ min: 1, max: 600 }).map((tenth) => tenth / 10),
    size: fc.nat(9),
    emit: fc.boolean(),
    ask: fc.nat(7).map((eighth) => eighth === 0),
  }),
  { minLength: 1, maxLength: 120, size: 'max' },
);

function* timesOf(list: readonly Step[]): Generator<[number, Step]> {
  let newestMs = START;
  let number = 0;
  for (const step of list) {
    const eventMs = number++ === 0 ? START : Math.max(START, newestMs + step.forwardMs);
    newestMs = Math.max(newestMs, eventMs);
    if (eventMs < START + SPREAD_MS) yield [eventMs, step];
  }
}

/** By the machine's own tables of time zones, apart from the calendar of the domain. */
const newYorkDate = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' });
const dayOf = (ms: number) => newYorkDate.format(ms);
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
const inOrder = (events: readonly Trade[]) => events.toSorted((a, b) => a.eventMs - b.eventMs || (a.eventId < b.eventId ? -1 : 1));
const plainSum = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

type Row = Record<string, unknown>;

async function rowsOf(ask: Ask, path: string): Promise<Row[]> {
  return (await ask(path)).body.data;
}

function expectTradeDay(row: Row, events: readonly Trade[]): void {
  const ordered = inOrder(events);
  const prices = events.map(({ price }) => price);
  expect(row).toMatchObject({
    trade_count: events.length,
    min_price: Math.min(...prices),
    max_price: Math.max(...prices),
    open_price: ordered[0]!.price,
    close_price: ordered.at(-1)!.price,
  });
  const volume = plainSum(events.map(({ size }) => size));
  const vwap = plainSum(events.map(({ price, size }) => price * size)) / volume;
  expect([near(Number(row['volume']), volume), near(Number(row['vwap']), vwap)]).toEqual([true, true]);
}

function expectSensorDay(row: Row, events: readonly Reading[]): void {
  const values = events.map(({ temperatureC }) => temperatureC!);
  expect(row).toMatchObject({
    reading_count: values.length,
    temperature_c_min: Math.min(...values),
    temperature_c_max: Math.max(...values),
  });
  expect(near(Number(row['temperature_c_mean']), plainSum(values) / values.length)).toBe(true);
}

describe('served days', () => {
  it('of a symbol equal a recount at every moment, in `daily` and in `latest`', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const speed = new MemorySpeed(START, SETTINGS);
        const ask = askerOf(speed.serving);
        const traded: Trade[] = [];
        for (const [eventMs, { value, size, emit, ask: asks }] of timesOf(list)) {
          const event = trade('IBM', traded.length, eventMs, value, size + 1);
          traded.push(event);
          speed.deliver('trades', 'IBM', [event], { arrivalMs: eventMs, emit });
          if (!asks) continue;
          const days = Map.groupBy(traded, (one) => dayOf(one.eventMs));
          const daily = await rowsOf(ask, '/v1/symbols/IBM/daily');
          expect(daily.map(({ day }) => day)).toEqual([...days.keys()].sort());
          for (const row of daily) expectTradeDay(row, days.get(String(row['day']))!);
          const [standing] = await rowsOf(ask, '/v1/symbols');
          const newest = standing!['day'] as Row;
          expect(newest['day']).toBe(daily.at(-1)!['day']);
          expectTradeDay(newest, days.get(String(newest['day']))!);
        }
      }),
      { seed: 20261121, numRuns: 50 },
    );
  });

  it('of a sensor equal a recount at every moment, in `daily` and in `latest`', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const speed = new MemorySpeed(START, SETTINGS);
        const ask = askerOf(speed.serving);
        const read: Reading[] = [];
        for (const [eventMs, { value, emit, ask: asks }] of timesOf(list)) {
          const event = reading('d', read.length, eventMs, value);
          read.push(event);
          speed.deliver('readings', 'd', [event], { arrivalMs: eventMs, emit });
          if (!asks) continue;
          const days = Map.groupBy(read, (one) => dayOf(one.eventMs));
          const daily = await rowsOf(ask, '/v1/sensors/d/daily');
          expect(daily.map(({ day }) => day)).toEqual([...days.keys()].sort());
          for (const row of daily) expectSensorDay(row, days.get(String(row['day']))!);
          const latest = (await ask('/v1/sensors/d/latest')).body.data as Row;
          const newest = latest['day'] as Row;
          expectSensorDay(newest, days.get(String(newest['day']))!);
        }
      }),
      { seed: 20261121, numRuns: 50 },
    );
  });

  it('hold each window once, whatever the page size and however few days a page has', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }), async (list, dayLimit, windowLimit) => {
        const speed = new MemorySpeed(START, SETTINGS);
        const ask = askerOf(speed.serving);
        const traded: Trade[] = [];
        for (const [eventMs, { value, size, emit }] of timesOf(list)) {
          traded.push(trade('IBM', traded.length, eventMs, value, size + 1));
          speed.deliver('trades', 'IBM', [traded.at(-1)!], { arrivalMs: eventMs, emit });
        }
        const range = 'from=2026-03-01&to=2026-03-31';
        const pages = async (path: string) => {
          const rows: Row[] = [];
          for (let cursor: string | null = ''; cursor !== null; ) {
            const { body } = await ask(`${path}${cursor && `&cursor=${cursor}`}`);
            rows.push(...(body.data as Row[]));
            cursor = body.next_cursor;
          }
          return rows;
        };
        const days = Map.groupBy(traded, (one) => dayOf(one.eventMs));
        const daily = await pages(`/v1/symbols/IBM/daily?${range}&limit=${dayLimit}`);
        expect(daily.map(({ day }) => day)).toEqual([...days.keys()].sort());
        for (const row of daily) expectTradeDay(row, days.get(String(row['day']))!);

        const minutes = Map.groupBy(traded, ({ eventMs }) => eventMs - (eventMs % 60_000));
        const bars = await pages(`/v1/symbols/IBM/bars?${range}&limit=${windowLimit}`);
        expect(bars.map((bar) => [Date.parse(String(bar['bar_start'])), bar['trade_count']])).toEqual(
          [...minutes].map(([startMs, { length }]) => [startMs, length]).sort((a, b) => a[0]! - b[0]!),
        );
      }),
      { seed: 20261121, numRuns: 50 },
    );
  });
});
