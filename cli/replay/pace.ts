/** When which row of a recording is sent: at once, or at its own time on a clock that runs N times as fast. */
import type { Clock } from '#adapters/clock.ts';
import { pause } from '../shared/pause.ts';

export interface Pace {
  readonly clock: Clock;
  /** Times real time; null = as fast as possible. */
  readonly speed: number | null;
  /** Event time at which the replay starts, ms since the epoch. */
  readonly originMs: number;
  /** Real time at which the replay starts, ms since the epoch. */
  readonly startMs: number;
  readonly signal: AbortSignal;
}

/** Rows that fell due within this are sent together, ms. */
const GRAIN_MS = 10;

/**
 * Cuts rows, in their order, into runs that are due, at most `maxRun` rows each. A row whose time lies before that of the
 * row in front of it is sent with it. Ends early when the signal is aborted.
 */
export async function* dueRuns<Row>(
  rows: readonly Row[],
  eventMs: (row: Row) => number,
  maxRun: number,
  pace: Pace,
): AsyncGenerator<readonly Row[]> {
  const { clock, speed, originMs, startMs, signal } = pace;
  let from = 0;
  while (from < rows.length && !signal.aborted) {
    let to = Math.min(from + maxRun, rows.length);
    if (speed !== null) {
      const reachedMs = originMs + (clock.now() - startMs) * speed;
      const firstAhead = rows.slice(from, to).findIndex((row) => eventMs(row) > reachedMs);
      if (firstAhead === 0) {
        await pause(clock, Math.max(GRAIN_MS, (eventMs(rows[from]!) - reachedMs) / speed), signal);
        continue;
      }
      if (firstAhead > 0) to = from + firstAhead;
    }
    yield rows.slice(from, to);
    from = to;
  }
}
