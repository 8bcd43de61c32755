/** What the steps of a run work with. */
import type { ArchiveDays } from '#adapters/archive-days.ts';
import type { BatchRuns } from '#adapters/batch-runs.ts';
import type { DayRows } from '#adapters/day-rows.ts';
import type { DriftStore } from '#adapters/drift-store.ts';
import type { Generations } from '#adapters/generations.ts';
import type { LakeFiles } from '#adapters/lake-files.ts';
import type { Partitions } from '#adapters/partitions.ts';
import type { PublishedStore } from '#adapters/published-store.ts';
import type { QueryResults } from '#adapters/query-results.ts';
import type { RunLock } from '#adapters/run-lock.ts';
import type { StateReader } from '#adapters/state-reader.ts';
import type { WindowReader } from '#adapters/window-reader.ts';
import type { Settings, SourceName } from '#domain/settings.ts';
import type { Statements } from './statements.ts';

export interface BatchPorts {
  readonly archive: ArchiveDays;
  /** Before which instant everything of a source is archived and indexed, ms since the epoch. */
  readonly archivedThroughMs: (source: SourceName) => Promise<number>;
  readonly published: PublishedStore;
  readonly lock: RunLock;
  readonly runs: BatchRuns;
  readonly generations: Generations;
  readonly drift: DriftStore;
  readonly dayRows: DayRows;
  readonly partitions: Partitions;
  readonly files: LakeFiles;
  readonly results: QueryResults;
  readonly states: StateReader;
  readonly windows: WindowReader;
  readonly statements: Readonly<Record<SourceName, Statements>>;
  /** Bucket of the lake. */
  readonly bucket: string;
  readonly settings: Settings;
  /** How long a generation that nothing names is kept for readers that planned with it, ms. */
  readonly graceMs: number;
  readonly nowMs: () => number;
  /** Writes a line of the function's log. */
  readonly log: (line: string) => void;
}
