/** The commit point: one object names the new generations, all at once, or nothing changes. */
import { PublishedConflictError } from '#adapters/published-store.ts';
import { arrivalDayOf, type Published, type PublishedDay, publishedDays, SOURCES } from '#domain/publication.ts';
import type { SourceName } from '#domain/settings.ts';
import type { BatchPorts } from './ports.ts';
import type { BuiltState, FailedDay, PublishedState, ReadyDay } from './state.ts';

/** A generation is not there any more, or about to go: naming it would leave readers with nothing. */
export class GenerationGoneError extends Error {
  override name = 'GenerationGoneError';
}

/**
 * Swaps `published` on condition that it is as the plan read it. Throws LockLostError, GenerationGoneError and PublishedConflictError:
 * nothing is changed then.
 */
export async function publish(ports: BatchPorts, state: BuiltState): Promise<PublishedState> {
  const ready = state.results.filter((each): each is ReadyDay => each.status === 'ready');
  const failed = state.results.filter((each): each is FailedDay => each.status === 'failed');
  await ports.lock.check(state.run, state.fence);
  const revisions = await swap(ports, state, ready, failed);
  await ports.runs.change(state.run, (record) => ({
    ...record,
    days: record.days.map((each) => {
      const isOf = (other: { readonly source: SourceName; readonly day: string }) => other.source === each.source && other.day === each.day;
      const revision = revisions.find(isOf)?.revision;
      if (revision !== undefined) return { ...each, status: 'published', revision };
      const failure = failed.find(isOf);
      return failure ? { ...each, status: 'failed', cause: failure.cause } : each;
    }),
  }));
  return { ...state, failedDays: failed.length };
}

/** The days that this run published, as `published` names them. */
async function swap(
  ports: BatchPorts,
  { etag, since }: BuiltState,
  ready: readonly ReadyDay[],
  failed: readonly FailedDay[],
): Promise<readonly PublishedDay[]> {
  const current = await ports.published.read();
  const done = namedIn(current.published, ready);
  // This run's own swap, whose answer was lost.
  if (done !== null && ready.length > 0) return done;
  if (current.etag !== etag) throw new PublishedConflictError('published was replaced since this run was planned');
  // Before the first publication readers learn here that there is none.
  if (ready.length === 0 && etag !== null) return [];
  await checkGenerations(ports, ready);
  const next = nextOf(current.published, ready, failed, since);
  try {
    await ports.published.swap(next, etag);
  } catch (error) {
    if (ready.length === 0 || namedIn((await ports.published.read()).published, ready) === null) throw error;
  }
  return namedIn(next, ready)!;
}

/** The entries of these days if they are named with these generations, all of them; null otherwise. */
function namedIn(published: Published, ready: readonly ReadyDay[]): PublishedDay[] | null {
  const found = ready.map(({ source, day, gen }) =>
    published.days.find((each) => each.source === source && each.day === day && each.gen === gen),
  );
  return found.every((each) => each !== undefined) ? found : null;
}

async function checkGenerations({ generations }: BatchPorts, ready: readonly ReadyDay[]): Promise<void> {
  for (const day of ready) {
    const generation = await generations.get(day);
    if (generation === null || generation.retiredMs !== null) throw new GenerationGoneError(`generation ${day.gen} of ${day.day} is gone`);
  }
}

function nextOf(current: Published, ready: readonly ReadyDay[], failed: readonly FailedDay[], since: Published['since']): Published {
  const days = [...current.days];
  for (const { source, day, gen, input, rows, marker } of ready) {
    const index = days.findIndex((each) => each.source === source && each.day === day);
    const published = { source, day, gen, revision: (days[index]?.revision ?? 0) + 1, input, rows, marker };
    if (index < 0) days.push(published);
    else days[index] = published;
  }
  const sinceOf = (source: SourceName) => {
    const inBatch = publishedDays({ days, since }, source);
    const open = failed.filter((each) => each.source === source && !inBatch.has(each.day));
    return [since[source], ...open.map(({ firstObject }) => arrivalDayOf(firstObject))].reduce((a, b) => (a < b ? a : b));
  };
  return { days, since: Object.fromEntries(SOURCES.map((source) => [source, sinceOf(source)])) as Published['since'] };
}
