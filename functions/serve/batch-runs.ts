/** Runs of the batch: what each did, day by day and step by step, and why it failed. */
import type { Run, RunDay, RunStep } from '#adapters/run-reader.ts';
import { isoTime, type Row } from '#domain/rows.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { CURSOR, limitOf } from './parameters.ts';
import type { Serving } from './ports.ts';
import { unknownKey } from './problem.ts';
import type { ListRoute, Route, SingleRoute } from './route.ts';

/** `20131008T041000Z-0a1b2c3d`: ids sort by the start of their runs. */
const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;
const isRunId = (value: unknown): value is string => typeof value === 'string' && RUN_ID.test(value);

function listRoute({ batch }: Serving): ListRoute {
  return {
    path: '/v1/batch/runs',
    operationId: 'list_batch_runs',
    summary: 'Runs of the batch, newest first',
    query: { limit: limitOf(100, 20, 'runs'), cursor: CURSOR },
    answers: 'list',
    row: 'BatchRun',
    async handle({ query }) {
      const limit = query.integer('limit')!;
      const before = decodeCursor('batch runs', query.text('cursor'), isRunId);
      const found = await batch.runs(before, limit + 1);
      const page = found.slice(0, limit);
      return { rows: page.map(runRow), nextCursor: found.length > limit ? encodeCursor('batch runs', page.at(-1)!.runId) : null };
    },
  };
}

function singleRoute({ batch }: Serving): SingleRoute {
  return {
    path: '/v1/batch/runs/{run}',
    operationId: 'batch_run',
    summary: 'One run of the batch',
    query: {},
    answers: 'single',
    row: 'BatchRun',
    async handle({ path }) {
      const id = path['run']!;
      const run = RUN_ID.test(id) ? await batch.run(id) : null;
      if (run === null) throw unknownKey('run', id);
      return { row: runRow(run) };
    },
  };
}

export function batchRoutes(serving: Serving): Route[] {
  return [listRoute(serving), singleRoute(serving)];
}

const timeOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));

function runRow({ runId, status, trigger, startedMs, endedMs, cause, remaining, days }: Run): Row {
  return {
    run_id: runId,
    status,
    trigger,
    started_at: isoTime(startedMs),
    ended_at: timeOrNull(endedMs),
    cause,
    remaining,
    days: days.map(dayRow),
  };
}

function dayRow({ source, day, status, revision, rows, attempts, cause, steps }: RunDay): Row {
  return { source, day, status, revision, rows, attempts, cause, steps: steps.map(stepRow) };
}

function stepRow({ step, startedMs, endedMs, outcome }: RunStep): Row {
  return { step, started_at: isoTime(startedMs), ended_at: timeOrNull(endedMs), outcome };
}
