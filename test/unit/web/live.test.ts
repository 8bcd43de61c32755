import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, topicOf } from '../../../web/live.js';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Fake {
  readonly url: string;
  readonly topics: Set<string>;
  isClosed: boolean;
  ready(): void;
  lose(): void;
  push(topic: string, payload: string): void;
}

/** A page's side of it; the test is the API and the broker. Times are since the start. */
function pushed() {
  const startMs = Date.now();
  const askedMs: number[] = [];
  const fakes: Fake[] = [];
  const refusing = { address: false };
  const live = new LiveConnection({
    async ask() {
      askedMs.push(Date.now() - startMs);
      if (refusing.address) throw new Error('no');
      return { url: `ws://${askedMs.length}`, client_id: 'page', expires_at: new Date(Date.now() + 15 * MINUTE_MS).toISOString() };
    },
    load: async () => ({
      connect(url, { topics, onReady, onClose, onMessage }) {
        const fake: Fake = {
          url,
          topics: new Set(topics),
          isClosed: false,
          ready: () => onReady?.(),
          lose: () => onClose('the test wants it so'),
          push: (topic, payload) => onMessage(topic, new TextEncoder().encode(payload)),
        };
        fakes.push(fake);
        return {
          subscribe: (more) => more.forEach((topic) => void fake.topics.add(topic)),
          unsubscribe: (less) => less.forEach((topic) => void fake.topics.delete(topic)),
          close: () => {
            fake.isClosed = true;
          },
        };
      },
    }),
    random: () => 1,
  });
  const changes: boolean[] = [];
  live.onChange(() => changes.push(live.connected));
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return {
    live,
    askedMs,
    fakes,
    refusing,
    changes,
    pass,
    async connected() {
      live.start();
      await pass(0);
      fakes.at(-1)!.ready();
    },
  };
}

describe('what is pushed', () => {
  it('has a topic a key, written so that no key reaches into another topic', () => {
    expect(topicOf('symbols', 'FX:EUR/USD')).toBe('live/symbols/FX%3AEUR%2FUSD');
    expect(topicOf('sensors', '#')).toBe('live/sensors/#');
    expect(topicOf('sensors', '+')).toBe('live/sensors/%2B');
  });

  it('reaches who asked for the topic or for all below one, until they ask no more', async () => {
    const { live, fakes, connected } = pushed();
    const heard: string[] = [];
    const listen = (topic: string) => live.subscribe(topic, (row) => heard.push(`${topic} ${row.at}`));
    listen('live/sensors/#');
    const one = listen('live/sensors/a');
    await connected();
    fakes[0]!.push('live/sensors/a', '{"at":1}');
    one();
    fakes[0]!.push('live/sensors/a', '{"at":2}');
    fakes[0]!.push('live/sensorsx/a', '{"at":3}');
    fakes[0]!.push('live/symbols/a', '{"at":4}');
    expect(heard).toEqual(['live/sensors/# 1', 'live/sensors/a 1', 'live/sensors/# 2']);
  });

  it('is asked for by need, and never twice', async () => {
    const { live, fakes, connected } = pushed();
    const alarms = live.subscribe('live/alarms/#', () => {});
    live.subscribe('live/alarms/a', () => {});
    await connected();
    expect([...fakes[0]!.topics]).toEqual(['live/alarms/#']);
    const sensor = live.subscribe('live/sensors/a', () => {});
    const again = live.subscribe('live/sensors/a', () => {});
    sensor();
    expect([...fakes[0]!.topics]).toEqual(['live/alarms/#', 'live/sensors/a']);
    again();
    alarms();
    expect([...fakes[0]!.topics]).toEqual(['live/alarms/a']);
  });

  it('is left out, and said so, when it is no row', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { live, fakes, connected } = pushed();
    const listener = vi.fn();
    live.subscribe('live/sensors/#', listener);
    await connected();
    for (const payload of ['', '{', 'null', '[]', '7']) fakes[0]!.push('live/sensors/a', payload);
    expect(listener).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledTimes(5);
  });
});

describe('the connection', () => {
  it('is there once the broker says so, and is told to who watches', async () => {
    const { live, fakes, changes, pass } = pushed();
    live.start();
    await pass(0);
    expect([live.connected, changes]).toEqual([false, []]);
    fakes[0]!.ready();
    expect([live.connected, changes]).toEqual([true, [true]]);
    fakes[0]!.lose();
    expect([live.connected, changes]).toEqual([false, [true, false]]);
  });

  it('says why it is not there', async () => {
    const { live, fakes, refusing, pass, connected } = pushed();
    await connected();
    expect(live.reason).toBe('');
    refusing.address = true;
    fakes[0]!.lose();
    expect(live.reason).toBe('the test wants it so');
    await pass(1000);
    expect(live.reason).toBe('no');
    refusing.address = false;
    await pass(2000);
    fakes[1]!.ready();
    expect(live.reason).toBe('');
  });

  it('comes back after 1, 2, 4 … 60 s, shortened by chance, and after 1 s again once it stood', async () => {
    const { live, refusing, askedMs, fakes, pass } = pushed();
    refusing.address = true;
    live.start();
    await pass(250_000);
    expect(askedMs).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243].map((s) => s * 1000));
    refusing.address = false;
    await pass(60_000);
    fakes[0]!.lose();
    await pass(60_000);
    fakes[1]!.ready();
    fakes[1]!.lose();
    await pass(1000);
    expect(askedMs.slice(-3)).toEqual([303_000, 370_000, 371_000]);
  });

  it('is replaced before its address expires, without a gap', async () => {
    const { live, fakes, changes, pass, connected } = pushed();
    live.subscribe('live/sensors/#', () => {});
    await connected();
    await pass(14 * MINUTE_MS);
    expect(fakes).toHaveLength(2);
    live.subscribe('live/symbols/#', () => {});
    expect(fakes[0]!.isClosed).toBe(false);
    fakes[1]!.ready();
    expect([fakes[0]!.isClosed, live.connected, changes]).toEqual([true, true, [true]]);
    expect([...fakes[1]!.topics]).toEqual(['live/sensors/#', 'live/symbols/#']);
  });

  it('stays when it cannot be replaced, and is replaced when it can', async () => {
    const { live, fakes, refusing, changes, pass, connected } = pushed();
    await connected();
    refusing.address = true;
    await pass(14 * MINUTE_MS);
    expect([live.connected, fakes.length]).toEqual([true, 1]);
    refusing.address = false;
    await pass(1000);
    fakes[0]!.lose();
    expect(live.connected).toBe(false);
    // The next one is coming already.
    await pass(5000);
    fakes[1]!.ready();
    await pass(MINUTE_MS);
    expect([live.connected, fakes.length, changes]).toEqual([true, 2, [true, false, true]]);
  });

  it('rests while nobody looks, also when it was just coming', async () => {
    const { live, fakes, askedMs, changes, pass, connected } = pushed();
    await connected();
    live.stop();
    expect([live.connected, fakes[0]!.isClosed]).toEqual([false, true]);
    live.start();
    live.stop();
    await pass(0);
    live.start();
    await pass(0);
    live.stop();
    fakes[1]!.ready();
    await pass(20 * MINUTE_MS);
    expect(fakes.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(askedMs).toHaveLength(3);
    expect(changes).toEqual([true, false]);
  });
});
