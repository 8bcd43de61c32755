/** Fifth step of a day: nothing is published that is not whole. */
import type { ResultRow } from '#adapters/query-results.ts';
import { dayBounds } from '#domain/batch-plan.ts';
import type { IndexedObject } from '#domain/publication.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';
import { type CheckFigures, complaintsAbout } from '#domain/validation.ts';
import { dailyRows } from './daily-rows.ts';
import { queriesEnded, recordDay, stepEnded } from './day-record.ts';
import { inputKey } from './places.ts';
import type { BatchPorts } from './ports.ts';
import type { PreparedDay } from './state.ts';

/** The generation is not what it has to be. */
export class ValidationError extends Error {
  override name = 'ValidationError';
}

const COUNTS: Readonly<Record<SourceName, readonly string[]>> = {
  trades: ['trade_count'],
  readings: ['ok_count', 'nan_count', 'range_count', 'sentinel_count', 'bit_shift_count'],
};

/** Throws ValidationError, which names what is wrong. */
export async function validate(ports: BatchPorts, state: PreparedDay): Promise<PreparedDay> {
  const { source, day } = state;
  const startedMs = ports.nowMs();
  const queries = await queriesEnded(ports, state);
  const daily = await dailyRows(ports.files, state);
  const complaints = complaintsAbout({
    objects: await ports.files.readLines<IndexedObject>(inputKey(state)),
    figures: (await ports.results.rows(state.checked!.id)).map(figuresOf),
    counted: eventsIn(source, daily.values()),
    bounds: dayBounds(source, day, ports.settings),
  });
  if (complaints.length > 0) throw new ValidationError(`${source} of ${day}: ${complaints.join('; ')}`);
  await recordDay(ports, state, (each) => ({ ...each, steps: [...each.steps, ...queries, stepEnded(ports, 'validate', startedMs)] }));
  return { ...state, validated: true };
}

function figuresOf({ what, name, row_count, distinct_ids, min_event_ms, max_event_ms }: ResultRow): CheckFigures {
  const numberOrNull = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text));
  return {
    what: what as CheckFigures['what'],
    name: name ?? null,
    rows: Number(row_count),
    distinctIds: Number(distinct_ids),
    minEventMs: numberOrNull(min_event_ms),
    maxEventMs: numberOrNull(max_event_ms),
  };
}

function eventsIn(source: SourceName, rows: Iterable<Row>): number {
  let events = 0;
  for (const row of rows) for (const count of COUNTS[source]) events += Number(row[count]);
  return events;
}
