/** Stream records as the sources make them, for tests. */
import type { SourceRecord } from '#domain/events.ts';

export const ARRIVAL_MS = Date.UTC(2026, 5, 1, 12);

/** A sequence number as long as those of Kinesis. */
export function positionOf(number: number): string {
  return `495${String(number).padStart(53, '0')}`;
}

export function recordOf(key: string, value: unknown, overrides: Partial<SourceRecord> = {}): SourceRecord {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { lane: 'shardId-000000000000', position: positionOf(1), key, bytes, arrivalMs: ARRIVAL_MS, ...overrides };
}

/** What the IoT rule makes of a payload that `device` published. */
export function readingsRecord(device: string, payload: unknown, overrides: Partial<SourceRecord> = {}): SourceRecord {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const record = {
    payload: Buffer.from(bytes).toString('base64'),
    v: 1,
    type: 'readings',
    device_id: device,
    client_id: device,
    ingest_ms: ARRIVAL_MS,
    trace_id: 'trace',
  };
  return recordOf(device, record, overrides);
}

export function tradesRecord(
  symbol: string,
  trades: readonly unknown[],
  fields: object = {},
  overrides: Partial<SourceRecord> = {},
): SourceRecord {
  return recordOf(symbol, { v: 1, type: 'trades', session: 's1', symbol, n: 0, received_at: ARRIVAL_MS, trades, ...fields }, overrides);
}
