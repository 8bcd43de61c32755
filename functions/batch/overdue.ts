/** How long the oldest day that is settled waits to be published: a metric, and an alarm. */
import { metricsLine } from '#adapters/metrics.ts';
import { settledMs } from '#domain/batch-plan.ts';
import { publishedDays, SOURCES } from '#domain/publication.ts';
import type { BatchPorts } from './ports.ts';

const HOUR_MS = 3_600_000;

export async function logOverdue({ archive, published, settings, nowMs, log }: BatchPorts): Promise<void> {
  const current = await published.read();
  for (const source of SOURCES) {
    const inBatch = publishedDays(current.published, source);
    const open = [...(await archive.markers(source)).keys()].filter((day) => !inBatch.has(day));
    const oldest = open.length === 0 ? nowMs() : Math.min(...open.map((day) => settledMs(source, day, settings)));
    log(metricsLine(nowMs(), { layer: 'batch', source }, { overdueHours: Math.max(0, Math.floor((nowMs() - oldest) / HOUR_MS)) }));
  }
}
