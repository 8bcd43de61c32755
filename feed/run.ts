import { acquireLease, type HeldLease, type LeaseOptions } from './lease.ts';
import { PutRefusedError, type RecordsPort } from './records-port.ts';
import { type FeedSessionOptions, startFeedSession } from './session.ts';
import { SymbolWatch, type SymbolWatchOptions } from './symbol-watch.ts';

export interface FeedOptions extends Omit<FeedSessionOptions, 'session'>, Omit<LeaseOptions, 'session'>, SymbolWatchOptions {
  /** Names a session; never the same twice. */
  readonly newSession: () => string;
  /** Ends the feed. */
  readonly signal: AbortSignal;
}

/**
 * Delivers while it holds the lease, one session a holding, until it is told to end; what was received is written then.
 * @throws Error when the stream refuses for good, or not everything could be written at the end
 */
export async function runFeed(options: FeedOptions): Promise<void> {
  const watch = new SymbolWatch(options);
  while (!options.signal.aborted) {
    const session = options.newSession();
    const lease = await acquireLease({ ...options, session });
    if (lease) await deliver(options, session, lease, watch);
  }
}

async function deliver(options: FeedOptions, session: string, lease: HeldLease, watch: SymbolWatch): Promise<void> {
  const { signal, log } = options;
  await watch.look();
  const feed = startFeedSession({ ...options, symbols: watch.symbols, session, port: fencedPort(options.port, lease) });
  const failed = feed.failed.catch(() => {});
  watch.start((symbols) => feed.setSymbols(symbols));
  await Promise.race([aborted(signal), lease.lost, failed]);
  watch.stop();
  try {
    await feed.stop();
  } catch (error) {
    // A write may be under way still.
    const wasHeld = lease.mayDeliver();
    lease.abandon();
    if (wasHeld) throw error;
    log(`feed: session ${session} lost the lease (${await lease.lost}); ${feed.queued} records received are not written`);
    return;
  }
  await lease.release();
}

/** A stream that takes records only while the lease allows it. */
export function fencedPort(port: RecordsPort, lease: Pick<HeldLease, 'mayDeliver'>): RecordsPort {
  return {
    async putRecords(records) {
      if (!lease.mayDeliver()) throw new PutRefusedError('the lease is not held any more');
      return port.putRecords(records);
    },
    close: () => port.close(),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
