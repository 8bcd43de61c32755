/** What serving needs of the tables; the adapters of the same names fulfil it. */
import type { AlarmPlace, PlacedAlarm, Transition } from '#adapters/alarm-reader.ts';
import type { StatementRow } from '#adapters/athena-statements.ts';
import type { DayRange, GenerationRow } from '#adapters/day-reader.ts';
import type { LiveAddress } from '#adapters/live-address.ts';
import type { Drift, Run } from '#adapters/run-reader.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import type { ReadingOrder, StartRange } from '#adapters/window-reader.ts';
import type { AlarmRow } from '#domain/alerts.ts';
import type { Severity, WindowOf } from '#domain/key-state.ts';
import type { IndexedObject, Published } from '#domain/publication.ts';
import type { Settings, SourceName } from '#domain/settings.ts';

export interface States {
  get<S extends SourceName>(source: S, name: string): Promise<KeyItem<S> | null>;
  getAll<S extends SourceName>(source: S, names: readonly string[]): Promise<KeyItem<S>[]>;
  names(source: SourceName, after: string, limit: number): Promise<string[]>;
}

export interface Windows {
  pages<S extends SourceName>(source: S, name: string, range: StartRange, order?: ReadingOrder): AsyncIterable<WindowOf<S>[]>;
}

export interface Alarms {
  current(alarmId: string): Promise<AlarmRow | null>;
  byState(state: AlarmRow['state'], severity: Severity | null, after: AlarmPlace | null, limit: number): Promise<PlacedAlarm[]>;
  history(alarmId: string, belowRevision: number, limit: number): Promise<AlarmRow[]>;
  transitions(day: string, from: string, to: string, limit: number): Promise<Transition[]>;
}

export interface Archive {
  reached(source: SourceName): Promise<ReadonlyMap<string, { readonly arrivalMs: number }>>;
}

export interface ArchivedDays {
  /** Every event day of a source that the archive has rows of → its marker. */
  markers(source: SourceName): Promise<ReadonlyMap<string, string>>;
  objects(source: SourceName, day: string): Promise<readonly IndexedObject[]>;
}

/** Which generation each settled day comes from. */
export interface Publication {
  read(): Promise<{ readonly published: Published }>;
}

/** Rows of days that the batch has made, published or not. */
export interface Generations {
  pages(source: SourceName, name: string, days: DayRange, newestFirst?: boolean): AsyncIterable<GenerationRow[]>;
}

export interface Batch {
  runs(before: string | null, limit: number): Promise<Run[]>;
  run(runId: string): Promise<Run | null>;
  drift(source: SourceName): Promise<Drift | null>;
}

/** Prepared statements over the lake. */
export interface Statements {
  /** At most `limit` rows. Throws QueryTimeoutError, QueryTooLargeError, QueryRefusedError. */
  rows(statement: string, parameters: readonly string[], limit: number): Promise<StatementRow[]>;
}

export interface Live {
  issue(): Promise<LiveAddress>;
}

/** What the routes are made of. */
export interface Serving {
  readonly states: States;
  readonly windows: Windows;
  readonly alarms: Alarms;
  readonly archive: Archive;
  readonly archivedDays: ArchivedDays;
  readonly published: Publication;
  readonly days: Generations;
  readonly batch: Batch;
  readonly statements: Statements;
  readonly live: Live;
  readonly settings: Settings;
  /** ms since the epoch. */
  readonly nowMs: () => number;
}
