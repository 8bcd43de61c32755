/** What a faulty device publishes when, without a network: the same seed and times give the same messages and the same ledger. */
import { between, partSeed, type Random, seededRandom } from '../feed/random.ts';
import { Dht22 } from './dht22.ts';
import { FAULTS, type Fault, type FaultRates } from './faults.ts';
import { FaultySensor } from './faulty-sensor.ts';
import type { DeviceLedger, Sample } from './ledger.ts';
import type { Telemetry } from './telemetry.ts';

export interface FaultyTelemetryOptions {
  readonly seed: number;
  readonly overheats: boolean;
  readonly rates: FaultRates;
  /** Name of the first boot, and the beginning of the later ones'; never used twice. */
  readonly boot: string;
  readonly ledger: DeviceLedger;
}

/** Readings kept while there is no network. */
const OFFLINE_READINGS = { min: 4, max: 20 };
/** No multiple of an interval: an old reading must not have the very time of one that was sent then. */
const STALE_MS = 2 * 60 * 60 * 1000 + 137;
const YEAR_2100_MS = Date.UTC(2100, 0, 1);
/** Seeds of the sensor and of what it draws besides; the numbers below are the faults'. */
const SENSOR_PART = FAULTS.length;
const DETAIL_PART = FAULTS.length + 1;

export class FaultyTelemetry implements Telemetry {
  readonly #ledger: DeviceLedger;
  readonly #bootBase: string;
  readonly #sensor: FaultySensor;
  readonly #random: Random;
  readonly #rates: FaultRates;
  /** One generator a fault: another rate of one leaves the others where they were. */
  readonly #draws: Readonly<Record<Fault, Random>>;
  #boot: string | null;
  #bootCount = 1;
  #seq = 0;
  #startMs: number | null = null;
  #hasSentGoodTime = false;
  /** What was taken without a network, and how many readings it waits for. */
  #offline: { readonly samples: Sample[]; readonly until: number } | null = null;
  /** What goes out after the next reading. */
  #held: Sample | null = null;

  constructor({ seed, overheats, rates, boot, ledger }: FaultyTelemetryOptions) {
    this.#ledger = ledger;
    this.#rates = rates;
    this.#bootBase = boot;
    this.#boot = boot;
    const drawOf = (fault: Fault, index: number) => [fault, seededRandom(partSeed(seed, index))];
    this.#draws = Object.fromEntries(FAULTS.map(drawOf)) as Record<Fault, Random>;
    this.#random = seededRandom(partSeed(seed, DETAIL_PART));
    this.#sensor = new FaultySensor(new Dht22(partSeed(seed, SENSOR_PART), overheats), (fault) => this.#happens(fault), this.#random);
  }

  take(nowMs: number): readonly string[] {
    // All are drawn for every reading, also those that cannot begin now.
    const [reboots, losesBoot, drops, goesOffline, swaps] = (
      ['reboot', 'bootless-reboot', 'drop-out', 'offline', 'out-of-order'] as const
    ).map((fault) => this.#happens(fault));
    // What waits to be sent is never of more than one boot, and a swap is a swap with the very next reading.
    const isWaiting = this.#offline !== null || this.#held !== null;
    if (!isWaiting && reboots) this.#reboot('reboot');
    else if (!isWaiting && losesBoot) this.#reboot('bootless-reboot');

    const sample = this.#sample(nowMs);
    if (drops && !this.#held) {
      this.#ledger.noteFault('drop-out');
      return [];
    }
    for (const fault of sample.faults) this.#ledger.noteFault(fault);
    if (!isWaiting && goesOffline) {
      this.#ledger.noteFault('offline');
      this.#offline = { samples: [], until: Math.floor(between(this.#random, OFFLINE_READINGS.min, OFFLINE_READINGS.max + 1)) };
    } else if (!isWaiting && swaps) {
      this.#ledger.noteFault('out-of-order');
      this.#held = { ...sample, faults: [...sample.faults, 'out-of-order'] };
      return [];
    }
    if (!this.#offline) return [...this.#send([sample], nowMs), ...this.rest(nowMs)];
    this.#offline.samples.push({ ...sample, faults: [...sample.faults, 'offline'] });
    return this.#offline.samples.length < this.#offline.until ? [] : this.rest(nowMs);
  }

  rest(nowMs: number): readonly string[] {
    const samples = this.#offline?.samples ?? (this.#held ? [this.#held] : []);
    this.#offline = null;
    this.#held = null;
    return samples.length > 0 ? this.#send(samples, nowMs) : [];
  }

  #happens(fault: Fault): boolean {
    return this.#draws[fault]() < this.#rates[fault];
  }

  #reboot(fault: 'reboot' | 'bootless-reboot'): void {
    this.#ledger.noteFault(fault);
    this.#seq = 0;
    this.#boot = fault === 'reboot' ? `${this.#bootBase}-${++this.#bootCount}` : null;
  }

  #sample(nowMs: number): Sample {
    const { fault, ...answer } = this.#sensor.read(nowMs);
    const clock = this.#clock(nowMs);
    const broken = this.#happens('nan-token') ? ('nan-token' as const) : null;
    const faults = [fault, clock.fault, broken].filter((each) => each !== null);
    return { ...answer, eventMs: clock.eventMs, seq: this.#seq++, boot: this.#boot, faults };
  }

  #clock(nowMs: number): { eventMs: number; fault: Fault | null } {
    this.#startMs ??= nowMs;
    const [in1970, in2100, stale] = (['clock-1970', 'clock-2100', 'stale'] as const).map((fault) => this.#happens(fault));
    // The clock of 1970 counts whole seconds since the power came on.
    if (in1970) return { eventMs: Math.floor((nowMs - this.#startMs) / 1000) * 1000, fault: 'clock-1970' };
    if (in2100) return { eventMs: YEAR_2100_MS + (nowMs - this.#startMs), fault: 'clock-2100' };
    // Before a reading with a good time, nothing says that this one is old.
    if (stale && this.#hasSentGoodTime) return { eventMs: nowMs - STALE_MS, fault: 'stale' };
    return { eventMs: nowMs, fault: null };
  }

  /** One reading as an object, those kept offline as a list; perhaps twice. */
  #send(samples: readonly Sample[], nowMs: number): string[] {
    const texts = samples.map(textOf);
    const message = samples.some(({ faults }) => faults.includes('offline')) ? `{"readings":[${texts.join(',')}]}` : texts[0]!;
    this.#note(samples, nowMs);
    if (!this.#happens('duplicate')) return [message];
    this.#ledger.noteFault('duplicate');
    this.#note(
      samples.map((sample) => ({ ...sample, faults: [...sample.faults, 'duplicate'] })),
      nowMs,
    );
    return [message, message];
  }

  /** One reading that cannot be read takes the others of its message with it. */
  #note(samples: readonly Sample[], nowMs: number): void {
    const broken = samples.find(({ faults }) => faults.includes('nan-token'));
    if (broken) {
      this.#ledger.sentBroken(broken, nowMs);
      return;
    }
    for (const sample of samples) {
      this.#ledger.sent(sample, nowMs);
      if (!sample.faults.some((fault) => fault.startsWith('clock-'))) this.#hasSentGoodTime = true;
    }
  }
}

/** A reading as firmware prints it: a broken one with the token that JSON does not have. */
function textOf({ eventMs, temperature, humidity, seq, boot, faults }: Sample): string {
  const timestamp = faults.includes('clock-1970') ? eventMs / 1000 : eventMs;
  const isBroken = faults.includes('nan-token');
  const values = isBroken ? { temperature: null, humidity: null } : { temperature, humidity };
  const text = JSON.stringify({ timestamp, ...values, seq, ...(boot === null ? {} : { boot }) });
  return isBroken ? text.replaceAll('null', 'NaN') : text;
}
