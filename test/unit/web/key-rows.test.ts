/** Rows of one key as they come: pages of windows within bounds, events told and pushed. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withRunning } from '../../../web/keys/days.js';
import { RecentRows } from '../../../web/recent-rows.js';
import { WindowRows } from '../../../web/window-rows.js';

interface Window {
  readonly start: string;
  readonly revision: number;
  readonly closed: boolean;
}
interface Event {
  readonly event_id?: string;
  readonly event_time: string;
  readonly value: number;
}

const START = Date.UTC(2026, 0, 31);
const MINUTE_MS = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

let requests: URL[];
let answer: (url: URL) => { data: readonly unknown[]; next_cursor?: string | null };
beforeEach(() => {
  vi.useFakeTimers({ now: START + 86_400_000 });
  requests = [];
  vi.stubGlobal('fetch', async (address: string) => {
    const url = new URL(address, 'http://page');
    requests.push(url);
    return Response.json({
      next_cursor: null,
      as_of: { boundary: '2026-01-30', boundary_time: '2026-01-31T05:00:00.000Z' },
      ...answer(url),
    });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A live connection in the hands of the test. */
function fakeLive() {
  const listeners: ((row: unknown) => void)[] = [];
  let offs = 0;
  return {
    connected: true,
    subscribe: (_topic: string, listener: (row: never) => void) => {
      listeners.push(listener as (row: unknown) => void);
      return () => {
        offs++;
      };
    },
    onChange: () => () => {
      offs++;
    },
    push: (row: unknown) => {
      for (const listener of listeners) listener(row);
    },
    offs: () => offs,
  };
}

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('windows of a key', () => {
  let all: Window[];
  beforeEach(() => {
    all = Array.from({ length: 500 }, (_, index) => ({ start: iso(START + index * MINUTE_MS), revision: 1, closed: true }));
    answer = (url) => {
      const from = url.searchParams.get('cursor') ?? url.searchParams.get('from')!;
      const limit = Number(url.searchParams.get('limit'));
      const left = all.filter(({ start }) => start >= from);
      return { data: left.slice(0, limit), next_cursor: left[limit]?.start ?? null };
    };
  });

  function open(fromMs: number, live = fakeLive()) {
    const changes = vi.fn();
    const rows = new WindowRows<Window>('windows', '/v1/x/windows', ({ start }) => start, live, changes);
    rows.from(fromMs);
    return { rows, changes, live };
  }

  it('come whole once, then only those that may still change', async () => {
    const { rows } = open(START + 100 * MINUTE_MS);
    await settle();
    expect(rows.rows?.map(({ start }) => start)).toEqual(all.slice(100).map(({ start }) => start));
    expect(rows.boundary).toBe('2026-01-31T05:00:00.000Z');
    const before = rows.rows;
    await settle(10_000);
    expect(rows.rows).toBe(before);
    expect(requests.map((url) => url.searchParams.get('from'))).toEqual([all[100]?.start, all[470]?.start]);
    all[498] = { ...all[498]!, revision: 2 };
    all.push({ start: iso(START + 500 * MINUTE_MS), revision: 0, closed: false });
    await settle(10_000);
    expect(rows.rows?.slice(-3).map(({ revision }) => revision)).toEqual([2, 1, 0]);
    all[100] = { ...all[100]!, revision: 7 };
    await settle(300_000);
    expect(rows.rows?.[0]?.revision).toBe(7);
    rows.close();
  });

  it('are asked for again when more of them are wanted, not when fewer are', async () => {
    const { rows } = open(START + 400 * MINUTE_MS);
    await settle();
    rows.from(START + 450 * MINUTE_MS);
    await settle();
    expect(requests).toHaveLength(1);
    expect(rows.isCurrent).toBe(true);
    rows.from(START);
    expect(rows.isCurrent).toBe(false);
    await settle();
    expect(rows.rows).toHaveLength(500);
    expect(rows.firstMs).toBe(START);
    rows.close();
  });

  it('are read in pages, at most three, and of them the newest 2,000 are kept', async () => {
    all = Array.from({ length: 2500 }, (_, index) => ({ start: iso(START + index * MINUTE_MS), revision: 1, closed: true }));
    const { rows } = open(START);
    await settle();
    expect(requests).toHaveLength(3);
    expect(rows.rows).toHaveLength(2000);
    expect(rows.rows?.at(-1)).toEqual(all.at(-1));
    expect(rows.isCut).toBe(true);
    rows.close();

    all = Array.from({ length: 9000 }, (_, index) => ({ start: iso(START + index * MINUTE_MS), revision: 1, closed: true }));
    requests = [];
    const endless = open(START);
    await settle();
    expect(requests).toHaveLength(3);
    endless.rows.close();
  });

  it('come sooner when something was pushed, but not all the time; nothing comes once they are closed', async () => {
    const { rows, live } = open(START);
    await settle();
    rows.hurry();
    await settle(1000);
    expect(requests).toHaveLength(1);
    await settle(1500);
    rows.hurry();
    await settle();
    expect(requests).toHaveLength(2);
    rows.close();
    await settle(60_000);
    expect(requests).toHaveLength(2);
    expect(live.offs()).toBe(1);
  });
});

describe('the newest events of a key', () => {
  let told: Event[];
  const event = (second: number, value = second): Event => ({ event_id: `e${second}`, event_time: iso(START + second * 1000), value });
  beforeEach(() => {
    told = [3, 2, 1].map((second) => event(second));
    answer = () => ({ data: told });
  });

  function open(keep = 5) {
    const live = fakeLive();
    const rowOf = (row: Event | null) => row;
    return { live, recent: new RecentRows<Event>('events', '/v1/x/readings', { topic: 'live/x', rowOf, keep }, live, () => {}) };
  }
  const values = (recent: RecentRows<Event>) => recent.rows?.map(({ value }) => value);

  it('stay when the API has forgotten them, as many as are kept', async () => {
    const { recent } = open();
    await settle();
    expect(values(recent)).toEqual([1, 2, 3]);
    told = [6, 5, 4].map((second) => event(second));
    await settle(10_000);
    expect(values(recent)).toEqual([2, 3, 4, 5, 6]);
    recent.close();
  });

  it('show what is pushed at once, and what the API tells instead once it does', async () => {
    const { recent, live } = open();
    await settle();
    live.push({ event_time: iso(START + 4000), value: 40 });
    live.push({ event_time: iso(START + 4000), value: 41 });
    live.push({ event_time: iso(START + 2000), value: 20 });
    live.push(null);
    expect(values(recent)).toEqual([1, 2, 3, 40]);
    const before = recent.rows;
    await settle(10_000);
    expect(values(recent)).toEqual([1, 2, 3, 40]);
    expect(recent.rows).toBe(before);
    told = [4, 3, 2].map((second) => event(second));
    await settle(10_000);
    expect(values(recent)).toEqual([1, 2, 3, 4]);
    recent.close();
    await settle(60_000);
    expect(requests).toHaveLength(3);
    expect(live.offs()).toBe(2);
  });
});

describe('the days of a key', () => {
  const settled = { day: '2026-01-29', layer: 'batch', count: 5 };
  const moving = { day: '2026-01-30', layer: 'speed', count: 3, low: 1 };

  it('run along with the key on the newest day, as long as it moves', () => {
    expect(withRunning([settled, moving], { day: '2026-01-30', count: 4 })).toEqual([settled, { ...moving, count: 4 }]);
    expect(withRunning([settled], { day: '2026-01-30', count: 4 })).toEqual([settled, { day: '2026-01-30', layer: 'speed', count: 4 }]);
    expect(withRunning([settled], { day: '2026-01-29', count: 9 })).toEqual([settled]);
    expect(withRunning([settled, moving], { day: '2026-01-28', count: 9 })).toEqual([settled, moving]);
    expect(withRunning<typeof moving>([], { day: '2026-01-30', count: 1 })).toHaveLength(1);
  });
});
