/** What becomes of a day whose attempt failed: another attempt, with a generation of its own, or none. */
import { failedStep, queriesEnded, recordDay, stepEnded } from './day-record.ts';
import type { BatchPorts } from './ports.ts';
import type { CaughtError, DayAttempt, FailedDay, PreparedDay } from './state.ts';

const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_S = 10;
const PAUSE_FACTOR = 3;

export interface AnotherAttempt extends DayAttempt {
  readonly again: true;
  readonly pauseSeconds: number;
}

export interface LastAttempt extends FailedDay {
  readonly again: false;
}

/** Records the failure. What the attempt wrote stays invisible, and goes when generations are cleaned up. */
export async function attemptFailed(
  ports: BatchPorts,
  state: DayAttempt & Partial<PreparedDay> & { readonly error: CaughtError },
): Promise<AnotherAttempt | LastAttempt> {
  const { run, source, day, firstObject, attempt } = state;
  const cause = causeOf(state.error);
  const again = attempt < MAX_ATTEMPTS;
  const queries = await queriesEnded(ports, state);
  const step = failedStep(state);
  await recordDay(ports, state, (each) => {
    const steps = [...each.steps, ...queries];
    const startedMs = steps.at(-1)?.endedMs ?? ports.nowMs();
    return {
      ...each,
      status: again ? each.status : 'failed',
      cause,
      attempts: attempt,
      steps: [...steps, stepEnded(ports, step, startedMs, 'failed')],
    };
  });
  const planned = { run, source, day, firstObject };
  if (!again) return { ...planned, status: 'failed', cause, again };
  return { ...planned, attempt: attempt + 1, again, pauseSeconds: FIRST_PAUSE_S * PAUSE_FACTOR ** (attempt - 1) };
}

/** The message in a Cause: Lambda's is JSON, Athena's that of the whole query. */
export function causeOf({ Error: name, Cause: cause }: CaughtError): string {
  try {
    const parsed = JSON.parse(cause);
    return `${name}: ${parsed.errorMessage ?? parsed.Status?.StateChangeReason ?? cause}`;
  } catch {
    return `${name}: ${cause}`;
  }
}
