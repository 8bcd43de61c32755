/** First step: one run at a time. */
import type { RunRecord } from '#adapters/batch-runs.ts';
import { batchRequest } from '#domain/batch-request.ts';
import type { BatchPorts } from './ports.ts';
import { type Started, startedOf } from './started.ts';
import type { RunState, StepEvent } from './state.ts';

/** Takes the lock and records that the run has begun. Throws RunLocked, BatchRequestError. */
export async function takeLock({ lock, runs, nowMs }: BatchPorts, event: StepEvent): Promise<RunState> {
  const started = startedOf(event);
  const { run } = started;
  const request = batchRequest(event.state);
  const { fence, takenOverFrom } = await lock.take(run, started.execution);
  if (takenOverFrom !== null) {
    const cause = `its execution ended without a word; run ${run} took over`;
    await runs.change(takenOverFrom, (record) =>
      record.status === 'running' ? { ...record, status: 'failed', cause, endedMs: nowMs() } : record,
    );
  }
  await runs.create(run, newRecord(started, request.trigger));
  return { request, run, fence };
}

export function newRecord({ startedMs }: Started, trigger: string): RunRecord {
  return { status: 'running', trigger, startedMs, endedMs: null, cause: null, remaining: 0, days: [] };
}
