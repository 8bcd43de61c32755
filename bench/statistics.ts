/** What a list of samples says: nearest-rank percentiles, so that every figure is one that was really measured. */

export interface Statistics {
  readonly n: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** The smallest sample that at least `percent` of all samples (0 to 100) do not exceed. Throws RangeError for no samples. */
export function percentile(samples: readonly number[], percent: number): number {
  return rank(sorted(samples), percent);
}

/** Throws RangeError for no samples. */
export function statisticsOf(samples: readonly number[]): Statistics {
  const ascending = sorted(samples);
  return {
    n: ascending.length,
    median: rank(ascending, 50),
    p95: rank(ascending, 95),
    p99: rank(ascending, 99),
    min: ascending[0]!,
    max: ascending.at(-1)!,
  };
}

function sorted(samples: readonly number[]): number[] {
  if (samples.length === 0) throw new RangeError('no samples: nothing was measured');
  return [...samples].sort((a, b) => a - b);
}

function rank(ascending: readonly number[], percent: number): number {
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)]!;
}
