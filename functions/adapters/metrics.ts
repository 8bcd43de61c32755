/** Counts of one invocation as a log line that CloudWatch turns into metrics ("embedded metric format", AWS's specification of it). */

const NAMESPACE = 'Tidemark';

/** `dimensions` tell whose counts they are; every count becomes a metric of the same name. */
export function metricsLine(nowMs: number, dimensions: Readonly<Record<string, string>>, counts: Readonly<Record<string, number>>): string {
  const metrics = Object.keys(counts).map((Name) => ({ Name, Unit: 'Count' }));
  const directive = { Namespace: NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: metrics };
  return JSON.stringify({ ...dimensions, ...counts, _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] } });
}
