/** What a running Tidemark looks like from outside, again and again: memory, and how far its functions are behind. */
import type { Progress } from '../cli/shared/local-api.ts';
import { sequenceMs } from '../local/engines/kinesis/sequence-number.ts';
import type { Host } from './host-client.ts';
import { preciseNowMs } from './machine.ts';
import { pause, progressOf } from './passed.ts';

export interface Look {
  readonly atMs: number;
  /** Resident memory of the process tree. */
  readonly memoryMiB: number;
  /** By function that has begun to read the stream. */
  readonly iteratorAgeMs: ReadonlyMap<string, number>;
}

/** How much earlier than the newest record of the stream the last one arrived that each function has done with; the most of all shards, ms. */
export function iteratorAgesMs({ streams, mappings }: Progress, stream: string): Map<string, number> {
  const ages = new Map<string, number>();
  for (const { function: name, shards } of mappings.filter((mapping) => mapping.stream === stream)) {
    for (const [shard, newest] of Object.entries(streams[stream] ?? {})) {
      const reached = shards[shard];
      if (newest === null || reached === null || reached === undefined) continue;
      ages.set(name, Math.max(ages.get(name) ?? 0, sequenceMs(newest) - sequenceMs(reached)));
    }
  }
  return ages;
}

/** Looks every `everyMs` while `work` lasts, and once after it. */
export async function watched<Result>(
  { runtime, usage }: Host,
  stream: string,
  everyMs: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly looks: readonly Look[] }> {
  const looks: Look[] = [];
  const look = async (): Promise<void> => {
    const [{ memoryMiB }, progress] = await Promise.all([usage(), progressOf(runtime.api)]);
    looks.push({ atMs: preciseNowMs(), memoryMiB, iteratorAgeMs: iteratorAgesMs(progress, stream) });
  };
  let isWorking = true;
  const untilDone = async (): Promise<void> => {
    while (isWorking) {
      await look();
      await pause(everyMs);
    }
  };
  const working = work().finally(() => {
    isWorking = false;
  });
  const [result] = await Promise.all([working, untilDone()]);
  await look();
  return { result, looks };
}
