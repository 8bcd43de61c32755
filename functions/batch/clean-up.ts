/** Removes generations that nothing names, once no reader can still be at work with them. */
import type { Generation } from '#adapters/generations.ts';
import { type Published, SOURCES } from '#domain/publication.ts';
import { dailyRows } from './daily-rows.ts';
import { CURATED_TABLES, prefixesOf } from './places.ts';
import type { BatchPorts } from './ports.ts';
import type { PublishedState } from './state.ts';

/**
 * The generations are listed before the lock is checked: one that a later run has made is not among them. Each is marked when it is first
 * seen to be named by nothing, and removed when the grace is over. Throws LockLostError.
 */
export async function cleanUp(ports: BatchPorts, state: PublishedState): Promise<PublishedState> {
  const generations = (await Promise.all(SOURCES.map((source) => ports.generations.list(source)))).flat();
  const { published } = await ports.published.read();
  const unnamed = generations.filter((each) => !isNamed(published, each));
  for (const generation of unnamed) {
    await ports.lock.check(state.run, state.fence);
    const { retiredMs } = generation;
    if (retiredMs === null) await ports.generations.retire(generation, ports.nowMs());
    else if (ports.nowMs() - retiredMs >= ports.graceMs) await remove(ports, generation);
  }
  return state;
}

function isNamed({ days }: Published, { source, day, gen }: Generation): boolean {
  return days.some((each) => each.source === source && each.day === day && each.gen === gen);
}

/** Removes all of a generation, its record last: whatever fails is done again by a later run. */
async function remove(ports: BatchPorts, generation: Generation): Promise<void> {
  const { source, day, gen, hasDayRows } = generation;
  if (hasDayRows) await ports.dayRows.remove(generation, [...(await dailyRows(ports.files, generation)).keys()]);
  const { events, daily } = CURATED_TABLES[source];
  for (const table of [events, daily]) await ports.partitions.remove({ table, day, gen });
  for (const prefix of prefixesOf(generation)) await ports.files.removeAll(prefix);
  await ports.generations.remove(generation);
}
