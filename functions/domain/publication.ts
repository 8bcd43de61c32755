/**
 * `published`: which generation of each event day readers see, and from which arrival day on raw rows may belong to any other day. One
 * object, replaced whole: the only commit point of the batch. A generation that it does not name is invisible.
 */
import type { SourceName } from './settings.ts';

export const SOURCES: readonly SourceName[] = ['trades', 'readings'];

/** What the archive's index says of one object and one event day. */
export interface IndexedObject {
  readonly key: string;
  /** Rows of the event day in the object. */
  readonly rows: number;
}

export interface PublishedDay {
  readonly source: SourceName;
  /** Event day, `YYYY-MM-DD` in the key's own zone. */
  readonly day: string;
  /** The generation that readers see. */
  readonly gen: string;
  /** 1 for the first publication of the day, one more for each later one. */
  readonly revision: number;
  /** Fingerprint of the input it was made of: the same input gives the same rows. */
  readonly input: string;
  /** Rows of that input, copies included. */
  readonly rows: number;
  /** The day's marker in the archive's index, read before that input. */
  readonly marker: string;
}

export interface Published {
  /** At most one of each source and day. */
  readonly days: readonly PublishedDay[];
  /** Of each source: every raw row that may belong to a day not published arrived on this UTC day or later. */
  readonly since: Readonly<Record<SourceName, string>>;
}

/** The text is not what `formatPublished` writes. */
export class PublishedFormatError extends Error {
  override name = 'PublishedFormatError';
}

/** The entry that stands for the speed side of a source: readers in SQL join raw rows with it. */
const SPEED = { day: '*', gen: 'speed', revision: 0, input: null, rows: null, marker: null } as const;

/** JSON Lines: one line a published day, ordered by source and day, after one a source for the speed side. */
export function formatPublished({ days, since }: Published): string {
  const speed = SOURCES.map((source) => ({ source, ...SPEED, since: since[source] }));
  const sorted = [...days].sort((a, b) => compareTexts(a.source, b.source) || compareTexts(a.day, b.day));
  const published = sorted.map(({ source, day, gen, revision, input, rows, marker }) => ({
    source,
    day,
    gen,
    revision,
    input,
    rows,
    marker,
    since: null,
  }));
  return [...speed, ...published].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Throws PublishedFormatError. */
export function parsePublished(text: string): Published {
  const days: PublishedDay[] = [];
  const since: Partial<Record<SourceName, string>> = {};
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const entry = parsedLine(line);
    if (entry.day === SPEED.day) since[entry.source] = entry.since!;
    else {
      const { since: _since, ...published } = entry;
      days.push(published);
    }
  }
  const { trades, readings } = since;
  if (trades === undefined || readings === undefined) throw new PublishedFormatError('published names no speed side of each source');
  return { days, since: { trades, readings } };
}

type Line = PublishedDay & { readonly since: string | null };

function parsedLine(line: string): Line {
  let entry: Line;
  try {
    entry = JSON.parse(line);
  } catch (error) {
    throw new PublishedFormatError(`published holds a line that is no JSON: ${line.slice(0, 200)}`, { cause: error });
  }
  const isLine = SOURCES.includes(entry.source) && typeof entry.day === 'string' && typeof entry.gen === 'string';
  if (!isLine) throw new PublishedFormatError(`published holds a line of another form: ${line.slice(0, 200)}`);
  return entry;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The published days of a source, by day. */
export function publishedDays({ days }: Published, source: SourceName): Map<string, PublishedDay> {
  return new Map(days.filter((each) => each.source === source).map((each) => [each.day, each]));
}

/**
 * The newest day up to which every known day of a source is published; null when there is none. With 7, 8 and 10 October published
 * and the 9th known, it is the 8th (not the 10th); were the 9th without rows, it would be the 10th.
 */
export function boundaryOf(published: Published, source: SourceName, knownDays: Iterable<string>): string | null {
  const inBatch = publishedDays(published, source);
  let boundary: string | null = null;
  for (const day of [...new Set([...knownDays, ...inBatch.keys()])].sort()) {
    if (!inBatch.has(day)) break;
    boundary = day;
  }
  return boundary;
}

/**
 * Identifies the input of a day: object keys and rows, whatever order they come in. Objects are never changed once they are indexed, so
 * the same fingerprint is the same rows. `sha256Hex` gives the SHA-256 of a text as hex digits.
 */
export function fingerprintOf(objects: readonly IndexedObject[], sha256Hex: (text: string) => string): string {
  const lines = objects.map(({ key, rows }) => `${key} ${rows}`).sort();
  return sha256Hex(lines.join('\n')).slice(0, 16);
}

export function rowsOf(objects: readonly IndexedObject[]): number {
  return objects.reduce((sum, { rows }) => sum + rows, 0);
}

/** The arrival day (UTC) in an object's key. Throws when there is none. */
export function arrivalDayOf(key: string): string {
  const day = /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
  if (day === undefined) throw new Error(`${key} names no arrival day`);
  return day;
}
