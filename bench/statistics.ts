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

/** Slope of the straight line that lies closest to the points (least squares), units of y by unit of x; 0 where all have the same x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

function sorted(samples: readonly number[]): number[] {
  if (samples.length === 0) throw new RangeError('no samples: nothing was measured');
  return [...samples].sort((a, b) => a - b);
}

function rank(ascending: readonly number[], percent: number): number {
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)]!;
}
