/** The record of a run, as far as it is about one day: its steps, one after another. */
import type { RunDay, RunStep } from '#adapters/run-reader.ts';
import type { BatchPorts } from './ports.ts';
import type { DayAttempt, PlannedDay, PreparedDay } from './state.ts';

/** Steps of an attempt in their order, with what is there of the day once each of them is done. */
const STEPS = [
  ['prepare', 'queries'],
  ['deduplicate', 'deduplicated'],
  ['aggregate', 'aggregated'],
  ['check', 'checked'],
  ['validate', 'validated'],
] as const satisfies readonly (readonly [string, keyof PreparedDay])[];

/** Changes what the record says of a day. */
export async function recordDay({ runs }: BatchPorts, { run, source, day }: PlannedDay, change: (day: RunDay) => RunDay): Promise<void> {
  await runs.change(run, (record) => ({
    ...record,
    days: record.days.map((each) => (each.source === source && each.day === day ? change(each) : each)),
  }));
}

/** A step that began at `startedMs` and ended now. */
export function stepEnded({ nowMs }: BatchPorts, step: string, startedMs: number, outcome: 'succeeded' | 'failed' = 'succeeded'): RunStep {
  return { step, startedMs, endedMs: nowMs(), outcome };
}

/** The queries of an attempt that succeeded so far, by Athena's clock. */
export async function queriesEnded({ results }: BatchPorts, state: Partial<PreparedDay>): Promise<RunStep[]> {
  const steps: RunStep[] = [];
  for (const [step, done] of STEPS) {
    const ended = state[done];
    if (typeof ended !== 'object' || !('id' in ended)) continue;
    steps.push({ step, ...(await results.times(ended.id)), outcome: 'succeeded' });
  }
  return steps;
}

/** The step in which an attempt failed: the first one that is not done. */
export function failedStep(state: DayAttempt & Partial<PreparedDay>): string {
  return STEPS.find(([, done]) => state[done] === undefined)?.[0] ?? 'register';
}
