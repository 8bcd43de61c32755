/** The pipeline as a whole: each source's counters over all its keys, and how far its archive and the batch have come. */
import type { StateOf } from '#adapters/state-reader.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import { isoTime, type Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import { batchFields, newestRuns } from './batch-health.ts';
import type { Serving } from './ports.ts';
import type { Route } from './route.ts';
import type { Settled } from './settled-days.ts';

const NAMES_A_PAGE = 1000;
/** How old an answer may be: every page that is open asks once a second, and each answer reads every key. */
const CACHED_MS = 1000;

type Counts = Record<string, number>;

function addAll(into: Counts, from: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}

function newest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

class SourceSummary {
  keys = 0;
  readonly counts = { received: 0, applied: 0, duplicate: 0 };
  readonly late: Counts = {};
  readonly quarantined: Counts = {};
  readonly quality: Counts = {};
  lastEventMs: number | null = null;
  lastIngestMs: number | null = null;
  readonly lanes = new Set<string>();

  add({ name, counters, latest, lastArrivalMs, positions }: StateOf<SourceName>): void {
    // What names no valid key is counted under a name of its own: its counts belong to the sum, but it is no key.
    if (name !== UNATTRIBUTED) this.keys++;
    this.counts.received += counters.received;
    this.counts.applied += counters.applied;
    this.counts.duplicate += counters.duplicate;
    addAll(this.late, counters.late);
    addAll(this.quarantined, counters.quarantined);
    addAll(this.quality, counters.quality);
    this.lastEventMs = newest(this.lastEventMs, latest?.eventMs ?? null);
    this.lastIngestMs = newest(this.lastIngestMs, lastArrivalMs === 0 ? null : lastArrivalMs);
    for (const lane of Object.keys(positions)) this.lanes.add(lane);
  }
}

async function summaryOf({ states }: Serving, source: SourceName): Promise<SourceSummary> {
  const summary = new SourceSummary();
  let after = '';
  for (;;) {
    const names = await states.names(source, after, NAMES_A_PAGE);
    for (const { state } of await states.getAll(source, names)) summary.add(state);
    if (names.length < NAMES_A_PAGE) return summary;
    after = names.at(-1)!;
  }
}

/** The instant up to which every lane that keys of the source were seen in is archived, ms; null when one of them is not at all. */
async function archivedThroughMs({ archive }: Serving, source: SourceName, lanes: ReadonlySet<string>): Promise<number | null> {
  const reached = await archive.reached(source);
  const arrivalsMs = [...lanes].map((lane) => reached.get(lane)?.arrivalMs ?? null);
  return arrivalsMs.length === 0 || arrivalsMs.includes(null) ? null : Math.min(...arrivalsMs.map(Number));
}

async function speedFields(serving: Serving, source: SourceName): Promise<Row> {
  const { keys, counts, late, quarantined, quality, lastEventMs, lastIngestMs, lanes } = await summaryOf(serving, source);
  const archivedMs = await archivedThroughMs(serving, source, lanes);
  const timeOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));
  return {
    keys,
    ...counts,
    late,
    quarantined,
    quality,
    last_event_time: timeOrNull(lastEventMs),
    last_ingest_time: timeOrNull(lastIngestMs),
    archived_through: timeOrNull(archivedMs),
  };
}

async function pipelineRow(serving: Serving, settled: Settled): Promise<Row> {
  const { published } = await serving.published.read();
  const runs = await newestRuns(serving);
  const rowOf = async (source: SourceName): Promise<Row> => {
    const boundary = await settled.boundaryDay(published, source);
    const [speed, batch] = await Promise.all([speedFields(serving, source), batchFields(serving, source, published, runs)]);
    return { ...speed, boundary, ...batch };
  };
  const [trades, readings] = await Promise.all([rowOf('trades'), rowOf('readings')]);
  return { boundary: { trades: trades['boundary'], readings: readings['boundary'] }, sources: { trades, readings } };
}

export function pipelineRoutes(serving: Serving, settled: Settled): Route[] {
  let cached: { readonly row: Row; readonly atMs: number } | null = null;
  return [
    {
      path: '/v1/pipeline',
      operationId: 'pipeline',
      summary:
        'Of each source: counters over all its keys (received = applied + duplicate + the lates + the quarantined), and how far the batch has come',
      query: {},
      answers: 'single',
      row: 'Pipeline',
      async handle() {
        const nowMs = serving.nowMs();
        if (cached === null || nowMs - cached.atMs >= CACHED_MS) {
          cached = { row: await pipelineRow(serving, settled), atMs: nowMs };
        }
        return { row: cached.row };
      },
    },
  ];
}
