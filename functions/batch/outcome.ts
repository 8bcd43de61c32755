/** What a run answers to whoever started it: the record, as far as it is about days. */
import type { RunRecord } from '#adapters/batch-runs.ts';
import type { RunDay } from '#adapters/run-reader.ts';

export interface RunOutcome {
  readonly run: string;
  readonly status: string;
  readonly cause: string | null;
  /** Days that are to be built and wait for a later run. */
  readonly remaining: number;
  readonly days: readonly Omit<RunDay, 'steps'>[];
}

/** `record` is null when it is gone. */
export function outcomeOf(run: string, record: RunRecord | null): RunOutcome {
  const { status = 'unknown', cause = null, remaining = 0, days = [] } = record ?? {};
  return { run, status, cause, remaining, days: days.map(({ steps: _, ...day }) => day) };
}
