/** The pipeline as a whole: each source's counters over all its keys, and how far its archive and the batch have come. */
import type { StateOf } from '#adapters/state-reader.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import { isoTime, type Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import { batchHealth } from './batch-health.ts';
import type { Serving } from './ports.ts';
import type { Route } from './route.ts';
import type { Settled } from './settled-days.ts';

const NAMES_A_PAGE = 1000;
/** How old an answer may be: every page that is open asks once a second, and each answer reads every key. */
const KEPT_MS = 1000;
/** The same of what the batch did, which changes once an hour and needs the records of its runs. */
const BATCH_KEPT_MS = 5000;

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

/** What `load` gave at most `ms` ago. */
function kept<T>(ms: number, nowMs: () => number, load: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: T; readonly atMs: number } | null = null;
  return async () => {
    const atMs = nowMs();
    if (known === null || atMs - known.atMs >= ms) known = { value: await load(), atMs };
    return known.value;
  };
}

export function pipelineRoutes(serving: Serving, settled: Settled): Route[] {
  const batch = kept(BATCH_KEPT_MS, serving.nowMs, () => batchHealth(serving, settled));
  const pipeline = kept(KEPT_MS, serving.nowMs, async () => {
    const [trades, readings, { trades: batchOfTrades, readings: batchOfReadings }] = await Promise.all([
      speedFields(serving, 'trades'),
      speedFields(serving, 'readings'),
      batch(),
    ]);
    return {
      boundary: { trades: batchOfTrades['boundary'], readings: batchOfReadings['boundary'] },
      sources: { trades: { ...trades, ...batchOfTrades }, readings: { ...readings, ...batchOfReadings } },
    };
  });
  return [
    {
      path: '/v1/pipeline',
      operationId: 'pipeline',
      summary:
        'Of each source: counters over all its keys (received = applied + duplicate + the lates + the quarantined), and how far the batch has come',
      query: {},
      answers: 'single',
      row: 'Pipeline',
      handle: async () => ({ row: await pipeline() }),
    },
  ];
}
