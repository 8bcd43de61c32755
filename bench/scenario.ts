/** What a scenario is told, and what it hands back. */

export interface Conditions {
  /** 1 = the size the figures are defined at (a million events, 60 s); above 0, at most 1. */
  readonly scale: number;
  /** Runs that are measured, from 1. */
  readonly runs: number;
  /** Of all input. */
  readonly seed: number;
  /** Shows one line to the person. */
  readonly log: (line: string) => void;
}

export interface Measured {
  readonly name: string;
  readonly unit: string;
  /** At least one. */
  readonly samples: readonly number[];
}

/** Two ways to count the same: they must agree, or the run is worth nothing. */
export interface Sum {
  readonly name: string;
  readonly expected: number;
  readonly found: number;
}

export interface Outcome {
  /** What was run, for the reader of the report. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** What was left out before measuring. */
  readonly warmUp: string;
  readonly measured: readonly Measured[];
  /** CPU time (user and system) of the process tree that was measured, all runs together, s. */
  readonly cpuSeconds: number;
  /** Largest resident memory of that process tree, MiB. */
  readonly peakMemoryMiB: number;
  readonly sums: readonly Sum[];
}

export interface Scenario {
  /** As on the command line. */
  readonly id: string;
  /** Part of the set of figures: a to h. */
  readonly part: string;
  readonly title: string;
  run(conditions: Conditions): Promise<Outcome>;
}

/** `full` times the scale, at least `least`, a whole multiple of `of`. */
export function scaled(full: number, scale: number, of = 1, least = of): number {
  return Math.max(least, Math.round((full * scale) / of) * of);
}
