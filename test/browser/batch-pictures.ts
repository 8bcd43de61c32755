/** Runs of the batch for the page to show: one that goes on, one that failed in part, one that failed, one that found nothing, one that was skipped. */

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const STEPS = ['prepare', 'deduplicate', 'aggregate', 'check', 'validate', 'register'];
export const CAUSE =
  'States.TaskFailed: HIVE_BAD_DATA: Malformed Parquet file. s3://tidemark-data/raw/readings/dt=2026-01-31/hr=04/shardId-000000000000-4965-4966.parquet is not a valid Parquet File';
/** Nobody writes such a cause; it must not become part of the page. */
export const HOSTILE_CAUSE = '<img src=x onerror=document.title=1> '.repeat(3);

const iso = (ms: number) => new Date(ms).toISOString();

/** The id of the run that started then. */
export function runId(startMs: number): string {
  return `${iso(startMs).slice(0, 19).replace(/[-:]/g, '')}Z-0a1b2c3d`;
}

interface DayFacts {
  readonly day: string;
  readonly source?: string;
  readonly status?: string;
  readonly cause?: string | null;
  readonly attempts?: number;
  /** So many steps ended well ... */
  readonly done?: number;
  /** ... and the one after them did so. */
  readonly ending?: 'failed' | 'running';
}

function day(startMs: number, facts: DayFacts): object {
  const { day: name, source = 'trades', status = 'published', cause = null, attempts = 1, done = STEPS.length, ending } = facts;
  let atMs = startMs + SECOND_MS;
  const step = (stepName: string, index: number, outcome: string | null) => {
    const started = atMs;
    atMs += [240, 3_400, 1_700, 900, 150, 420][index]!;
    return { step: stepName, started_at: iso(started), ended_at: outcome === null ? null : iso(atMs), outcome };
  };
  const tries = Array.from({ length: attempts }, (_, index) => {
    const isLast = index === attempts - 1;
    const well = STEPS.slice(0, isLast ? done : 2).map((stepName, at) => step(stepName, at, 'succeeded'));
    const end = isLast ? ending : 'failed';
    const last = end && STEPS[well.length];
    return last ? [...well, step(last, well.length, end === 'running' ? null : 'failed')] : well;
  });
  const isPublished = status === 'published';
  return { source, day: name, status, revision: isPublished ? 1 : null, rows: 117_482, attempts, cause, steps: tries.flat() };
}

function run(startMs: number, facts: Record<string, unknown> & { readonly days: readonly DayFacts[] }): object {
  const { days, ...rest } = facts;
  return {
    run_id: runId(startMs),
    status: 'succeeded',
    trigger: 'schedule',
    started_at: iso(startMs),
    ended_at: iso(startMs + 42_300),
    cause: null,
    remaining: 0,
    days: days.map((each) => day(startMs, each)),
    ...rest,
  };
}

/** Starts of the runs, newest first. */
export function runStarts(nowMs: number): number[] {
  return [8 * SECOND_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 26 * HOUR_MS].map((agoMs) => nowMs - agoMs);
}

/** Newest first: going on, failed in part, failed as a whole, nothing new, skipped. */
export function batchRuns(nowMs: number): object[] {
  const [busy, partly, failed, idle, skipped] = runStarts(nowMs) as [number, number, number, number, number];
  const [d1, d2, d3] = ['2026-01-28', '2026-01-29', '2026-01-30'] as const;
  return [
    run(busy, {
      status: 'running',
      ended_at: null,
      trigger: 'command',
      remaining: 12,
      days: [
        { day: d1, status: 'ready' },
        { day: d2, status: 'build', done: 2, ending: 'running' },
        { day: d3, status: 'build', attempts: 2, done: 1, ending: 'running', cause: CAUSE },
        { day: d3, source: 'readings', status: 'build', attempts: 0, done: 0 },
      ],
    }),
    run(partly, {
      days: [
        { day: d1 },
        { day: d2, attempts: 2, cause: 'States.Timeout: the query took more than 1800 s' },
        { day: d3, source: 'readings', status: 'failed', attempts: 3, done: 2, ending: 'failed', cause: CAUSE },
        {
          day: '2026-01-31',
          source: 'readings',
          status: 'refused',
          attempts: 0,
          done: 0,
          cause: 'the day is settled at 2026-02-01T01:00:00.000Z',
        },
      ],
    }),
    run(failed, { status: 'failed', cause: `PublishedConflictError: ${HOSTILE_CAUSE}`, days: [{ day: d1, status: 'ready' }] }),
    run(idle, { days: [], ended_at: iso(idle + 900) }),
    run(skipped, {
      status: 'skipped',
      cause: `RunLocked: run ${runId(skipped - 60_000)} holds the lock`,
      days: [],
      ended_at: iso(skipped + 300),
    }),
  ];
}

/** Answers of the API about them. */
export function batchAnswers(nowMs: number): Record<string, object | readonly object[]> {
  const runs = batchRuns(nowMs);
  const single = runs.map((each, index) => [`batch/runs/${runId(runStarts(nowMs)[index]!)}`, each] as const);
  return { 'batch/runs': runs, ...Object.fromEntries(single) };
}
