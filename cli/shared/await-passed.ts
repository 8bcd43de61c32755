/** Waits until the functions that read a stream have done with everything in it up to a point. */

import type { Clock } from '#adapters/clock.ts';
import { comparePositions } from '#domain/events.ts';
import { sequenceMs } from '../../local/engines/kinesis/sequence-number.ts';
import type { Positions, Progress } from './local-api.ts';
import { pause } from './pause.ts';
import { UserError } from './user-error.ts';

export interface AwaitOptions {
  readonly getProgress: () => Promise<Progress>;
  readonly stream: string;
  /** Which of the functions that read the stream; all when absent. */
  readonly functions?: RegExp;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told after each look which functions are still behind, and by how much arrival time at most, ms. */
  readonly onBehind?: (functions: readonly string[], lagMs: number) => void;
}

const POLL_MS = 100;
/** Without any movement for this long, something is broken: above a function's longest run and the longest batching window. */
const STALL_MS = 180_000;

/**
 * Takes the head of the stream now and resolves when it is passed; returns at once when the signal is aborted. Throws
 * UserError when nothing reads the stream, or nothing has moved for three minutes.
 */
export async function awaitPassed(options: AwaitOptions): Promise<void> {
  const { clock, stream, signal } = options;
  let progress = await options.getProgress();
  const head = progress.streams[stream];
  if (!head) throw new UserError(`the instance has no stream "${stream}"; it has ${Object.keys(progress.streams).join(', ')}`);
  let before = '';
  let movedMs = clock.now();
  while (!signal.aborted) {
    const mappings = progress.mappings.filter(
      (mapping) => mapping.stream === stream && (options.functions?.test(mapping.function) ?? true),
    );
    if (mappings.length === 0) throw new UserError(`no function reads the stream "${stream}"`);
    const late = mappings.filter((mapping) => !hasPassed(mapping.shards, head));
    const behind = late.map((mapping) => mapping.function);
    if (behind.length === 0) return;
    options.onBehind?.(behind, Math.max(...late.map(({ shards }) => lagMs(shards, head))));
    const now = JSON.stringify(mappings);
    if (now !== before) {
      before = now;
      movedMs = clock.now();
    }
    if (clock.now() - movedMs >= STALL_MS) {
      throw new UserError(
        `${behind.join(' and ')} did not move on the stream "${stream}" for ${STALL_MS / 1000} s; the instance's log says why`,
      );
    }
    await pause(clock, POLL_MS, signal);
    progress = await options.getProgress();
  }
}

/** Arrival time between what was reached and the newest record, the most of all shards, ms; a shard of which nothing was reached says nothing. */
function lagMs(reached: Positions, head: Positions): number {
  const lags = Object.entries(head).map(([shard, last]) => {
    const position = reached[shard] ?? null;
    return last === null || position === null ? 0 : sequenceMs(last) - sequenceMs(position);
  });
  return Math.max(0, ...lags);
}

function hasPassed(reached: Positions, head: Positions): boolean {
  return Object.entries(head).every(([shard, last]) => {
    const position = reached[shard] ?? null;
    return last === null || (position !== null && comparePositions(position, last) >= 0);
  });
}
