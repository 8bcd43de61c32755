import type { PutRecord, PutResult } from './records-port.ts';

/** PutRecords takes this much at most: the service's own limits are 500 records and 10 MiB, half of it keeps requests short. */
export const MAX_REQUEST_RECORDS = 500;
export const MAX_REQUEST_BYTES = 5 * 1024 * 1024;

/** Records that are gone are cut off a queue when they are this many. */
const TRIM_AFTER = 1024;

interface Lane {
  /** Queued records, in order; those before `next` are gone. */
  readonly records: PutRecord[];
  next: number;
  /** Refusals of the first record so far. */
  refusals: number;
  /** The first record must not go out before this, ms since the epoch. */
  notBeforeMs: number;
}

/** Queued records by partition key. Only the first record of a key can be taken, and it stays first until it is settled as taken. */
export class RecordLanes {
  /** In the order in which keys get their turn. */
  readonly #lanes = new Map<string, Lane>();
  readonly #retryDelayMs: (attempt: number) => number;
  #records = 0;
  #bytes = 0;

  /** @param retryDelayMs how long a record rests after its refusal number `attempt` (from 1), ms */
  constructor(retryDelayMs: (attempt: number) => number) {
    this.#retryDelayMs = retryDelayMs;
  }

  /** Records queued, those in flight included. */
  get records(): number {
    return this.#records;
  }

  /** Bytes queued, those in flight included. */
  get bytes(): number {
    return this.#bytes;
  }

  add(record: PutRecord): void {
    const lane = this.#lanes.get(record.partitionKey);
    if (lane) lane.records.push(record);
    else this.#lanes.set(record.partitionKey, { records: [record], next: 0, refusals: 0, notBeforeMs: Number.NEGATIVE_INFINITY });
    this.#records++;
    this.#bytes += sizeOf(record);
  }

  /** The next request: the first record of every key that is due, within the limits of a request; settle it before the next take. */
  take(nowMs: number): PutRecord[] {
    const batch: PutRecord[] = [];
    let bytes = 0;
    for (const lane of this.#lanes.values()) {
      const record = lane.records[lane.next]!;
      if (lane.notBeforeMs > nowMs) continue;
      if (batch.length === MAX_REQUEST_RECORDS || (batch.length > 0 && bytes + sizeOf(record) > MAX_REQUEST_BYTES)) break;
      batch.push(record);
      bytes += sizeOf(record);
    }
    return batch;
  }

  /** When the first record rests no longer, ms since the epoch. There must be one. */
  nextDueMs(): number {
    return Math.min(...[...this.#lanes.values()].map((lane) => lane.notBeforeMs));
  }

  /** Forgets what was taken, lets what was refused rest and stay first; the answer says how many were refused. */
  settle(batch: readonly PutRecord[], results: readonly PutResult[], nowMs: number): number {
    let refused = 0;
    batch.forEach((record, index) => {
      const lane = this.#lanes.get(record.partitionKey)!;
      if (results[index] === null) {
        this.#forgetFirst(record, lane);
      } else {
        refused++;
        lane.refusals++;
        lane.notBeforeMs = nowMs + this.#retryDelayMs(lane.refusals);
      }
    });
    return refused;
  }

  #forgetFirst(record: PutRecord, lane: Lane): void {
    this.#records--;
    this.#bytes -= sizeOf(record);
    lane.next++;
    lane.refusals = 0;
    this.#lanes.delete(record.partitionKey);
    if (lane.next === lane.records.length) return;
    // To the end of the round, so that many keys get their turns.
    this.#lanes.set(record.partitionKey, lane);
    // Shifting one record at a time would cost the square of a long queue.
    if (lane.next >= TRIM_AFTER) {
      lane.records.splice(0, lane.next);
      lane.next = 0;
    }
  }
}

function sizeOf(record: PutRecord): number {
  return record.data.byteLength + Buffer.byteLength(record.partitionKey);
}
