/** The records that enter the fold, whichever transport carried them, and what they decode to. */
import type { SourceName } from './settings.ts';

/** One record as a transport delivered it. */
export interface SourceRecord {
  /** Shard or topic-partition. */
  readonly lane: string;
  /** Sequence number or offset in the lane, decimal digits: up to 128 bits and more, so never a JS number. */
  readonly position: string;
  /** Partition key. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** When the stream took it, ms since the epoch. */
  readonly arrivalMs: number;
}

/** Order of two positions of the same lane: negative, zero or positive. */
export function comparePositions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export interface Trade {
  readonly type: 'trade';
  readonly symbol: string;
  /** Delivery identity `session.symbol.number`; ids of a session and symbol sort in the order of delivery. */
  readonly eventId: string;
  readonly session: string;
  /** Number of the trade within its session and symbol: dense, from 0. */
  readonly number: number;
  readonly eventMs: number;
  readonly price: number;
  /** Units traded; 0 is a price update, not a trade. */
  readonly size: number;
  /** The vendor's condition codes; null when it sent none. */
  readonly conditions: readonly string[] | null;
}

/** Which start of the device a reading is of, and the number of the reading since. */
export class ReadingNumber {
  readonly boot: string;
  readonly seq: number;

  constructor(boot: string, seq: number) {
    this.boot = boot;
    this.seq = seq;
  }
}

/**
 * A class, as is all that each reading makes and that lives as long as its batch: when most objects of a literal outlive a collection of
 * young garbage, V8 makes all later ones where garbage is seldom collected. Of the objects of a class it counts nothing.
 */
export class Reading {
  readonly type = 'reading';
  /** `device` or `device.sensor`. */
  readonly sensorId: string;
  /** `sensorId.boot.seq`, or `sensorId.time.hash` without both of these. */
  readonly eventId: string;
  /** Boot and number are present only together. */
  readonly numbered: ReadingNumber | null;
  readonly eventMs: number;
  /** °C; null when the device said `null` or "nan". */
  readonly temperatureC: number | null;
  /** %; null when the device said `null` or "nan", undefined when it sent none. */
  readonly humidityPct: number | null | undefined;
  /** The payload named a device id of its own: ignored, since the topic says who published, and counted. */
  readonly claimsDeviceId: boolean;

  constructor(
    sensorId: string,
    eventId: string,
    numbered: ReadingNumber | null,
    eventMs: number,
    temperatureC: number | null,
    humidityPct: number | null | undefined,
    claimsDeviceId: boolean,
  ) {
    this.sensorId = sensorId;
    this.eventId = eventId;
    this.numbered = numbered;
    this.eventMs = eventMs;
    this.temperatureC = temperatureC;
    this.humidityPct = humidityPct;
    this.claimsDeviceId = claimsDeviceId;
  }
}

/** Time itself, travelling behind the data of its key. */
export interface Timer {
  readonly type: 'timer';
  /** Symbol or sensor id. */
  readonly name: string;
  readonly dueMs: number;
}

export type DecodedEvent = Trade | Reading | Timer;

/** Why something was refused; it ends in quarantine with its bytes. */
export type RefusalReason =
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'BAD_UTF8'
  | 'BAD_JSON'
  | 'UNKNOWN_VERSION'
  | 'UNKNOWN_TYPE'
  | 'BAD_FIELD'
  | 'BAD_NAME'
  | 'KEY_MISMATCH'
  | 'CLOCK_FUTURE'
  | 'CLOCK_EPOCH';

export interface Refusal {
  /** Symbol or sensor id the refusal is counted under; UNATTRIBUTED where the record names none that is valid. */
  readonly name: string;
  readonly reason: RefusalReason;
  /** What was found and what is allowed, for a person. */
  readonly detail: string;
}

/** The key under which refusals without a valid name are counted. */
export const UNATTRIBUTED = '(unattributed)';

export interface Decoded {
  /** In the order of the record. */
  readonly events: readonly DecodedEvent[];
  readonly refusals: readonly Refusal[];
}

/** Identity of the state item of a key. */
export function stateKey(source: SourceName, name: string): string {
  return `${source}#${name}`;
}
