/**
 * What a faulty device did, and what must become of it: written down as each reading is sent, from the knowledge of the
 * fault alone. It shares no code with the pipeline, so that the two can be held against each other.
 */
import { type AlarmExpectations, ExpectedAlarms, type ExpectedTransition } from './expected-alarms.ts';
import type { Fault } from './faults.ts';
import type { Verdict } from './faulty-sensor.ts';

/** One reading as it is sent. */
export interface Sample {
  /** What its clock says, ms since the epoch. */
  readonly eventMs: number;
  readonly temperature: number | null | 'nan';
  readonly humidity: number | null | 'nan';
  readonly seq: number;
  /** null when the device names no boot. */
  readonly boot: string | null;
  readonly verdict: Verdict;
  readonly faults: readonly Fault[];
}

/** The bucket a sent reading must end in; of an applied one also its quality. */
export type Expected =
  | { readonly bucket: 'applied'; readonly quality: Verdict }
  | { readonly bucket: 'duplicate' }
  | { readonly bucket: 'late'; readonly reason: 'LATENESS' }
  | { readonly bucket: 'quarantined'; readonly reason: 'CLOCK_EPOCH' | 'CLOCK_FUTURE' | 'BAD_JSON' };

/** The field names of the pipeline's own counters. */
export interface ExpectedCounters {
  received: number;
  applied: number;
  duplicate: number;
  late: Record<string, number>;
  quarantined: Record<string, number>;
  quality: Record<string, number>;
}

/** How the pipeline is configured for the fleet. */
export interface Expectations extends AlarmExpectations {
  /** A sensor that is silent for so long has its averages judged as they are, ms. */
  readonly idleMs: number;
}

/** The defaults of the `dht22` profile and of readings. */
export const DHT22_EXPECTATIONS: Expectations = {
  highC: 30,
  criticalC: 35,
  hysteresisC: 0.5,
  windowMs: 300_000,
  graceMs: 30_000,
  latenessMs: 3_600_000,
  idleMs: 600_000,
};

/** A device repeats its last message only; what it sends after being offline has at most 20 readings. */
const REMEMBERED = 64;
/** How much earlier or later than it is sent a reading may arrive, as far as idleness is concerned, ms. */
const ARRIVAL_TOLERANCE_MS = 120_000;

export class DeviceLedger {
  readonly device: string;
  readonly counters: ExpectedCounters = { received: 0, applied: 0, duplicate: 0, late: {}, quarantined: {}, quality: {} };
  /** How often each fault happened; of stuck and of the clocks, to how many readings. */
  readonly faults: Partial<Record<Fault, number>> = {};
  readonly alarms: ExpectedAlarms;
  readonly #expectations: Expectations;
  readonly #onEvent: ((sample: Sample, expected: Expected) => void) | undefined;
  readonly #sent: string[] = [];
  #lastSentMs = Number.POSITIVE_INFINITY;
  #wasSilent = false;

  /** @param onEvent hears of each reading with its bucket, in the order of sending */
  constructor(device: string, expectations: Expectations, onEvent?: (sample: Sample, expected: Expected) => void) {
    this.device = device;
    this.#expectations = expectations;
    this.#onEvent = onEvent;
    this.alarms = new ExpectedAlarms(expectations);
  }

  /** Whether the device was once silent for about as long as closes windows by idleness: which averages were judged then, nobody can tell. */
  get wasSilent(): boolean {
    return this.#wasSilent;
  }

  /** Whether it is so at a time, ms since the epoch. */
  isSilent(nowMs: number): boolean {
    return nowMs - this.#lastSentMs > this.#expectations.idleMs - ARRIVAL_TOLERANCE_MS;
  }

  /** A fault happened. */
  noteFault(fault: Fault): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }

  /** A reading is sent at `nowMs`, ms since the epoch, after all that were sent before. */
  sent(sample: Sample, nowMs: number): void {
    this.#note(sample, this.#expectationOf(sample), nowMs);
  }

  /** A message is sent that nobody can read, instead of the readings in it. */
  sentBroken(sample: Sample, nowMs: number): void {
    this.#note(sample, { bucket: 'quarantined', reason: 'BAD_JSON' }, nowMs);
  }

  #note(sample: Sample, expected: Expected, nowMs: number): void {
    this.#wasSilent ||= this.isSilent(nowMs);
    this.#lastSentMs = nowMs;
    const { counters } = this;
    counters.received++;
    if (expected.bucket === 'applied') {
      counters.applied++;
      add(counters.quality, expected.quality);
      const { eventMs, verdict, temperature } = sample;
      this.alarms.applied(eventMs, verdict === 'OK' ? Number(temperature) : null);
    } else if (expected.bucket === 'duplicate') counters.duplicate++;
    else add(counters[expected.bucket], expected.reason);
    this.#onEvent?.(sample, expected);
  }

  /** Counts only, to be printed or compared. */
  toJSON(): { device: string; faults: Partial<Record<Fault, number>>; expected: ExpectedCounters; transitions: ExpectedTransition[] } {
    const { device, faults, counters: expected, alarms } = this;
    return { device, faults, expected, transitions: alarms.transitions };
  }

  #expectationOf(sample: Sample): Expected {
    if (sample.faults.includes('clock-1970')) return { bucket: 'quarantined', reason: 'CLOCK_EPOCH' };
    if (sample.faults.includes('clock-2100')) return { bucket: 'quarantined', reason: 'CLOCK_FUTURE' };
    const identity = JSON.stringify(
      sample.boot === null ? [sample.eventMs, sample.temperature, sample.humidity] : [sample.boot, sample.seq],
    );
    if (this.#sent.includes(identity)) return { bucket: 'duplicate' };
    this.#sent.push(identity);
    if (this.#sent.length > REMEMBERED) this.#sent.shift();
    if (sample.eventMs < this.alarms.newestMs - this.#expectations.latenessMs) return { bucket: 'late', reason: 'LATENESS' };
    return { bucket: 'applied', quality: sample.verdict };
  }
}

/** Sums up what all devices must have become. */
export function totalOf(ledgers: readonly DeviceLedger[]): { faults: Partial<Record<Fault, number>>; expected: ExpectedCounters } {
  const faults: Record<string, number> = {};
  const expected: ExpectedCounters = { received: 0, applied: 0, duplicate: 0, late: {}, quarantined: {}, quality: {} };
  for (const ledger of ledgers) {
    merge(faults, ledger.faults);
    for (const name of ['received', 'applied', 'duplicate'] as const) expected[name] += ledger.counters[name];
    for (const name of ['late', 'quarantined', 'quality'] as const) merge(expected[name], ledger.counters[name]);
  }
  return { faults, expected };
}

function merge(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(from)) add(into, name, count);
}

function add(counts: Record<string, number>, name: string, count = 1): void {
  counts[name] = (counts[name] ?? 0) + count;
}
