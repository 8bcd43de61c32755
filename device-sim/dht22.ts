/** What one simulated DHT22 measures. Pure: the same seed and times give the same readings. */
import { between, gaussian, type Random, seededRandom } from '../feed/random.ts';

export interface Measurement {
  /** °C, in steps of 0.1. */
  readonly temperature: number;
  /** Relative humidity in %, in steps of 0.1. */
  readonly humidity: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A healthy sensor never shows more, °C: well below HIGH (30 °C). */
export const HEALTHY_MAX_C = 28;
const NOISE_C = 0.08;
const NOISE_PCT = 0.3;
/** How fast the slow wandering forgets, and how far it goes, per reading. */
const WANDER_KEEP = 0.995;
const WANDER_STEP_C = 0.02;
/** Relative humidity falls as the same air gets warmer, % per °C. */
const PCT_PER_C = 2;

/** One cycle of an overheating sensor, in order; ms and °C. */
interface HeatCycle {
  readonly startMs: number;
  readonly restMs: number;
  readonly riseMs: number;
  readonly stayMs: number;
  readonly fallMs: number;
  /** Highest temperature of the cycle: past CRITICAL (35 °C). */
  readonly peakC: number;
}

export class Dht22 {
  readonly #random: Random;
  readonly #meanC: number;
  readonly #dailyC: number;
  readonly #warmestMs: number;
  readonly #humidityPct: number;
  readonly #heatRandom: Random | null;
  #cycle: HeatCycle | null = null;
  #wanderC = 0;

  /** @param overheats whether it heats past 35 °C and cools down again, over and over */
  constructor(seed: number, overheats: boolean) {
    this.#random = seededRandom(seed);
    this.#meanC = between(this.#random, 19, 23);
    this.#dailyC = between(this.#random, 0.5, 2);
    this.#warmestMs = between(this.#random, 13, 17) * (DAY_MS / 24);
    this.#humidityPct = between(this.#random, 40, 60);
    // Its own generator: when it heats does not depend on how often it was read.
    this.#heatRandom = overheats ? seededRandom(seed ^ 0x5eed) : null;
  }

  /** A reading at `nowMs`, ms since the epoch; times must not run backward. */
  read(nowMs: number): Measurement {
    this.#wanderC = this.#wanderC * WANDER_KEEP + WANDER_STEP_C * gaussian(this.#random);
    const daily = this.#dailyC * Math.cos((2 * Math.PI * (nowMs - this.#warmestMs)) / DAY_MS);
    const roomC = Math.min(this.#meanC + daily + this.#wanderC, HEALTHY_MAX_C - 1);
    const airC = roomC + this.#heat(nowMs) * (this.#peakC() - roomC);
    const temperature = airC + NOISE_C * gaussian(this.#random);
    const humidity = this.#humidityPct - PCT_PER_C * (airC - this.#meanC) + NOISE_PCT * gaussian(this.#random);
    return {
      temperature: tenths(this.#heatRandom ? temperature : Math.min(temperature, HEALTHY_MAX_C)),
      humidity: tenths(Math.min(100, Math.max(0, humidity))),
    };
  }

  #peakC(): number {
    return this.#cycle?.peakC ?? 0;
  }

  /** How far towards its peak the sensor is heated, 0 to 1. */
  #heat(nowMs: number): number {
    const random = this.#heatRandom;
    if (!random) return 0;
    this.#cycle ??= nextCycle(random, nowMs, between(random, 0, 4000));
    while (nowMs >= endOf(this.#cycle)) this.#cycle = nextCycle(random, endOf(this.#cycle), between(random, 60_000, 180_000));
    const { startMs, restMs, riseMs, stayMs, fallMs } = this.#cycle;
    const heatedMs = nowMs - startMs - restMs;
    if (heatedMs < 0) return 0;
    if (heatedMs < riseMs) return heatedMs / riseMs;
    const coolingMs = heatedMs - riseMs - stayMs;
    return coolingMs < 0 ? 1 : 1 - coolingMs / fallMs;
  }
}

function nextCycle(random: Random, startMs: number, restMs: number): HeatCycle {
  return {
    startMs,
    restMs,
    riseMs: between(random, 20_000, 40_000),
    stayMs: between(random, 20_000, 60_000),
    fallMs: between(random, 30_000, 60_000),
    peakC: between(random, 37, 42),
  };
}

function endOf({ startMs, restMs, riseMs, stayMs, fallMs }: HeatCycle): number {
  return startMs + restMs + riseMs + stayMs + fallMs;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
