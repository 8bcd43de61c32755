import { firstOpenMs } from './market-hours.ts';
import type { PutRecord } from './records-port.ts';

/**
 * Records that say from when to when (ms since the epoch, half-open) nothing was heard, one for each symbol that trades at some
 * time in between: trades of that time may be missing in the stream.
 */
export function gapRecords(session: string, symbols: readonly string[], fromMs: number, toMs: number): PutRecord[] {
  return symbols
    .filter((symbol) => firstOpenMs([symbol], fromMs) < toMs)
    .map((symbol) => gapRecord(session, symbol, { from: fromMs, to: toMs }));
}

/** One that says since when, or until when, a symbol is not heard because it is not, or was not, subscribed to; ms since the epoch. */
export function openGapRecord(session: string, symbol: string, gap: { readonly from: number } | { readonly to: number }): PutRecord {
  return gapRecord(session, symbol, { from: null, to: null, ...gap });
}

function gapRecord(session: string, symbol: string, gap: { readonly from: number | null; readonly to: number | null }): PutRecord {
  return { partitionKey: symbol, data: Buffer.from(JSON.stringify({ v: 1, type: 'gap', session, symbol, ...gap })) };
}
