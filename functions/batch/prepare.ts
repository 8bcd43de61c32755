/** First step of a day: a new generation, and what its queries are. */
import { sha256Hex } from '#adapters/sha256.ts';
import { arrivalDayOf, fingerprintOf, type IndexedObject, rowsOf } from '#domain/publication.ts';
import { sensorLimits } from '#domain/sensor-limits.ts';
import { recordDay, stepEnded } from './day-record.ts';
import { CURATED_TABLES, curatedPrefix, inputKey, limitsKey } from './places.ts';
import type { BatchPorts } from './ports.ts';
import type { DayAttempt, PreparedDay } from './state.ts';
import { queryOf, unloaded } from './statements.ts';

/** The index speaks of no row of the day any more. */
export class EmptyDayError extends Error {
  override name = 'EmptyDayError';
}

/**
 * Fixes the input of this attempt (the marker is read before the objects) and registers its partitions, which no reader looks at before
 * `published` names the generation. The same attempt again gives the same generation.
 */
export async function prepare(ports: BatchPorts, state: DayAttempt): Promise<PreparedDay> {
  const { run, source, day, attempt, firstObject } = state;
  const startedMs = ports.nowMs();
  const marker = (await ports.archive.markers(source)).get(day);
  const objects = await ports.archive.objects(source, day);
  if (marker === undefined || objects.length === 0) throw new EmptyDayError(`no rows of ${source} of ${day} are archived`);
  const generation = { source, day, gen: `${run}-${attempt}` };
  const { events, daily } = CURATED_TABLES[source];
  const locationOf = (table: string) => `s3://${ports.bucket}/${curatedPrefix(table, generation)}`;
  await ports.generations.create(generation, run, startedMs);
  await ports.files.writeLines(inputKey(generation), objects);
  if (source === 'readings') await ports.files.writeLines(limitsKey(generation), sensorLimits(day, ports.settings));
  for (const table of [events, daily]) await ports.partitions.create({ table, ...generation }, locationOf(table));

  const parameters = { ...arrivalDays(objects), 'event day': day, generation: generation.gen };
  const { deduplicate, aggregate, check } = ports.statements[source];
  const query = (step: string, text: string) => queryOf(step, text, generation, parameters);
  const rows = rowsOf(objects);
  await recordDay(ports, state, (each) => ({
    ...each,
    gen: generation.gen,
    attempts: attempt,
    rows,
    steps: [...each.steps, stepEnded(ports, 'prepare', startedMs)],
  }));
  return {
    run,
    source,
    day,
    firstObject,
    attempt,
    gen: generation.gen,
    input: fingerprintOf(objects, sha256Hex),
    rows,
    marker,
    queries: {
      deduplicate: unloaded(query('deduplicate', deduplicate), locationOf(events)),
      aggregate: unloaded(query('aggregate', aggregate), locationOf(daily)),
      check: query('check', check),
    },
  };
}

function arrivalDays(objects: readonly IndexedObject[]) {
  const days = objects.map(({ key }) => arrivalDayOf(key)).sort();
  return { 'first arrival day': days[0]!, 'last arrival day': days.at(-1)! };
}
