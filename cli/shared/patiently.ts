/** Asking an instance that is busy. */
import type { Clock } from '#adapters/clock.ts';
import { LocalApiError } from './local-api.ts';
import { pause } from './pause.ts';
import { UserError } from './user-error.ts';

const PAUSE_MS = 1000;
/** An instance that is busy for longer than this never answers. */
const PATIENCE_MS = 120_000;

/**
 * What `ask` resolves to (it is told how many attempts failed before); asked again, once a second, while no answer comes in time or it is one of 429 and 5xx, for two
 * minutes. Throws what the last attempt threw: at once when the request is wrong, nobody listens, or the signal is aborted.
 */
export async function patiently<Answer>(ask: (attempt: number) => Promise<Answer>, clock: Clock, signal: AbortSignal): Promise<Answer> {
  const untilMs = clock.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(attempt);
    } catch (error) {
      if (!isBusy(error) || signal.aborted || clock.now() >= untilMs) throw error;
    }
    await pause(clock, PAUSE_MS, signal);
  }
}

function isBusy(error: unknown): boolean {
  if (error instanceof LocalApiError) return error.status >= 500 || error.status === 429;
  return error instanceof UserError && error.cause instanceof DOMException && error.cause.name === 'TimeoutError';
}
