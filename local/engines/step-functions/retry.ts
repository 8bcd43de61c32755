/** Runs a task until it succeeds or its `Retry` has no attempt left. */
import { isList, isObject, type Json } from '../../template/json.ts';
import { matches } from './task-error.ts';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'NONE' | 'FULL';
}

/** The defaults of the States Language. */
const INTERVAL_S = 1;
const MAX_ATTEMPTS = 3;
const BACKOFF_RATE = 2;

export interface Retrying {
  /** Resolves after so many ms. */
  readonly wait: (ms: number) => Promise<void>;
  /** From 0 up to 1, for full jitter. */
  readonly random: () => number;
}

/** @param retry the state's field `Retry`. Throws what the last attempt threw; attempts are counted for each retrier, as AWS does. */
export async function withRetry<Result>(
  retry: Json | undefined,
  attempt: () => Promise<Result>,
  { wait, random }: Retrying,
): Promise<Result> {
  const retriers = (isList(retry) ? retry.filter(isObject) : []) as unknown as Retrier[];
  const attempts = new Map<Retrier, number>();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const retrier = retriers.find(({ ErrorEquals }) => matches(ErrorEquals, (error as Error).name));
      const before = (retrier && attempts.get(retrier)) ?? 0;
      if (!retrier || before >= (retrier.MaxAttempts ?? MAX_ATTEMPTS)) throw error;
      attempts.set(retrier, before + 1);
      const delayS = (retrier.IntervalSeconds ?? INTERVAL_S) * (retrier.BackoffRate ?? BACKOFF_RATE) ** before;
      const cappedMs = Math.min(delayS, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY) * 1000;
      await wait(retrier.JitterStrategy === 'FULL' ? random() * cappedMs : cappedMs);
    }
  }
}
