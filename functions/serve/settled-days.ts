/** What the batch has settled, as one read of `published` says it. */

import { NOTHING_PUBLISHED } from '#adapters/published-store.ts';
import { dayInterval } from '#domain/calendar.ts';
import { boundaryOf, type Published, type PublishedDay, publishedDays } from '#domain/publication.ts';
import type { SourceName } from '#domain/settings.ts';
import type { Serving } from './ports.ts';

/** Published days of a source, by day. */
export type SettledDays = ReadonlyMap<string, Pick<PublishedDay, 'gen' | 'revision'>>;

/** Up to which day everything known of a source is settled; null when nothing is. */
export interface Boundary {
  readonly day: string | null;
  /** The instant at which that day ends in the key's zone, ms since the epoch. */
  readonly endMs: number | null;
}

export const NO_BOUNDARY: Boundary = { day: null, endMs: null };

/** How old the list of the days that the archive knows of may be, which grows by a day a day, and what is only shown of the batch. */
const FRESH_MS = 5_000;

/** What is published now, with the boundary of each source. Asked once a request, so that an answer is of one publication. */
export class Settled {
  readonly #serving: Pick<Serving, 'published' | 'archivedDays' | 'nowMs'>;
  #seen: { readonly published: Promise<Published>; readonly atMs: number } | undefined;
  readonly #known = new Map<SourceName, { readonly markers: Promise<ReadonlyMap<string, string>>; readonly atMs: number }>();

  constructor(serving: Pick<Serving, 'published' | 'archivedDays' | 'nowMs'>) {
    this.#serving = serving;
  }

  async read(source: SourceName): Promise<SettledNow> {
    const [{ published }, markers] = await Promise.all([this.#serving.published.read(), this.markers(source)]);
    return new SettledNow(published, source, markers.keys());
  }

  /** The same for an answer that follows from the speed layer alone and shows the boundary beside it. */
  async glance(source: SourceName): Promise<SettledNow> {
    const [published, markers] = await Promise.all([this.lastSeen(), this.markers(source)]);
    return new SettledNow(published, source, markers.keys());
  }

  /** What was published at most 5 s ago; while it cannot be read, what was read last: the speed layer answers without the bucket. */
  lastSeen(): Promise<Published> {
    const nowMs = this.#serving.nowMs();
    if (this.#seen && nowMs - this.#seen.atMs < FRESH_MS) return this.#seen.published;
    const before = this.#seen?.published ?? NOTHING_PUBLISHED;
    const read = this.#serving.published.read();
    this.#seen = {
      atMs: nowMs,
      published: read.then(
        ({ published }) => published,
        () => before,
      ),
    };
    return this.#seen.published;
  }

  /** Every event day that the archive has rows of → its marker, as they were at most 5 s ago. */
  markers(source: SourceName): Promise<ReadonlyMap<string, string>> {
    const nowMs = this.#serving.nowMs();
    const cached = this.#known.get(source);
    if (cached && nowMs - cached.atMs < FRESH_MS) return cached.markers;
    const markers = this.#serving.archivedDays.markers(source);
    this.#known.set(source, { markers, atMs: nowMs });
    // What failed is asked for again by the next request.
    markers.catch(() => this.#known.delete(source));
    return markers;
  }
}

/** One read of `published`, for one source. */
export class SettledNow {
  readonly days: SettledDays;
  readonly #published: Published;
  readonly #source: SourceName;
  readonly #known: readonly string[];

  constructor(published: Published, source: SourceName, known: Iterable<string>) {
    this.days = publishedDays(published, source);
    this.#published = published;
    this.#source = source;
    this.#known = [...known];
  }

  /**
   * The boundary for a key of a zone. `moving`: days that the answer gives from the speed layer; the archive may not know them yet, and
   * none of them can lie on the settled side.
   */
  boundary(zone: string, moving: readonly string[] = []): Boundary {
    const day = boundaryOf(this.#published, this.#source, [...this.#known, ...moving]);
    return { day, endMs: day === null ? null : dayInterval(zone, day).endMs };
  }
}
