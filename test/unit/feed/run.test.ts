import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FENCE_MS, LEASE_MS } from '../../../feed/lease.ts';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { runFeed } from '../../../feed/run.ts';
import { LOOK_EVERY_MS } from '../../../feed/symbol-watch.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { Inbox } from './inbox.ts';
import { MemoryLeaseStore, type SharedItem } from './memory-lease-store.ts';
import { RecordingPort } from './recording-port.ts';
import { startVendor, type Vendor } from './vendor.ts';

const NOW = Date.UTC(2026, 10, 5, 15);

let vendor: Vendor;
let clock: ManualClock;
let port: RecordingPort;
let shared: SharedItem;
let store: MemoryLeaseStore;
/** What the table says of the symbols; an Error is thrown. */
let wanted: string | null | Error;
let lines: string[];
let logged: Inbox<string>;
let stopping: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  vendor = await startVendor();
  clock = new ManualClock(NOW);
  port = new RecordingPort();
  shared = { item: null };
  store = new MemoryLeaseStore(shared);
  wanted = null;
  lines = [];
  logged = new Inbox();
  stopping = new AbortController();
  let sessions = 0;
  running = runFeed({
    newSession: () => `s-${++sessions}`,
    signal: stopping.signal,
    store,
    symbolStore: {
      async read() {
        if (wanted instanceof Error) throw wanted;
        return wanted;
      },
    },
    holder: 'host',
    url: vendor.url,
    token: 'token',
    symbols: ['A'],
    port,
    clock,
    random: () => 0.5,
    log: (line) => {
      lines.push(line);
      logged.push(line);
    },
  });
});

afterEach(() => vendor.close());

/** Moves the clock until something has come about that also needs the network. */
async function until(holds: () => boolean, stepMs: number): Promise<void> {
  while (!holds()) {
    clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets so much time pass; requests to tables are answered in between. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    clock.advance(Math.min(left, 1000));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

function trade(p: number): object {
  return { type: 'trade', data: [{ s: 'A', p, t: NOW, v: 1 }] };
}

function sessionsWritten(): unknown[] {
  return port.textsOf('A').map((text) => JSON.parse(text).session);
}

describe('The feed', () => {
  it('does not even dial before it holds the lease, and gives it back when it ends', async () => {
    const connection = await vendor.connections.next();
    expect(shared.item?.session).toBe('s-1');
    connection.say(trade(1));
    await until(() => port.taken.length === 1, 20);
    stopping.abort();
    await running;
    expect(shared.item).toBeNull();
    expect(clock.nextDueMs).toBeNull();
    expect(lines.at(-1)).toBe('feed: session s-1 ends: 1 trades in 1 records');
  });

  it('that loses the lease hangs up, says what it could not write, and delivers again in a new session when it has it back', async () => {
    const connection = await vendor.connections.next();
    connection.say(trade(1));
    await until(() => port.taken.length === 1, 20);
    store.trouble = 'failing';
    // The stream refuses as well: what comes now stays in the queue.
    for (let request = 0; request < 100; request++) port.answers.push(['A']);
    connection.say(trade(2));
    await until(() => connection.socket.readyState === connection.socket.CLOSED, 500);
    await until(() => lines.some((line) => line.includes('lost the lease')), 500);
    expect(lines).toContain('feed: session s-1 lost the lease (it was not renewed in time); 1 records received are not written');
    const requests = port.requests.length;
    port.answers.length = 0;
    await until(() => clock.now() > NOW + 120_000, 1000);
    expect(port.requests).toHaveLength(requests);
    store.trouble = 'none';
    let again: Awaited<ReturnType<typeof vendor.connections.next>> | undefined;
    void vendor.connections.next().then((next) => {
      again = next;
    });
    await until(() => again !== undefined, 1000);
    again?.say(trade(3));
    await until(() => port.taken.length === 2, 20);
    const [first, second, ...others] = sessionsWritten();
    expect([first, others]).toEqual(['s-1', []]);
    expect(second).not.toBe('s-1');
    stopping.abort();
    await running;
    expect(shared.item).toBeNull();
  });

  it('that loses the lease hangs up also when there is nothing to write', async () => {
    const connection = await vendor.connections.next();
    store.trouble = 'failing';
    await until(() => clock.now() >= NOW + LEASE_MS - FENCE_MS, 500);
    // Time need not go on for it.
    await until(() => connection.socket.readyState === connection.socket.CLOSED, 0);
    store.trouble = 'none';
    stopping.abort();
    await running;
  });

  it('ends when the stream refuses for good, and leaves the lease to its time', async () => {
    port.answers.push(new PutRefusedError('no such stream'));
    (await vendor.connections.next()).say(trade(1));
    const failure = expect(running).rejects.toThrow('no such stream');
    let failed = false;
    void failure.then(() => {
      failed = true;
    });
    await until(() => failed, 20);
    await failure;
    expect(shared.item?.session).toBe('s-1');
    expect(clock.nextDueMs).toBeNull();
  });

  it('hears other symbols within ten seconds of their being named, in the same session, and the configured ones when none are named', async () => {
    const connection = await vendor.connections.next();
    expect(await connection.received.next()).toEqual({ type: 'subscribe', symbol: 'A' });
    const change = async (to: typeof wanted) => {
      wanted = to;
      await pass(LOOK_EVERY_MS);
      return await connection.received.take(2);
    };
    expect(await change('IBM')).toEqual([
      { type: 'unsubscribe', symbol: 'A' },
      { type: 'subscribe', symbol: 'IBM' },
    ]);
    expect(await change(null)).toEqual([
      { type: 'unsubscribe', symbol: 'IBM' },
      { type: 'subscribe', symbol: 'A' },
    ]);
    expect(lines.filter((line) => line.includes('starts'))).toHaveLength(1);
    stopping.abort();
    await running;
  });

  it.each([
    ['IBM,A$', /^symbols: refused, "A\$" is no symbol, it does not match .*; going on with those of before$/],
    [
      Array.from({ length: 51 }, (_, index) => `S${index}`).join(),
      /^symbols: refused, 1 to 50 symbols can be subscribed to, not 51; going on/,
    ],
    ['', /^symbols: refused, 1 to 50 symbols can be subscribed to, not 0; going on/],
    [new Error('no table'), /^symbols: not read \(no table\), trying again$/],
  ])('goes on with the symbols it has, and says why once, when what is named is %s', async (trouble, why) => {
    const connection = await vendor.connections.next();
    await connection.received.next();
    wanted = trouble;
    await pass(3 * LOOK_EVERY_MS);
    wanted = 'A,KO';
    await pass(LOOK_EVERY_MS);
    expect(await connection.received.next()).toEqual({ type: 'subscribe', symbol: 'KO' });
    const said = lines.filter((line) => line.startsWith('symbols:') && line !== 'symbols: read again');
    expect(said).toEqual([expect.stringMatching(why)]);
    stopping.abort();
    await running;
  });
});
