/** Trades → the stream, by the feed's own encoder and writer. */
import type { RecordsPort } from '../../feed/records-port.ts';
import { StreamWriter } from '../../feed/stream-writer.ts';
import { TradeEncoder } from '../../feed/trade-encoder.ts';
import { INTERRUPTED, messageOf, UserError } from '../shared/user-error.ts';
import { dueRuns, type Pace } from './pace.ts';
import type { TradeFile } from './trade-file.ts';

export interface SendTradesOptions {
  readonly port: RecordsPort;
  readonly pace: Pace;
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** So many more rows were handed to the stream. */
  readonly onSent: (rows: number) => void;
}

/** Trades of a record: as many as the feed packs at most. */
const RUN_ROWS = 500;
/** Little waits unwritten, so that progress is real and an interruption short. */
const MAX_QUEUED_BYTES = 512 * 1024;
/** What is queued when the replay is interrupted gets this long. */
const INTERRUPTED_FLUSH_MS = 2_000;

/**
 * Sends files, those of one symbol in the order given and different symbols side by side. Resolves when the stream has
 * taken all of it, or when the pace's signal was aborted and what was handed over is written. Throws UserError when
 * the stream refuses, or does not take what was handed over before an interruption.
 */
export async function sendTrades(files: readonly TradeFile[], options: SendTradesOptions): Promise<void> {
  const { clock, signal } = options.pace;
  const writer = new StreamWriter({ ...options, clock, maxQueuedBytes: MAX_QUEUED_BYTES });
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  const symbols = Map.groupBy(files, ({ symbol }) => symbol);
  try {
    await Promise.all([...symbols.values()].map((ofSymbol) => sendSymbol(ofSymbol, writer, aborted, options)));
    await Promise.race([writer.flush(), aborted]);
    if (signal.aborted) await writer.flush(INTERRUPTED_FLUSH_MS);
  } catch (error) {
    throw new UserError(messageOf(error), { cause: error, exitCode: signal.aborted ? INTERRUPTED : 1 });
  }
}

async function sendSymbol(
  files: readonly TradeFile[],
  writer: StreamWriter,
  aborted: Promise<void>,
  { pace, onSent }: SendTradesOptions,
): Promise<void> {
  for (const { identity, trades } of files) {
    const encoder = new TradeEncoder(identity);
    for await (const run of dueRuns(trades, (trade) => trade.t, RUN_ROWS, pace)) {
      const room = writer.write(encoder.encode(run, pace.clock.now()));
      onSent(run.length);
      // A stream that does not answer must not keep an interrupted replay.
      await (writer.full ? Promise.race([room, aborted]) : room);
    }
  }
}
