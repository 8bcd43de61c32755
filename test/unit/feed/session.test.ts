import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { type FeedSession, PACKING_MS, startFeedSession } from '../../../feed/session.ts';
import { ManualClock } from '../local/manual-clock.ts';
import { Inbox } from './inbox.ts';
import { RecordingPort } from './recording-port.ts';
import { startVendor, type Vendor } from './vendor.ts';

const NOW = Date.UTC(2026, 10, 5, 15);

let vendor: Vendor;
let clock: ManualClock;
let port: RecordingPort;
let logged: Inbox<string>;
let session: FeedSession;

function start(): void {
  session = startFeedSession({
    session: 's-1',
    url: vendor.url,
    token: 'token',
    symbols: ['A', 'B'],
    port,
    clock,
    random: () => 0.5,
    log: (line) => logged.push(line),
  });
}

beforeEach(async () => {
  vendor = await startVendor();
  clock = new ManualClock(NOW);
  port = new RecordingPort();
  logged = new Inbox();
});

afterEach(() => vendor.close());

/** A frame of one trade of each price, and a ping by which the test knows that it was taken. */
function trades(...prices: number[]): object {
  return { type: 'trade', data: prices.map((p) => ({ s: 'A', p, t: NOW, v: 1 })) };
}

describe('A feed session', () => {
  it('packs the frames of 20 ms into one record and writes it then', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(1, 2));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    clock.advance(PACKING_MS - 1);
    connection.say(trades(3));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    expect(port.requests).toEqual([]);
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(port.textsOf('A').map((text) => JSON.parse(text))).toEqual([
      {
        v: 1,
        type: 'trades',
        session: 's-1',
        symbol: 'A',
        n: 0,
        received_at: NOW,
        trades: [1, 2, 3].map((p) => ({ p, t: NOW, v: 1 })),
      },
    ]);
    await session.stop();
  });

  it('writes what it received before it ends', async () => {
    start();
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    await session.stop();
    expect(port.textsOf('A')).toHaveLength(1);
    expect(session.stream.written).toBe(1);
    expect(await logged.until((line) => line.includes('ends'))).toBe('feed: session s-1 ends: 1 trades in 1 records');
    expect(clock.nextDueMs).toBeNull();
  });

  it('says that it failed when the stream refuses for good', async () => {
    start();
    port.answers.push(new PutRefusedError('no such stream'));
    const connection = await vendor.connections.next();
    connection.say(trades(1));
    connection.say({ type: 'error', msg: 'taken' });
    await logged.until((line) => line.includes('taken'));
    clock.advance(PACKING_MS);
    await expect(session.failed).rejects.toThrow('no such stream');
    await expect(session.stop()).rejects.toThrow('no such stream');
  });
});
