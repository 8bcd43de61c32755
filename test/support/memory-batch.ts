/** What the batch has made, in memory, as serving sees it. A test publishes when it likes: also between two reads of one request. */
import type { StatementRow } from '#adapters/athena-statements.ts';
import type { DayRange, GenerationRow } from '#adapters/day-reader.ts';
import { NOTHING_PUBLISHED } from '#adapters/published-store.ts';
import type { Drift, Run } from '#adapters/run-reader.ts';
import { stateKey } from '#domain/events.ts';
import type { IndexedObject, Published } from '#domain/publication.ts';
import type { Row } from '#domain/rows.ts';
import type { SourceName } from '#domain/settings.ts';

/** What one asks for, in the order in which it was asked. */
export type Access = 'published' | 'markers' | 'days' | 'windows' | 'state';

export class MemoryBatch {
  published: Published = NOTHING_PUBLISHED;
  /** Runs, newest first. */
  readonly runs: Run[] = [];
  readonly drifts = new Map<SourceName, Drift>();
  /** Event day → marker and objects, by source. */
  readonly archived: Record<SourceName, Map<string, { marker: string; objects: IndexedObject[] }>> = {
    trades: new Map(),
    readings: new Map(),
  };
  /** What was asked for of the lake, and what it answers: rows, or an error. */
  readonly statements: { statement: string; parameters: readonly string[]; limit: number }[] = [];
  lake: readonly StatementRow[] | Error = [];
  readonly accesses: Access[] = [];
  /** Runs before each access. */
  beforeAccess: (access: Access) => void = () => {};
  readonly #rows = new Map<string, GenerationRow[]>();

  seen(access: Access): void {
    this.beforeAccess(access);
    this.accesses.push(access);
  }

  /** The archive gets rows of a day. */
  archive(source: SourceName, day: string, rows: number): void {
    const days = this.archived[source];
    const objects = days.get(day)?.objects ?? [];
    days.set(day, { marker: `m${objects.length + 1}`, objects: [...objects, { key: `o${objects.length}`, rows }] });
  }

  /** Writes a generation: nobody sees it yet. */
  write(source: SourceName, name: string, day: string, gen: string, row: Row): void {
    const key = stateKey(source, name);
    this.#rows.set(key, [...(this.#rows.get(key) ?? []), { day, gen, row }]);
  }

  /** Publishes a generation of a day, on what the archive has of it now. */
  publish(source: SourceName, day: string, gen: string): void {
    const { days, since } = this.published;
    const before = days.find((each) => each.source === source && each.day === day);
    const archived = this.archived[source].get(day);
    const rows = (archived?.objects ?? []).reduce((sum, object) => sum + object.rows, 0);
    const entry = { source, day, gen, revision: (before?.revision ?? 0) + 1, input: gen, rows, marker: archived?.marker ?? '' };
    this.published = { days: [...days.filter((each) => each !== before), entry], since };
  }

  /** As the ports of serving. */
  get ports() {
    return {
      published: {
        read: async () => {
          this.seen('published');
          return { published: this.published };
        },
      },
      archivedDays: {
        markers: async (source: SourceName) => {
          this.seen('markers');
          return new Map([...this.archived[source]].map(([day, { marker }]) => [day, marker]));
        },
        objects: async (source: SourceName, day: string) => this.archived[source].get(day)?.objects ?? [],
      },
      days: { pages: this.#pages.bind(this) },
      batch: {
        runs: async (before: string | null, limit: number) =>
          this.runs.filter(({ runId }) => before === null || runId < before).slice(0, limit),
        run: async (id: string) => this.runs.find(({ runId }) => runId === id) ?? null,
        drift: async (source: SourceName) => this.drifts.get(source) ?? null,
      },
      statements: {
        rows: async (statement: string, parameters: readonly string[], limit: number) => {
          this.statements.push({ statement, parameters, limit });
          if (this.lake instanceof Error) throw this.lake;
          return this.lake.slice(0, limit);
        },
      },
    };
  }

  async *#pages(source: SourceName, name: string, { from, to }: DayRange, newestFirst = false): AsyncGenerator<GenerationRow[]> {
    this.seen('days');
    const rows = (this.#rows.get(stateKey(source, name)) ?? [])
      .filter(({ day }) => day >= from && day < to)
      .sort((a, b) => (`${a.day}#${a.gen}` < `${b.day}#${b.gen}` ? -1 : 1));
    if (newestFirst) rows.reverse();
    // Small pages, so that whoever reads too few or too many of them is found out.
    for (let start = 0; start < rows.length; start += 3) yield JSON.parse(JSON.stringify(rows.slice(start, start + 3)));
  }
}
