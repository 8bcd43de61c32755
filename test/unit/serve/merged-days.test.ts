/** Days as one view of batch and speed, whatever is published in the middle of a request. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import type { Access, MemoryBatch } from '../../support/memory-batch.ts';
import { type Answer, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const DAY_MS = 86_400_000;
const DAILY = '/v1/sensors/attic/daily';
/** What is only shown of the batch is asked for so often. */
const SHOWN_FOR_MS = 5_000;
const SETTINGS = { ...DEFAULT_SETTINGS, sensors: [{ match: 'attic', profile: 'dht22', zone: 'Asia/Tokyo' }] };

const rows = ({ body }: Answer) => body.data as Record<string, unknown>[];
const shown = (answer: Answer) => rows(answer).map(({ day, layer, revision, reading_count: count }) => [day, layer, revision, count]);
const dayOf = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString().slice(0, 10);

/** The speed layer counts one reading a day, of noon in Tokyo; the batch has found more: `100 + daysAgo`. */
function layers(days: number, options: { readonly published?: readonly number[]; readonly without?: readonly number[] } = {}) {
  const { published = [], without = [] } = options;
  const speed = new MemorySpeed(NOW, SETTINGS);
  const heard = Array.from({ length: days }, (_, index) => days - 1 - index).filter((daysAgo) => !without.includes(daysAgo));
  for (const daysAgo of heard) {
    const noon = Date.parse(`${dayOf(daysAgo)}T03:00:00Z`);
    speed.deliver('readings', 'attic', [reading('attic', 1000 - daysAgo, noon, daysAgo)], { arrivalMs: NOW });
    make(speed.batch, daysAgo);
  }
  for (const daysAgo of published) speed.batch.publish('readings', dayOf(daysAgo), 'g1');
  return speed;
}

/** A generation of a day that nobody sees yet. */
function make(batch: MemoryBatch, daysAgo: number, gen = 'g1', count = 100 + daysAgo): void {
  const day = dayOf(daysAgo);
  if (gen === 'g1') batch.archive('readings', day, count);
  batch.write('readings', 'attic', day, gen, {
    sensor_id: 'attic',
    reading_count: count,
    temperature_c_mean: 20,
    temperature_c_min: 19,
    temperature_c_max: 21,
    humidity_pct_mean: null,
    humidity_pct_min: null,
    humidity_pct_max: null,
    ok_count: count,
    nan_count: 1,
    range_count: 0,
    sentinel_count: 0,
    bit_shift_count: 2,
    minutes_high: 3,
    minutes_critical: 0,
    interval_count: 1400,
    expected_interval_count: 1440,
    completeness: 0.97,
    first_event_ms: 1,
  });
}

describe('days of a sensor', () => {
  it('come from the published generation where there is one, from the speed layer otherwise', async () => {
    const answer = await askerOf(layers(4, { published: [3, 2] }).serving)(DAILY);
    expect(shown(answer)).toEqual([
      [dayOf(3), 'batch', 1, 103],
      [dayOf(2), 'batch', 1, 102],
      [dayOf(1), 'speed', 0, 1],
      [dayOf(0), 'speed', 0, 1],
    ]);
    expect(rows(answer)[0]).toMatchObject({ ok_count: 103, bit_shift_count: 2, minutes_high: 3, completeness: 0.97 });
    expect(rows(answer)[2]).toMatchObject({ ok_count: null, bit_shift_count: null, minutes_high: null, completeness: null });
    expect(Object.keys(rows(answer)[0]!)).toEqual(Object.keys(rows(answer)[2]!));
  });

  it('show a generation once it is named, with the revision of its publication', async () => {
    const speed = layers(3, { published: [2] });
    make(speed.batch, 2, 'g2', 555);
    const ask = askerOf(speed.serving);
    expect(shown(await ask(DAILY))[0]).toEqual([dayOf(2), 'batch', 1, 102]);
    speed.batch.publish('readings', dayOf(2), 'g2');
    expect(shown(await ask(DAILY))[0]).toEqual([dayOf(2), 'batch', 2, 555]);
  });

  it('have no row of a published day on which the batch found nothing of the key, whatever the speed layer says', async () => {
    const speed = layers(3, { published: [2] });
    speed.batch.publish('readings', dayOf(1), 'of-others-only');
    expect(shown(await askerOf(speed.serving)(DAILY)).map(([day]) => day)).toEqual([dayOf(2), dayOf(0)]);
  });

  it('are settled though windows of them are still in the state of the key', async () => {
    const speed = layers(3, { published: [2], without: [0] });
    // The newest reading is of yesterday: its window is open until something comes after it.
    speed.batch.publish('readings', dayOf(1), 'of-others-only');
    expect(shown(await askerOf(speed.serving)(DAILY)).map(([day]) => day)).toEqual([dayOf(2)]);
    speed.batch.publish('readings', dayOf(1), 'g1');
    expect(shown(await askerOf(speed.serving)(DAILY))).toEqual([
      [dayOf(2), 'batch', 1, 102],
      [dayOf(1), 'batch', 2, 101],
    ]);
  });

  it('have nothing where the speed layer has forgotten and nothing is published', async () => {
    const speed = layers(6, { published: [5], without: [4, 3] });
    expect(shown(await askerOf(speed.serving)(`${DAILY}?from=${dayOf(5)}`)).map(([day]) => day)).toEqual([
      dayOf(5),
      dayOf(2),
      dayOf(1),
      dayOf(0),
    ]);
  });

  it('are paged over both layers, each once, in either direction', async () => {
    const published = [11, 10, 9, 7, 6, 3, 1];
    const speed = layers(12, { published, without: [8] });
    const ask = askerOf(speed.serving);
    const all = Array.from({ length: 12 }, (_, index) => 11 - index).filter((daysAgo) => daysAgo !== 8);
    const expected = all.map((daysAgo) => [dayOf(daysAgo), published.includes(daysAgo) ? 'batch' : 'speed']);
    const pairs = (answer: Answer) => shown(answer).map(([day, layer]) => [day, layer]);
    for (let limit = 1; limit <= 12; limit++) {
      const seen: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null && seen.length <= expected.length; ) {
        const { body } = await ask(`${DAILY}?from=${dayOf(11)}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        seen.push(...pairs({ body } as Answer));
        cursor = body.next_cursor;
      }
      expect([limit, seen]).toEqual([limit, expected]);
      expect([limit, pairs(await ask(`${DAILY}?limit=${limit}`))]).toEqual([limit, expected.slice(-limit)]);
      expect([limit, pairs(await ask(`${DAILY}?limit=${limit}&to=${dayOf(2)}`))]).toEqual([limit, expected.slice(0, -3).slice(-limit)]);
    }
  });

  it('read what is published once, and no windows of settled days but one a run of them', async () => {
    const speed = layers(40, { published: Array.from({ length: 39 }, (_, index) => index + 1) });
    const ask = askerOf(speed.serving);
    expect(rows(await ask(DAILY))).toHaveLength(31);
    expect(speed.batch.accesses.filter((access) => access === 'published')).toHaveLength(1);
    expect(speed.accesses.windowRows).toBeLessThanOrEqual(2);
    expect(rows(await ask(`${DAILY}?from=${dayOf(39)}`))).toHaveLength(40);
    expect(speed.accesses.windowRows).toBeLessThanOrEqual(4);
  });
});

describe('a publication in the middle of a request', () => {
  const expected = (upTo: number, revision: number, count: number) => [
    [dayOf(3), 'batch', revision, count],
    ...[2, 1].map((daysAgo) => (daysAgo >= upTo ? [dayOf(daysAgo), 'batch', 1, 100 + daysAgo] : [dayOf(daysAgo), 'speed', 0, 1])),
    [dayOf(0), 'speed', 0, 1],
  ];
  const before = expected(3, 1, 103);
  const after = expected(1, 2, 777);

  it.each([DAILY, `${DAILY}?from=${dayOf(3)}`])('gives each day once, all of one publication: %s', async (path) => {
    const accesses = await counted(path);
    expect(accesses.length).toBeGreaterThanOrEqual(5);
    const seen = [];
    for (let index = 0; index < accesses.length; index++) {
      const speed = layers(4, { published: [3] });
      make(speed.batch, 3, 'g2', 777);
      let left = index;
      speed.batch.beforeAccess = () => {
        if (left-- === 0) {
          speed.batch.publish('readings', dayOf(3), 'g2');
          for (const daysAgo of [2, 1]) speed.batch.publish('readings', dayOf(daysAgo), 'g1');
        }
      };
      const answer = await askerOf(speed.serving)(path);
      const isAfter = index <= accesses.indexOf('published');
      expect([accesses[index], shown(answer)]).toEqual([accesses[index], isAfter ? after : before]);
      expect(answer.body.as_of).toMatchObject({ boundary: dayOf(isAfter ? 1 : 3) });
      seen.push(isAfter);
    }
    expect(new Set(seen).size).toBe(2);
  });

  async function counted(path: string): Promise<Access[]> {
    const speed = layers(4, { published: [3] });
    make(speed.batch, 3, 'g2', 777);
    await askerOf(speed.serving)(path);
    return speed.batch.accesses;
  }
});

describe('the boundary', () => {
  const boundary = async (speed: MemorySpeed, path = '/v1/sensors/attic/latest') => (await askerOf(speed.serving)(path)).body.as_of;

  it('is the newest day up to which every known day is published, and the instant at which it ends for the key', async () => {
    const speed = layers(5, { published: [4, 3, 1] });
    // Midnight of Tokyo.
    expect(await boundary(speed)).toMatchObject({ boundary: dayOf(3), boundary_time: `${dayOf(3)}T15:00:00.000Z` });
    speed.batch.publish('readings', dayOf(2), 'g1');
    expect(await boundary(speed)).toMatchObject({ boundary: dayOf(1), boundary_time: `${dayOf(1)}T15:00:00.000Z` });
  });

  it('does not stop at a day without rows', async () => {
    expect(await boundary(layers(5, { published: [4, 2], without: [3] }))).toMatchObject({ boundary: dayOf(2) });
  });

  it('is none while the oldest known day is not published, and of a source without any', async () => {
    expect(await boundary(layers(3, { published: [1] }))).toMatchObject({ boundary: null, boundary_time: null });
    const speed = layers(3, { published: [2] });
    speed.deliver('trades', 'IBM', [trade('IBM', 0, NOW, 10, 1)], { arrivalMs: NOW });
    expect(await boundary(speed, '/v1/symbols/IBM/latest')).toMatchObject({ boundary: null, boundary_time: null });
  });

  it('never includes a day that the same answer gives from the speed layer, though the archive does not know it yet', async () => {
    const speed = layers(3, { published: [2, 1], without: [] });
    speed.batch.archived.readings.delete(dayOf(0));
    speed.batch.publish('readings', '2026-06-30', 'g1');
    expect(await boundary(speed, DAILY)).toMatchObject({ boundary: dayOf(1) });
  });

  it.each(['latest', 'readings', 'windows', 'daily', 'history'])(
    'stands in the answer about %s, and makes another entity',
    async (leaf) => {
      const speed = layers(3, { published: [2] });
      const ask = askerOf(speed.serving);
      const first = await ask(`/v1/sensors/attic/${leaf}`);
      expect(first.body.as_of).toMatchObject({ boundary: dayOf(2), boundary_time: `${dayOf(2)}T15:00:00.000Z` });
      speed.batch.publish('readings', dayOf(1), 'g1');
      speed.nowMs += SHOWN_FOR_MS;
      expect((await ask(`/v1/sensors/attic/${leaf}`)).headers['etag']).not.toBe(first.headers['etag']);
    },
  );

  it('is the one read last while the bucket is away: only days have to know it', async () => {
    const speed = layers(3, { published: [2] });
    let isAway = true;
    const read = async () => {
      if (isAway) throw new Error('the bucket is away');
      return speed.serving.published.read();
    };
    const ask = askerOf({ ...speed.serving, published: { read } });
    expect((await ask('/v1/sensors/attic/latest')).body.as_of).toMatchObject({ boundary: null });
    speed.nowMs += SHOWN_FOR_MS - 1;
    isAway = false;
    expect((await ask('/v1/sensors/attic/latest')).body.as_of).toMatchObject({ boundary: null });
    speed.nowMs += 1;
    expect((await ask('/v1/sensors/attic/latest')).body.as_of).toMatchObject({ boundary: dayOf(2) });
    speed.nowMs += SHOWN_FOR_MS;
    isAway = true;
    expect((await ask('/v1/sensors/attic/latest')).body.as_of).toMatchObject({ boundary: dayOf(2) });
    expect((await ask(DAILY)).status).toBe(500);
  });

  it('stands in no list of keys', async () => {
    expect((await askerOf(layers(3, { published: [2] }).serving)('/v1/sensors')).body.as_of).toMatchObject({ boundary: null });
  });
});

describe('days of a symbol', () => {
  it('carry what only the batch counts', async () => {
    const speed = new MemorySpeed(NOW);
    speed.deliver('trades', 'IBM', [trade('IBM', 0, NOW - DAY_MS, 10, 1), trade('IBM', 1, NOW, 11, 2)], { arrivalMs: NOW });
    speed.batch.archive('trades', '2026-05-31', 5);
    speed.batch.write('trades', 'IBM', '2026-05-31', 'g1', { symbol: 'IBM', trade_count: 4, volume: 7, price_update_count: 1, vwap: 10.5 });
    speed.batch.publish('trades', '2026-05-31', 'g1');
    expect(rows(await askerOf(speed.serving)('/v1/symbols/IBM/daily'))).toMatchObject([
      { day: '2026-05-31', symbol: 'IBM', trade_count: 4, volume: 7, vwap: 10.5, price_update_count: 1, layer: 'batch', revision: 1 },
      { day: '2026-06-01', symbol: 'IBM', trade_count: 1, volume: 2, price_update_count: null, layer: 'speed', revision: 0 },
    ]);
  });
});
