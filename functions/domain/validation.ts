/** Whether a generation is whole: what its day is made of, against what the archive's index said and what raw holds. */
import type { DayInterval } from './calendar.ts';
import type { IndexedObject } from './publication.ts';
import { isoTime } from './rows.ts';

/** One row of sql/check-*.sql: figures of the event day. */
export interface CheckFigures {
  /** Of one raw object, of raw as a whole, of the curated generation, or of those of its rows that daily figures count. */
  readonly what: 'object' | 'raw' | 'curated' | 'counted';
  /** The object's key; null for the others. */
  readonly name: string | null;
  readonly rows: number;
  readonly distinctIds: number;
  /** Null where there is no row. */
  readonly minEventMs: number | null;
  readonly maxEventMs: number | null;
}

export interface Generated {
  /** What the generation was to be made of. */
  readonly objects: readonly IndexedObject[];
  readonly figures: readonly CheckFigures[];
  /** Events that the daily figures count, over all keys. */
  readonly counted: number;
  /** The event day in the zones of its source. */
  readonly bounds: DayInterval;
}

const MAX_NAMED = 5;

/** What is wrong with a generation, for a person; none = it may be published. Objects that are not indexed (yet) may be in it. */
export function complaintsAbout({ objects, figures, counted, bounds }: Generated): string[] {
  const inRaw = new Map(figures.flatMap(({ what, name, rows }) => (what === 'object' ? [[name, rows] as const] : [])));
  const wrong = objects.filter(({ key, rows }) => inRaw.get(key) !== rows);
  const complaints = wrong
    .slice(0, MAX_NAMED)
    .map(({ key, rows }) => `${key} holds ${inRaw.get(key) ?? 0} rows of the day, its index says ${rows}`);
  if (wrong.length > MAX_NAMED) complaints.push(`${wrong.length - MAX_NAMED} more objects do not hold what their index says`);

  const figuresOf = (what: CheckFigures['what']) => figures.find((each) => each.what === what);
  const raw = figuresOf('raw');
  const curated = figuresOf('curated');
  if (raw === undefined || curated === undefined) return [...complaints, 'the check gave no figures of raw or of the generation'];
  if (curated.rows !== curated.distinctIds) complaints.push(`the generation holds ${curated.rows} rows of ${curated.distinctIds} events`);
  if (curated.distinctIds !== raw.distinctIds) {
    complaints.push(`the generation holds ${curated.distinctIds} events, raw holds ${raw.distinctIds} of the day`);
  }
  const expected = figuresOf('counted') ?? curated;
  if (counted !== expected.rows) complaints.push(`the daily figures count ${counted} events, the generation holds ${expected.rows}`);
  for (const ms of [curated.minEventMs, curated.maxEventMs]) {
    if (ms !== null && (ms < bounds.startMs || ms >= bounds.endMs)) complaints.push(`an event of ${isoTime(ms)} is outside of the day`);
  }
  return complaints;
}
