/** A DHT22 whose readings go wrong in the ways of the real ones. Pure, like the sensor inside. */
import { between, type Random } from '../feed/random.ts';
import type { Dht22, Measurement } from './dht22.ts';
import type { Fault } from './faults.ts';

export type Verdict = 'OK' | 'NAN' | 'RANGE' | 'SENTINEL' | 'BIT_SHIFT';

/** What the sensor answers, and what a pipeline must think of it. */
export interface Answer {
  readonly temperature: number | null | 'nan';
  readonly humidity: number | null | 'nan';
  readonly verdict: Verdict;
  readonly fault: Fault | null;
}

const STUCK_READINGS = { min: 5, max: 20 };
/** Read errors of drivers in the field: temperature and humidity. */
const SENTINELS = [
  [-999, -999],
  [0, 1],
  [0, 2],
  [0.1, 1],
  [1, 1],
] as const;
/** °C that the sensor can show and no room has. */
const PLAUSIBLE_SPIKE_C = { min: 45, max: 79 };
/** °C beyond what it can measure, on either side. */
const IMPOSSIBLE_SPIKES_C = [-61.3, 97.6, 150, 3000.1] as const;

export class FaultySensor {
  readonly #sensor: Dht22;
  readonly #happens: (fault: Fault) => boolean;
  readonly #random: Random;
  #stuck: { readonly values: Measurement; left: number } | null = null;

  /** @param happens whether a fault begins now; asked for each kind once a reading */
  constructor(sensor: Dht22, happens: (fault: Fault) => boolean, random: Random) {
    this.#sensor = sensor;
    this.#happens = happens;
    this.#random = random;
  }

  /** A reading at `nowMs`, ms since the epoch; times must not run backward. Of several faults at once the first shows. */
  read(nowMs: number): Answer {
    const measured = this.#sensor.read(nowMs);
    const [bitShift, nan, sentinel, stuck, spike] = (['bit-shift', 'nan', 'sentinel', 'stuck', 'spike'] as const).map(this.#happens);
    if (this.#stuck && --this.#stuck.left < 0) this.#stuck = null;
    if (bitShift) return { ...shiftedFrame(measured), verdict: 'BIT_SHIFT', fault: 'bit-shift' };
    if (nan) return this.#nothing();
    if (sentinel) {
      const [temperature, humidity] = this.#oneOf(SENTINELS);
      return { temperature, humidity, verdict: 'SENTINEL', fault: 'sentinel' };
    }
    if (stuck && !this.#stuck) {
      this.#stuck = { values: measured, left: Math.floor(between(this.#random, STUCK_READINGS.min, STUCK_READINGS.max + 1)) - 1 };
    }
    if (this.#stuck) return { ...this.#stuck.values, verdict: 'OK', fault: 'stuck' };
    if (spike) return this.#spike(measured);
    return { ...measured, verdict: 'OK', fault: null };
  }

  #nothing(): Answer {
    const nothing = this.#random() < 0.5 ? null : 'nan';
    return { temperature: nothing, humidity: nothing, verdict: 'NAN', fault: 'nan' };
  }

  #spike({ humidity }: Measurement): Answer {
    const isPlausible = this.#random() < 0.5;
    const temperature = isPlausible
      ? Math.round(between(this.#random, PLAUSIBLE_SPIKE_C.min, PLAUSIBLE_SPIKE_C.max) * 10) / 10
      : this.#oneOf(IMPOSSIBLE_SPIKES_C);
    return { temperature, humidity, verdict: isPlausible ? 'OK' : 'RANGE', fault: 'spike' };
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}

/**
 * The frame of a measurement (16 bits of tenths each, temperature with a sign bit) read one bit late: every bit moves down
 * by one, a one comes in on top, and the lowest bit of the humidity becomes the sign of the temperature.
 */
export function shiftedFrame({ temperature, humidity }: Measurement): Measurement {
  const humidityTenths = Math.round(humidity * 10);
  const temperatureTenths = Math.round(Math.abs(temperature) * 10) >> 1;
  const sign = humidityTenths & 1 ? -1 : 1;
  return { humidity: (0x8000 + (humidityTenths >> 1)) / 10, temperature: (sign * temperatureTenths) / 10 };
}
