import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, delay } from '#adapters/clock.ts';
import { acquireLease, FENCE_MS, type HeldLease, LEASE_MS } from '../../../feed/lease.ts';
import type { LeaseItem } from '../../../feed/lease-store.ts';
import { seededRandom } from '../../../feed/random.ts';
import { fencedPort } from '../../../feed/run.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLeaseStore, type SharedItem, type Trouble } from './memory-lease-store.ts';
import { RecordingPort, record } from './recording-port.ts';

const NOW = Date.UTC(2026, 10, 5, 15);
/** As long as a request to the stream may take before its client gives it up. */
const PUT_TIMEOUT_MS = 10_000;

let clock: ManualClock;
let shared: SharedItem;
let stopping: AbortController;
let lines: string[];

beforeEach(() => {
  clock = new ManualClock(NOW);
  shared = { item: null };
  stopping = new AbortController();
  lines = [];
});

afterEach(() => {
  // Whoever waits for the lease ends.
  stopping.abort();
});

/** A clock of another machine: it shows another time, and may have stood still while the others went on. */
class OtherClock implements Clock {
  offsetMs: number;

  constructor(offsetMs: number) {
    this.offsetMs = offsetMs;
  }

  now(): number {
    return clock.now() + this.offsetMs;
  }

  after(delayMs: number, task: () => void): () => void {
    return clock.after(delayMs, task);
  }
}

function acquire(session: string, store: MemoryLeaseStore, own: Clock = clock): Promise<HeldLease | null> {
  return acquireLease({
    store,
    holder: `host of ${session}`,
    session,
    clock: own,
    log: (line) => lines.push(line),
    signal: stopping.signal,
  });
}

/** What needs no clock comes about. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number, stepMs = 500): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(left, stepMs));
    await settled();
  }
}

async function held(session: string, store: MemoryLeaseStore): Promise<HeldLease> {
  const lease = await acquire(session, store);
  if (!lease) throw new Error('not acquired');
  return lease;
}

describe('The lease', () => {
  it('is taken at once when it is free, and renewed as long as it is held', async () => {
    const store = new MemoryLeaseStore(shared);
    const lease = await held('a', store);
    expect(shared.item).toEqual({ holder: 'host of a', session: 'a', expiresMs: NOW + LEASE_MS });
    await pass(300_000);
    expect(lease.mayDeliver()).toBe(true);
    expect(shared.item?.expiresMs).toBe(NOW + 300_000 + LEASE_MS);
    await lease.release();
    expect(shared.item).toBeNull();
    expect(lease.mayDeliver()).toBe(false);
    expect(clock.nextDueMs).toBeNull();
  });

  it('passes on within a second when it is released', async () => {
    const lease = await held('a', new MemoryLeaseStore(shared));
    const next = acquire('b', new MemoryLeaseStore(shared));
    await pass(120_000);
    expect(shared.item?.session).toBe('a');
    await lease.release();
    await pass(1000);
    expect((await next)?.mayDeliver()).toBe(true);
    expect(lines).toEqual(['lease: held by host of a (session a), waiting']);
  });

  it.each<Trouble>(['silent', 'deaf', 'failing'])('that cannot be renewed (%s) ends before another can take it', async (trouble) => {
    const store = new MemoryLeaseStore(shared);
    const lease = await held('a', store);
    const next = acquire('b', new MemoryLeaseStore(shared));
    await pass(7000);
    store.trouble = trouble;
    const renewedMs = (shared.item?.expiresMs ?? 0) - LEASE_MS;
    clock.advance(renewedMs + LEASE_MS - FENCE_MS - 1 - clock.now());
    expect(lease.mayDeliver()).toBe(true);
    clock.advance(1);
    expect(lease.mayDeliver()).toBe(false);
    expect(await lease.lost).toBe('it was not renewed in time');
    await pass(FENCE_MS - 1000);
    expect(shared.item?.session).toBe('a');
    // What was done without an answer counts for the one who waits: he sees it change.
    await pass(60_000);
    expect(shared.item?.session).toBe('b');
    expect((await next)?.mayDeliver()).toBe(true);
  });

  it('survives a table that is out of reach for a while', async () => {
    const store = new MemoryLeaseStore(shared);
    const lease = await held('a', store);
    store.trouble = 'failing';
    await pass(15_000);
    expect(lease.mayDeliver()).toBe(true);
    store.trouble = 'none';
    await pass(60_000);
    expect(lease.mayDeliver()).toBe(true);
    expect(lines).toContain('lease: not renewed (Error: the table is out of reach), trying again');
  });

  it('counts from the start of the request that renewed it, not from its answer', async () => {
    class SlowStore extends MemoryLeaseStore {
      override async renew(item: LeaseItem): Promise<boolean> {
        const renewed = await super.renew(item);
        await delay(clock, 2500);
        return renewed;
      }
    }
    const store = new SlowStore(shared);
    const lease = await held('a', store);
    await pass(7500);
    store.trouble = 'failing';
    clock.advance(NOW + 5000 + LEASE_MS - FENCE_MS - 1 - clock.now());
    expect(lease.mayDeliver()).toBe(true);
    clock.advance(1);
    expect(lease.mayDeliver()).toBe(false);
  });

  it('is not held any more by one that stood still, before it does anything else', async () => {
    const own = new OtherClock(0);
    const lease = await acquire('a', new MemoryLeaseStore(shared), own);
    const next = acquire('b', new MemoryLeaseStore(shared));
    await settled();
    // Its timers stand still as well: none of them has run when it wakes up.
    own.offsetMs = 120_000;
    expect(lease?.mayDeliver()).toBe(false);
    shared.item = { holder: 'host of c', session: 'c', expiresMs: NOW };
    await pass(6000);
    expect(await lease?.lost).toBe('another feed holds it');
    stopping.abort();
    expect(await next).toBeNull();
  });

  it('is taken by one whose answer was lost, and not left behind by one that is told to end', async () => {
    const store = new MemoryLeaseStore(shared);
    const taking = acquire('a', store);
    store.trouble = 'deaf';
    await pass(10_000);
    store.trouble = 'none';
    await pass(4000);
    const lease = await taking;
    expect(lease?.mayDeliver()).toBe(true);
    const waiting = acquire('b', new MemoryLeaseStore(shared));
    await pass(3000);
    stopping.abort();
    expect(await waiting).toBeNull();
    await lease?.release();
    expect(clock.nextDueMs).toBeNull();
  });
});

describe('Two feeds', () => {
  const TROUBLES: readonly Trouble[] = ['none', 'none', 'silent', 'deaf', 'failing'];

  /** Both want to deliver all the time; each write takes as long as a write may. What reached the stream, in its order: who wrote it. */
  async function deliveries(seed: number): Promise<string[]> {
    const random = seededRandom(seed);
    clock = new ManualClock(NOW);
    shared = { item: null };
    stopping = new AbortController();
    const arrived: string[] = [];
    const stream = new RecordingPort();
    let session = 0;
    const run = async (store: MemoryLeaseStore, own: Clock): Promise<void> => {
      while (!stopping.signal.aborted) {
        const name = `s${session++}`;
        const lease = await acquire(name, store, own);
        if (!lease) return;
        const port = fencedPort(
          {
            async putRecords(records) {
              clock.after(Math.floor(random() * PUT_TIMEOUT_MS), () => arrived.push(name));
              return stream.putRecords(records);
            },
            close: () => {},
          },
          lease,
        );
        const put = (): void => {
          port.putRecords([record('a', name)]).then(
            () => clock.after(1000, put),
            () => {},
          );
        };
        put();
        await lease.lost;
        lease.abandon();
      }
    };
    // Their clocks differ by an hour.
    const stores = [new MemoryLeaseStore(shared), new MemoryLeaseStore(shared)];
    const running = stores.map((store, index) => run(store, new OtherClock(index * 3_600_000)));
    for (let second = 0; second < 600; second++) {
      await pass(1000, 1000);
      if (random() < 0.05) stores[second % 2]!.trouble = TROUBLES[Math.floor(random() * TROUBLES.length)]!;
    }
    for (const store of stores) store.trouble = 'none';
    await pass(60_000, 1000);
    stopping.abort();
    shared.item = null;
    await pass(40_000, 1000);
    await Promise.all(running);
    return arrived;
  }

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('never both deliver, whatever becomes of their table (seed %i)', async (seed) => {
    const arrived = await deliveries(seed);
    const turns = arrived.filter((name, index) => name !== arrived[index - 1]);
    expect(turns.length).toBeGreaterThan(1);
    // Whose turn is over never delivers again.
    expect(new Set(turns).size).toBe(turns.length);
    expect(arrived.length).toBeGreaterThan(100);
  });
});
