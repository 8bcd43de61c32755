/** Routes about symbols and sensors. */
import { describe, expect, it } from 'vitest';
import { MAX_RECENT } from '#domain/fold.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { type Answer, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const MINUTE = 60_000;

const field = (answer: Answer, name: string) => (answer.body.data as Record<string, unknown>[]).map((row) => row[name]);

describe('trades of a symbol', () => {
  it('are the newest ones, newest first, each with the change from the one before in event order', async () => {
    const speed = new MemorySpeed(NOW);
    const trades = [
      [3000, 40],
      [1000, 10],
      [2000, 20],
    ].map(([afterMs, price], number) => trade('IBM', number, NOW + afterMs!, price!, 1));
    speed.deliver('trades', 'IBM', [...trades, trade('IBM', 3, NOW + 2500, 99, 0)], { arrivalMs: NOW });
    const ask = askerOf(speed.serving);
    const answer = await ask('/v1/symbols/IBM/trades');
    expect(field(answer, 'price')).toEqual([40, 20, 10]);
    expect(field(answer, 'absolute_price_change')).toEqual([20, 10, null]);
    expect(field(answer, 'percentage_change')).toEqual([100, 100, null]);
    expect(answer.body.next_cursor).toBeNull();
    expect(field(await ask('/v1/symbols/IBM/trades?limit=1'), 'absolute_price_change')).toEqual([20]);
  });

  it('leave out the oldest one kept, whose trade before is not kept any more', async () => {
    const speed = new MemorySpeed(NOW);
    const trades = Array.from({ length: MAX_RECENT + 5 }, (_, number) => trade('IBM', number, NOW + number, 100 + number, 1));
    speed.deliver('trades', 'IBM', trades, { arrivalMs: NOW });
    const answer = await askerOf(speed.serving)('/v1/symbols/IBM/trades');
    expect(field(answer, 'absolute_price_change')).toEqual(Array(MAX_RECENT - 1).fill(1));
  });
});

describe('readings of a sensor', () => {
  it('are the newest ones, newest first, untrusted ones included', async () => {
    const speed = new MemorySpeed(NOW);
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 20), reading('attic', 1, NOW - 500, null)], { arrivalMs: NOW });
    const answer = await askerOf(speed.serving)('/v1/sensors/attic/readings');
    expect([field(answer, 'temperature_c'), field(answer, 'quality')]).toEqual([
      [20, null],
      ['OK', 'NAN'],
    ]);
  });
});

describe('bars of a symbol', () => {
  const day = '2026-05-29';
  const open = Date.parse(`${day}T13:30:00Z`);
  function speedWithBars(): MemorySpeed {
    const speed = new MemorySpeed(NOW);
    const trades = Array.from({ length: 30 }, (_, number) => trade('IBM', number, open + number * MINUTE, 100 + number, 1));
    speed.deliver('trades', 'IBM', [trade('IBM', 99, open - 24 * 60 * MINUTE, 1, 1), ...trades], { arrivalMs: NOW });
    return speed;
  }

  it('are those of the newest event day, open ones included, when no range is named', async () => {
    const answer = await askerOf(speedWithBars().serving)('/v1/symbols/IBM/bars');
    expect(field(answer, 'bar_start')).toEqual(Array.from({ length: 30 }, (_, minute) => new Date(open + minute * MINUTE).toISOString()));
    expect(field(answer, 'closed').lastIndexOf(true)).toBe(27);
    expect(field(answer, 'revision').slice(-3)).toEqual([1, 0, 0]);
  });

  it('have a half-open range of times, or of days of the zone', async () => {
    const ask = askerOf(speedWithBars().serving);
    const first = async (query: string) => field(await ask(`/v1/symbols/IBM/bars?${query}`), 'open_price');
    expect(await first(`from=${day}T13:31:00Z&to=${day}T13:33:00Z`)).toEqual([101, 102]);
    expect(await first(`from=${day}T15:31:00%2B02:00&to=${day}T13:32:00.001Z`)).toEqual([101, 102]);
    expect(await first(`from=2026-05-28&to=${day}`)).toEqual([1]);
    expect(await first(`to=${day}`)).toEqual([1]);
    // 04:00 UTC is midnight in New York.
    expect(await first(`from=2026-05-28T04:00:00Z&to=${day}T04:00:00Z`)).toEqual([1]);
    expect(await first(`from=${day}T13:58:00Z`)).toEqual([128, 129]);
    expect(await first('from=2026-06-01')).toEqual([]);
  });

  it('continue where a page ended, though the newest day is another one by then', async () => {
    const speed = speedWithBars();
    const ask = askerOf(speed.serving);
    const first = await ask('/v1/symbols/IBM/bars?limit=20');
    const tomorrow = open + 24 * 60 * MINUTE;
    speed.deliver('trades', 'IBM', [trade('IBM', 100, tomorrow, 7, 1)], { arrivalMs: NOW });
    const second = await ask(`/v1/symbols/IBM/bars?limit=20&cursor=${first.body.next_cursor}`);
    expect([...field(first, 'open_price'), ...field(second, 'open_price')]).toEqual(
      Array.from({ length: 30 }, (_, number) => 100 + number),
    );
    expect(second.body.next_cursor).toBeNull();
  });

  it('show what was decided and not written yet, and a revision over what it revises', async () => {
    const speed = speedWithBars();
    const late = trade('IBM', 50, open + 24 * MINUTE + 1, 500, 1);
    speed.deliver('trades', 'IBM', [late], { arrivalMs: NOW, emit: false });
    const answer = await askerOf(speed.serving)(`/v1/symbols/IBM/bars?from=${day}T13:54:00Z&to=${day}T13:55:00Z`);
    expect(answer.body.data).toMatchObject([{ high_price: 500, trade_count: 2, revision: 2, closed: true }]);
  });

  it('are none of a symbol that never traded, with or without a range', async () => {
    const speed = new MemorySpeed(NOW);
    speed.deliver('trades', 'IBM', [trade('IBM', 0, NOW, 10, 0)], { arrivalMs: NOW });
    const ask = askerOf(speed.serving);
    for (const path of ['bars', 'bars?from=2026-01-01&to=2026-02-01', 'daily', 'daily?from=2026-01-01', 'daily?to=2026-01-01']) {
      expect((await ask(`/v1/symbols/IBM/${path}`)).body).toMatchObject({ data: [], next_cursor: null });
    }
    expect((await ask('/v1/symbols/IBM/latest')).body.data).toMatchObject({ price: 10, size: 0, day: null });
  });
});

describe('days of a sensor', () => {
  const settings = { ...DEFAULT_SETTINGS, sensors: [{ match: 'attic', profile: 'dht22', zone: 'Asia/Tokyo' }] };
  /** One reading a day at 14:59:59.999 UTC, one millisecond before midnight in Tokyo. */
  function speedWithDays(count: number): MemorySpeed {
    const speed = new MemorySpeed(NOW, settings);
    const first = Date.parse('2013-12-02T14:59:59.999Z');
    const readings = Array.from({ length: count }, (_, day) => reading('attic', day, first + day * 24 * 60 * MINUTE, day));
    speed.deliver('readings', 'attic', readings, { arrivalMs: NOW });
    return speed;
  }

  it('are the newest 31 event days when no range is named, though they are long ago', async () => {
    const ask = askerOf(speedWithDays(79).serving);
    const answer = await ask('/v1/sensors/attic/daily');
    expect(field(answer, 'day')).toHaveLength(31);
    expect([field(answer, 'day')[0], field(answer, 'day').at(-1)]).toEqual(['2014-01-19', '2014-02-18']);
    expect(field(answer, 'temperature_c_mean')[0]).toBe(48);
    expect(field(await ask('/v1/sensors/attic/daily?limit=2'), 'day')).toEqual(['2014-02-17', '2014-02-18']);
    expect(field(await ask('/v1/sensors/attic/daily?limit=2&to=2014-02-01'), 'day')).toEqual(['2014-01-30', '2014-01-31']);
  });

  it('are all of a range that is named, half-open', async () => {
    const ask = askerOf(speedWithDays(79).serving);
    const all = await ask('/v1/sensors/attic/daily?from=2013-12-01&to=2014-03-01');
    expect([field(all, 'day').length, all.body.next_cursor]).toEqual([79, null]);
    expect(field(await ask('/v1/sensors/attic/daily?from=2013-12-03&to=2013-12-05'), 'day')).toEqual(['2013-12-03', '2013-12-04']);
    expect(field(await ask('/v1/sensors/attic/daily?from=2014-02-17'), 'day')).toEqual(['2014-02-17', '2014-02-18']);
    expect(field(await ask('/v1/sensors/attic/daily?from=2015-01-01'), 'day')).toEqual([]);
  });

  it('skip days without events without counting them', async () => {
    const speed = new MemorySpeed(NOW, settings);
    const times = ['2013-01-01', '2013-06-01', '2014-01-01'].map((day) => Date.parse(`${day}T00:00:00Z`));
    speed.deliver(
      'readings',
      'attic',
      times.map((ms, seq) => reading('attic', seq, ms, 1)),
      { arrivalMs: NOW },
    );
    const ask = askerOf(speed.serving);
    expect(field(await ask('/v1/sensors/attic/daily'), 'day')).toEqual(['2013-01-01', '2013-06-01', '2014-01-01']);
    expect(field(await ask('/v1/sensors/attic/daily?limit=2'), 'day')).toEqual(['2013-06-01', '2014-01-01']);
  });

  it('are not read whole again for every request of the newest one', async () => {
    const speed = new MemorySpeed(NOW);
    const readings = Array.from({ length: 200 }, (_, seq) => reading('cellar', seq, NOW - (200 - seq) * 5 * MINUTE, seq / 10));
    speed.deliver('readings', 'cellar', readings, { arrivalMs: NOW });
    const ask = askerOf(speed.serving);
    const first = await ask('/v1/sensors/cellar/latest');
    const cold = speed.accesses.windowRows;
    expect(cold).toBeGreaterThan(100);
    speed.deliver('readings', 'cellar', [reading('cellar', 200, NOW, 21)], { arrivalMs: NOW });
    const second = await ask('/v1/sensors/cellar/latest');
    expect(speed.accesses.windowRows - cold).toBe(1);
    const countOf = ({ body }: Answer) => (body.data as { day: { reading_count: number } }).day.reading_count;
    expect(countOf(second)).toBe(countOf(first) + 1);
  });
});
