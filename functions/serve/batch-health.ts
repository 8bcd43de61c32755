/** How far the batch has come with a source, what waits for its next run, and where both layers differ. */
import { forEachLimited } from '#adapters/concurrency.ts';
import type { Drift, Run } from '#adapters/run-reader.ts';
import { boundaryOf, type Published, publishedDays, rowsOf } from '#domain/publication.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import type { Serving } from './ports.ts';
import type { Settled } from './settled-days.ts';

const DAYS_IN_FLIGHT = 8;
/** So many of the newest runs tell which days failed: a day that failed is tried again by each run. */
const RUNS_LOOKED_AT = 25;

/** Fields of each source in the pipeline's row. */
export async function batchHealth(serving: Serving, settled: Settled): Promise<Readonly<Record<SourceName, Row>>> {
  // A day that failed is in the newest runs of whichever source.
  const [published, runs] = await Promise.all([settled.lastSeen(), serving.batch.runs(null, RUNS_LOOKED_AT)]);
  const of = (source: SourceName) => sourceHealth(serving, settled, source, published, runs);
  const [trades, readings] = await Promise.all([of('trades'), of('readings')]);
  return { trades, readings };
}

async function sourceHealth(
  serving: Serving,
  settled: Settled,
  source: SourceName,
  published: Published,
  runs: readonly Run[],
): Promise<Row> {
  const markers = await settled.markers(source);
  const [late, drift] = await Promise.all([latePending(serving, source, published, markers), serving.batch.drift(source)]);
  return {
    boundary: boundaryOf(published, source, markers.keys()),
    published_days: publishedDays(published, source).size,
    late_pending: late,
    failed_days: failedDays(runs, source),
    drift: drift && driftRow(drift),
  };
}

/** Raw rows of published days that the archive got after these days were made: the next run makes the days anew. */
async function latePending(
  { archivedDays }: Serving,
  source: SourceName,
  published: Published,
  markers: ReadonlyMap<string, string>,
): Promise<number> {
  // A marker that changed says "look": the rows may be the same.
  const changed = [...publishedDays(published, source).values()].filter(({ day, marker }) => markers.get(day) !== marker);
  let late = 0;
  await forEachLimited(changed, DAYS_IN_FLIGHT, async ({ day, rows }) => {
    const objects = await archivedDays.objects(source, day);
    late += Math.max(0, rowsOf(objects) - rows);
  });
  return late;
}

/** Days whose newest try failed, with the run and the cause, ascending. */
function failedDays(runs: readonly Run[], source: SourceName): Row[] {
  const decided = new Set<string>();
  const failed: (Row & { readonly day: string })[] = [];
  for (const { runId, days } of runs) {
    for (const { source: of, day, status, cause } of days) {
      if (of !== source || decided.has(day) || !['published', 'unchanged', 'failed'].includes(status)) continue;
      decided.add(day);
      if (status === 'failed') failed.push({ day, run_id: runId, cause });
    }
  }
  return failed.sort((a, b) => (a.day < b.day ? -1 : 1));
}

function driftRow({ day, keys, differing, difference, explained, reasons }: Drift): Row {
  return { day, keys, differing, difference, explained, reasons };
}
