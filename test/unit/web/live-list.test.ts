import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compareCounted, compareRevisions, LiveList } from '../../../web/live-list.js';

interface Row {
  readonly id: string;
  readonly value: number;
  readonly state: string;
  readonly event_time: string | null;
  readonly counters: { readonly received: number };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function row(id: string, received: number, value = received, state = 'ACTIVE'): Row {
  return { id, value, state, event_time: null, counters: { received } };
}

/** A list whose answers and pushed rows the test gives. */
function listed(answered: readonly Row[], { partial = false } = {}) {
  const answer = { data: answered, partial, nextCursor: null, boundary: null, settledDay: null };
  const api = { answer };
  let push = (_row: Row): void => {};
  const live = {
    connected: true,
    subscribe: (_topic: string, listener: (row: Row) => void) => {
      push = listener;
      return () => {};
    },
    onChange: () => () => {},
  };
  const list = new LiveList<Row>(
    {
      name: 'things',
      read: async () => api.answer,
      topic: 'live/things/#',
      keyOf: ({ id }) => id,
      compareAge: compareCounted,
      isListed: ({ state }) => state === 'ACTIVE',
    },
    live,
    () => {},
  );
  const values = () => list.rows?.map(({ id, value }) => `${id}${value}`).join(' ') ?? null;
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { list, api, values, pass, push: (pushed: Row) => push(pushed) };
}

describe('a list with pushed rows', () => {
  it('has nothing before the first answer, whatever was pushed', async () => {
    const { list, values, push, pass } = listed([row('a', 1)]);
    list.open();
    push(row('b', 1));
    expect(values()).toBeNull();
    await pass(0);
    expect(values()).toBe('a1 b1');
  });

  it('never goes back: an older row changes nothing, pushed or answered', async () => {
    const { list, api, values, push, pass } = listed([row('a', 5)]);
    list.open();
    await pass(0);
    push(row('a', 7));
    push(row('a', 6));
    expect(values()).toBe('a7');
    push(row('a', 4));
    await pass(5000);
    push(row('a', 8));
    api.answer = { ...api.answer, data: [row('a', 6)] };
    await pass(5000);
    expect(values()).toBe('a8');
    await pass(5000);
    push(row('a', 9));
    api.answer = { ...api.answer, data: [row('a', 10)] };
    await pass(5000);
    expect(values()).toBe('a10');
  });

  it('believes the API when it still says otherwise after 10 s: the pipeline began anew', async () => {
    const { list, api, values, push, pass } = listed([row('a', 5)]);
    list.open();
    await pass(0);
    push(row('a', 900));
    api.answer = { ...api.answer, data: [row('a', 1)] };
    await pass(10_000);
    expect(values()).toBe('a900');
    await pass(10_000);
    expect(values()).toBe('a1');
  });

  it('leaves out what belongs there no longer', async () => {
    const { list, values, push, pass } = listed([row('a', 1), row('b', 1)]);
    list.open();
    await pass(0);
    push(row('a', 2, 2, 'NORMAL'));
    expect(values()).toBe('b1');
    push(row('a', 3));
    expect(values()).toBe('a3 b1');
  });

  it('adds nothing to a list that goes on beyond its end', async () => {
    const { list, values, push, pass } = listed([row('a', 1)], { partial: true });
    list.open();
    await pass(0);
    push(row('z', 1));
    push(row('a', 2));
    expect(values()).toBe('a2');
  });

  it('gives the same array while nothing changed', async () => {
    const { list, push, pass } = listed([row('a', 1)]);
    list.open();
    await pass(0);
    const { rows } = list;
    expect(list.rows).toBe(rows);
    push(row('a', 2));
    expect(list.rows).not.toBe(rows);
  });
});

describe('which of two rows is newer', () => {
  it('is the one that counts more events, then the one of the later event', () => {
    const at = (received: number, event_time: string | null) => ({ counters: { received }, event_time });
    expect(compareCounted(at(2, '2026-01-01T00:00:00.000Z'), at(1, '2026-01-02T00:00:00.000Z'))).toBeGreaterThan(0);
    expect(compareCounted(at(1, '2026-01-02T00:00:00.000Z'), at(1, '2026-01-01T00:00:00.000Z'))).toBeGreaterThan(0);
    expect(compareCounted(at(1, null), at(1, '2026-01-01T00:00:00.000Z'))).toBeLessThan(0);
    expect(compareCounted(at(1, null), at(1, null))).toBe(0);
  });

  it('is the alarm of the higher revision', () => expect(compareRevisions({ revision: 2 }, { revision: 1 })).toBeGreaterThan(0));
});
