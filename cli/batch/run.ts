/** Starts the state machine and watches it, until everything that was asked for is done. */
import type { Clock } from '#adapters/clock.ts';
import { MAX_DAYS_A_RUN } from '#domain/batch-plan.ts';
import type { BatchRequest } from '#domain/batch-request.ts';
import { shiftDay } from '#domain/calendar.ts';
import { SOURCES } from '#domain/publication.ts';
import { pause } from '../shared/pause.ts';
import { INTERRUPTED, UserError } from '../shared/user-error.ts';
import type { RunDisplay } from './display.ts';
import { outcomeOf, type RunOutcome } from './outcome.ts';
import { RunProgress } from './progress.ts';
import type { BatchMachine } from './state-machine.ts';

export interface Watching {
  readonly clock: Clock;
  /** Stops watching. */
  readonly signal: AbortSignal;
  readonly display: RunDisplay;
  readonly log: (line: string) => void;
}

/** Runs one after another; answers with what each made of its days. Throws UserError when a run failed, or watching was stopped. */
export async function runBatch(request: BatchRequest, machine: BatchMachine, watching: Watching): Promise<RunOutcome[]> {
  const runs: RunOutcome[] = [];
  for (const part of partsOf(request)) {
    for (;;) {
      const outcome = await runOnce(part, machine, watching);
      runs.push(outcome);
      // A run that published nothing would leave the next one the same days.
      if (outcome.remaining === 0 || !outcome.days.some(({ status }) => status === 'published')) break;
      watching.log(`${outcome.remaining} days are left: going on with another run`);
    }
  }
  return runs;
}

/** Days that are built anew are so once: a range of them is asked for in parts that fit into a run. */
function partsOf(request: BatchRequest): BatchRequest[] {
  const { from, to, force, source } = request;
  if (!force || from === undefined || to === undefined) return [request];
  const daysAtATime = Math.floor(MAX_DAYS_A_RUN / (source === undefined ? SOURCES.length : 1));
  const parts: BatchRequest[] = [];
  for (let first = from; first <= to; first = shiftDay(first, daysAtATime)) {
    const last = shiftDay(first, daysAtATime - 1);
    parts.push({ ...request, from: first, to: last < to ? last : to });
  }
  return parts;
}

async function runOnce(request: BatchRequest, machine: BatchMachine, { clock, signal, display, log }: Watching): Promise<RunOutcome> {
  const arn = await machine.start(request);
  log(`started ${arn}`);
  const progress = new RunProgress();
  try {
    for (;;) {
      const execution = await machine.execution(arn);
      progress.add(await machine.eventsAfter(arn, progress.lastEventId));
      display.show(progress);
      if (execution.status !== 'RUNNING') return outcomeOf(execution, progress.outcome);
      await pause(clock, machine.pollMs, signal);
      if (signal.aborted) throw new UserError(`not watching any longer; the run goes on: ${arn}`, { exitCode: INTERRUPTED });
    }
  } finally {
    display.end();
  }
}
