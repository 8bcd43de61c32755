/** What is known of each query that was asked for, and where it stands. */
import type { ResultFormat } from './result-text.ts';
import type { Statement } from './statement.ts';
import type { ColumnInfo } from './types.ts';

export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What a query that succeeded leaves. */
export interface QueryResult {
  readonly columns: readonly ColumnInfo[];
  readonly format: ResultFormat;
  /** Rows written by UNLOAD. */
  readonly updateCount: number | undefined;
}

export interface Execution {
  readonly id: string;
  readonly query: string;
  readonly parameters: readonly string[];
  readonly statement: Statement;
  readonly database: string | undefined;
  readonly workGroup: string;
  /** `s3://bucket/prefix/<id>.csv`. */
  readonly outputLocation: string;
  readonly token: string | undefined;
  readonly submittedMs: number;
  state: QueryState;
  /** Why it failed or was cancelled. */
  reason: string | undefined;
  completedMs: number | undefined;
  queuedForMs: number;
  ranForMs: number;
  bytesScanned: number;
  manifestLocation: string | undefined;
  result: QueryResult | undefined;
  /** Set while it can still be stopped. */
  stop: (() => void) | undefined;
}

/** How many that ended are remembered: the oldest are forgotten, as Athena does after 45 days. */
const MOST_ENDED = 5_000;

export class Executions {
  /** In the order of their submission. */
  readonly #byId = new Map<string, Execution>();
  readonly #byToken = new Map<string, Execution>();

  add(execution: Execution): void {
    this.#byId.set(execution.id, execution);
    if (execution.token !== undefined) this.#byToken.set(execution.token, execution);
    for (const [id, { completedMs, token }] of this.#byId) {
      if (this.#byId.size <= MOST_ENDED || completedMs === undefined) break;
      this.#byId.delete(id);
      if (token !== undefined) this.#byToken.delete(token);
    }
  }

  find(id: string): Execution | undefined {
    return this.#byId.get(id);
  }

  withToken(token: string): Execution | undefined {
    return this.#byToken.get(token);
  }

  /** The newest first. */
  all(): Execution[] {
    return [...this.#byId.values()].reverse();
  }
}
