/** How runs end: their record says what became of them, and the lock is free again. */
import type { RunDay } from '#adapters/run-reader.ts';
import { causeOf } from './attempt-failed.ts';
import { outcomeOf, type RunOutcome } from './outcome.ts';
import { logOverdue } from './overdue.ts';
import type { BatchPorts } from './ports.ts';
import { startedOf } from './started.ts';
import type { CaughtError, PublishedState, StepEvent } from './state.ts';
import { newRecord } from './take-lock.ts';

const MAX_NAMED = 5;

/** The run came to its end; days that could not be built make it a failed one, although the others are published. */
export async function finish(ports: BatchPorts, state: PublishedState): Promise<RunOutcome & Pick<PublishedState, 'failedDays'>> {
  const { runs, lock, nowMs } = ports;
  const record = await runs.change(state.run, (record) => {
    const failed = record.days.filter(({ status }) => status === 'failed');
    const status = failed.length > 0 ? 'failed' : 'succeeded';
    return { ...record, status, cause: failed.length > 0 ? failedCause(failed) : null, endedMs: nowMs() };
  });
  await lock.release(state.run);
  await logOverdue(ports);
  return { ...outcomeOf(state.run, record), failedDays: state.failedDays };
}

/** A step of the run failed for good. */
export async function fail(ports: BatchPorts, event: StepEvent): Promise<RunOutcome> {
  const { runs, lock, nowMs } = ports;
  const started = startedOf(event);
  const { error } = event.state as { readonly error: CaughtError };
  await runs.create(started.run, newRecord(started, triggerOf(event.state)));
  const failed = await runs.change(started.run, (record) => ({ ...record, status: 'failed', cause: causeOf(error), endedMs: nowMs() }));
  await lock.release(started.run);
  await logOverdue(ports);
  return outcomeOf(started.run, failed);
}

/** Another run is at work: this one leaves everything to it. */
export async function skip({ runs, nowMs }: BatchPorts, event: StepEvent): Promise<RunOutcome> {
  const started = startedOf(event);
  const { error } = event.state as { readonly error: CaughtError };
  const skipped = { ...newRecord(started, triggerOf(event.state)), status: 'skipped', cause: causeOf(error), endedMs: nowMs() } as const;
  await runs.create(started.run, skipped);
  return outcomeOf(started.run, skipped);
}

/** The input of an execution may be anything: the failure is perhaps just that. */
function triggerOf(state: unknown): string {
  const { trigger } = state as { readonly trigger?: unknown };
  return typeof trigger === 'string' ? trigger : 'unknown';
}

function failedCause(failed: readonly RunDay[]): string {
  const named = failed.slice(0, MAX_NAMED).map(({ source, day }) => `${source} of ${day}`);
  const more = failed.length > MAX_NAMED ? ` and ${failed.length - MAX_NAMED} more` : '';
  return `${failed.length} ${failed.length === 1 ? 'day' : 'days'} failed: ${named.join(', ')}${more}`;
}
