/** What travels between the steps of a run, as the state machine `daily` carries it: its definition names these fields. */
import type { BatchRequest } from '#domain/batch-request.ts';
import type { SourceName } from '#domain/settings.ts';

/** What the state machine says with every step. */
export interface StepEvent {
  readonly step: string;
  /** The state's input. */
  readonly state: unknown;
  /** ARN of the execution. */
  readonly execution: string;
  /** When the execution started, ISO 8601. */
  readonly startedAt: string;
}

/** An error as a Catch hands it on. */
export interface CaughtError {
  readonly Error: string;
  readonly Cause: string;
}

export interface RunState {
  readonly request: BatchRequest;
  readonly run: string;
  /** Of the lock, as this run took it. */
  readonly fence: number;
}

export interface PlannedDay {
  readonly run: string;
  readonly source: SourceName;
  readonly day: string;
  /** The day's first object: raw rows from its arrival day on belong to it. */
  readonly firstObject: string;
}

export interface PlannedState extends RunState {
  /** Of `published` as this plan read it; null when there was none. */
  readonly etag: string | null;
  /** Oldest first. */
  readonly days: readonly PlannedDay[];
  /** Of each source: since when raw rows may be of a day that is neither published nor planned. */
  readonly since: Readonly<Record<SourceName, string>>;
}

/** A query as the Athena states take it. */
export interface Query {
  readonly text: string;
  readonly parameters: readonly string[];
  readonly token: string;
}

export interface DayAttempt extends PlannedDay {
  /** From 1. */
  readonly attempt: number;
}

/** What a generation is made of. */
export interface DayInput {
  readonly gen: string;
  readonly input: string;
  readonly rows: number;
  readonly marker: string;
}

export interface PreparedDay extends DayAttempt, DayInput {
  readonly queries: { readonly deduplicate: Query; readonly aggregate: Query; readonly check: Query };
  /** Ids of the queries that succeeded. */
  readonly deduplicated?: { readonly id: string };
  readonly aggregated?: { readonly id: string };
  readonly checked?: { readonly id: string };
  readonly validated?: true;
}

export interface ReadyDay extends PlannedDay, DayInput {
  readonly status: 'ready';
}

export interface FailedDay extends PlannedDay {
  readonly status: 'failed';
  readonly cause: string;
}

export interface BuiltState extends PlannedState {
  readonly results: readonly (ReadyDay | FailedDay)[];
}

export interface PublishedState extends BuiltState {
  /** Days that could not be built. */
  readonly failedDays: number;
}
