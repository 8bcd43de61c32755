import { describe, expect, it } from 'vitest';
import { decodeRecord } from '#domain/decode.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { type Arrival, arrivalsOf } from '../../../cli/replay/event-time/arrivals.ts';
import { eventDaysOf } from '../../../cli/replay/event-time/event-days.ts';
import { daysTableOf } from '../../../cli/replay/event-time/summary.ts';
import type { ReadingFile } from '../../../cli/replay/reading-file.ts';
import type { TradeFile } from '../../../cli/replay/trade-file.ts';

const START_MS = Date.UTC(2013, 9, 7, 13, 30);
const SETTINGS = { seed: 1, meanDelayMs: 200, numbered: true };

/** Trades a quarter of a second apart, now and then a burst of one instant. */
const tradeFile = (identity: string, symbol = 'IBM'): TradeFile => ({
  path: 'x',
  symbol,
  identity,
  trades: Array.from({ length: 2_000 }, (_, row) => ({ s: symbol, p: 100 + row, t: START_MS + 250 * (row - (row % 7)), v: 1 })),
});
const readingFile = (identity: string, zone = 'UTC'): ReadingFile => ({
  path: 'y',
  device: 'd-1',
  identity,
  zone,
  isZoneKnown: true,
  rows: Array.from({ length: 500 }, (_, row) => ({ eventMs: START_MS + 10_000 * row, temperature: row })),
});

function rowsOf(arrivals: readonly Arrival[]): { atMs: number; eventMs: number; value: number; number: number }[] {
  return arrivals.flatMap((arrival) => {
    if (arrival.kind === 'reading') {
      const { timestamp, temperature, seq } = JSON.parse(arrival.payload);
      return [{ atMs: arrival.atMs, eventMs: timestamp, value: temperature, number: seq }];
    }
    const { n, trades } = JSON.parse(Buffer.from(arrival.data).toString());
    return trades.map(({ p, t }: { p: number; t: number }, index: number) => ({
      atMs: arrival.atMs,
      eventMs: t,
      value: p - 100,
      number: n + index,
    }));
  });
}

describe('arrivals', () => {
  it.each([
    ['trades', () => arrivalsOf([tradeFile('0123456789abcdef')], [], SETTINGS), 2_000],
    ['readings', () => arrivalsOf([], [readingFile('0123456789abcdef')], SETTINGS), 500],
  ])('of %s: every row once and in order, none before its time, most within the mean, none later than ten means', (_, arrivals, count) => {
    const rows = rowsOf(arrivals());
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, row) => row));
    expect(rows.map(({ value }) => value)).toEqual(rows.map(({ number }) => number));
    expect(rows.every(({ atMs }, index) => index === 0 || atMs >= rows[index - 1]!.atMs)).toBe(true);
    const delays = rows.map(({ atMs, eventMs }) => atMs - eventMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    // A row held up by the one before it, and the feed's turn of 100 ms.
    expect(Math.max(...delays)).toBeLessThanOrEqual(2_000 + 100);
    expect(arrivals().reduce((sum, { rows: number }) => sum + number, 0)).toBe(count);
  });

  it('are delayed by the mean that was asked for', () => {
    const mean = (meanDelayMs: number) => {
      const rows = rowsOf(arrivalsOf([], [readingFile('0123456789abcdef')], { ...SETTINGS, meanDelayMs }));
      return rows.reduce((sum, { atMs, eventMs }) => sum + atMs - eventMs, 0) / rows.length;
    };
    expect(mean(0)).toBe(0);
    expect(mean(200)).toBeGreaterThan(170);
    expect(mean(200)).toBeLessThan(230);
  });

  it('are the same for the same seed, and others for another', () => {
    const times = (seed: number) => arrivalsOf([], [readingFile('0123456789abcdef')], { ...SETTINGS, seed }).map(({ atMs }) => atMs);
    expect(times(5)).toEqual(times(5));
    expect(times(5)).not.toEqual(times(6));
  });

  it('of a file are the same whatever is replayed beside it, and of several files come in the order of time', () => {
    const alone = arrivalsOf([tradeFile('0123456789abcdef')], [], SETTINGS);
    const together = arrivalsOf([tradeFile('fedcba9876543210', 'AIG'), tradeFile('0123456789abcdef')], [readingFile('00000001')], SETTINGS);
    expect(together.filter((arrival) => arrival.kind === 'trades' && arrival.symbol === 'IBM')).toEqual(alone);
    expect(together.every(({ atMs }, index) => index === 0 || atMs >= together[index - 1]!.atMs)).toBe(true);
  });

  it('of trades are records of the contract, no trade in a record from before the one in front of it', () => {
    const arrivals = arrivalsOf([tradeFile('0123456789abcdef')], [], SETTINGS);
    const ids = arrivals.flatMap((arrival, index) => {
      if (arrival.kind !== 'trades') throw new Error('no trades');
      const record = {
        lane: 'shardId-000000000000',
        position: String(index),
        key: arrival.symbol,
        bytes: arrival.data,
        arrivalMs: arrival.atMs,
      };
      const { events, refusals } = decodeRecord('trades', record, DEFAULT_SETTINGS);
      expect(refusals).toEqual([]);
      return events.map((event) => (event.type === 'timer' ? '' : event.eventId));
    });
    expect(new Set(ids).size).toBe(2_000);
    expect(ids).toEqual([...ids].sort());
  });

  it('of readings carry boot and number, or neither', () => {
    const [numbered] = arrivalsOf([], [readingFile('0123456789abcdef')], SETTINGS);
    const [bare] = arrivalsOf([], [readingFile('0123456789abcdef')], { ...SETTINGS, numbered: false });
    if (numbered?.kind !== 'reading' || bare?.kind !== 'reading') throw new Error('no readings');
    expect(JSON.parse(numbered.payload)).toEqual({ timestamp: START_MS, temperature: 0, boot: '0123456789abcdef', seq: 0 });
    expect(JSON.parse(bare.payload)).toEqual({ timestamp: START_MS, temperature: 0 });
  });
});

describe('the days of a recording', () => {
  it('are those of each key’s zone, settled once the lateness of their source has passed', () => {
    const evening = { ...tradeFile('0123456789abcdef'), trades: [{ s: 'IBM', p: 1, t: Date.parse('2013-10-08T03:59:59.999Z'), v: 1 }] };
    const crypto = { ...evening, symbol: 'BINANCE:BTCUSDT' };
    const tokyo = { ...readingFile('1', 'Asia/Tokyo'), rows: [{ eventMs: Date.parse('2013-10-08T15:00:00Z'), temperature: 1 }] };
    expect(eventDaysOf([evening, crypto], [tokyo])).toEqual([
      { source: 'readings', day: '2013-10-09', settledMs: Date.parse('2013-10-09T16:00:00Z') },
      { source: 'trades', day: '2013-10-07', settledMs: Date.parse('2013-10-08T04:10:00Z') },
      { source: 'trades', day: '2013-10-08', settledMs: Date.parse('2013-10-09T00:10:00Z') },
    ]);
  });

  it('are told by source: what is published, and what is not', () => {
    const outcome = (source: 'trades' | 'readings', day: string, revision: number | null) => ({ source, day, revision });
    const days = [outcome('readings', '2013-10-07', null), outcome('trades', '2013-10-07', 1), outcome('trades', '2013-10-08', 2)];
    const summary = { began_at: 'A', ended_at: 'B', days } as unknown as Parameters<typeof daysTableOf>[0];
    expect(daysTableOf(summary).split('\n')).toEqual([
      'event time from A to B',
      'readings: 1 day not published: 2013-10-07',
      'trades: 2 days published, 2013-10-07 to 2013-10-08',
    ]);
  });
});
