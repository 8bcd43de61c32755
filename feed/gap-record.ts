import { firstOpenMs } from './market-hours.ts';
import type { PutRecord } from './records-port.ts';

/**
 * Records that say from when to when (ms since the epoch, half-open) nothing was heard, one for each symbol that trades at some
 * time in between: trades of that time may be missing in the stream.
 */
export function gapRecords(session: string, symbols: readonly string[], fromMs: number, toMs: number): PutRecord[] {
  return symbols
    .filter((symbol) => firstOpenMs([symbol], fromMs) < toMs)
    .map((symbol) => ({
      partitionKey: symbol,
      data: Buffer.from(JSON.stringify({ v: 1, type: 'gap', session, symbol, from: fromMs, to: toMs })),
    }));
}
