/** Seeded randomness for the simulated sources: the same seed gives the same numbers on every machine. */

/** A number in [0, 1). */
export type Random = () => number;

/** A generator from a 32-bit state walked by a Weyl sequence and mixed by multiplications (the "mulberry" scheme). */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for the part `index` of a whole with `seed`: parts are independent, so adding one leaves the others as they were. */
export function partSeed(seed: number, index: number): number {
  return (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
}

/** A draw from the normal distribution with mean 0 and standard deviation 1. */
export function gaussian(random: Random): number {
  // 1 - random() is in (0, 1]: its logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A number in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}
