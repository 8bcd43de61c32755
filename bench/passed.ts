/** When the functions that read a stream have done with all that is in it. */
import { getProgress, type Positions, type Progress } from '../cli/shared/local-api.ts';
import { comparePositions } from '../functions/domain/events.ts';
import { preciseNowMs } from './machine.ts';

const POLL_MS = 20;
/** Nothing moves for this long: something is broken. */
const STALL_MS = 120_000;

/** A pause between two looks at something that goes on elsewhere. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How far the functions are. Asked twice at most: a connection that was kept may have been closed by the other side in the meantime. */
export function progressOf(api: string): Promise<Progress> {
  return getProgress(api).catch(() => getProgress(api));
}

function hasPassed(reached: Positions, head: Positions): boolean {
  return Object.entries(head).every(([shard, last]) => {
    const position = reached[shard] ?? null;
    return last === null || (position !== null && comparePositions(position, last) >= 0);
  });
}

/** The function of the speed layer, among those that read a stream. */
export const SPEED = /speed/i;

/**
 * Resolves when every function that reads the stream (of those that `functions` matches) has passed what is its head now, to the instant at
 * which the last one had, ms since the epoch, 20 ms late at most. Throws when nothing reads the stream or nothing moves for two minutes.
 */
export async function passedAtMs(api: string, stream: string, functions = /./): Promise<number> {
  const head = (await progressOf(api)).streams[stream];
  if (!head) throw new Error(`there is no stream ${stream}`);
  let before = '';
  let movedMs = preciseNowMs();
  for (;;) {
    const mappings = (await progressOf(api)).mappings.filter((mapping) => mapping.stream === stream && functions.test(mapping.function));
    if (mappings.length === 0) throw new Error(`no function reads the stream ${stream}`);
    const nowMs = preciseNowMs();
    if (mappings.every(({ shards }) => hasPassed(shards, head))) return nowMs;
    const now = JSON.stringify(mappings);
    if (now !== before) movedMs = nowMs;
    before = now;
    if (nowMs - movedMs > STALL_MS) throw new Error(`nothing moved on the stream ${stream} for ${STALL_MS / 1000} s: ${now}`);
    await pause(POLL_MS);
  }
}
