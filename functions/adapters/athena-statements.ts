/** Runs prepared statements of the Athena workgroup: a request gives parameters, never text. */
import type { AthenaClient, GetQueryResultsCommandOutput, QueryExecution, Row } from '@aws-sdk/client-athena';

/** Column → text as Athena gives it; null for SQL's null. */
export type StatementRow = Readonly<Record<string, string | null>>;

/** The answer was not there in time; the query was stopped. */
export class QueryTimeoutError extends Error {
  override name = 'QueryTimeoutError';
}

/** The workgroup stopped the query, since it read more than a query may. */
export class QueryTooLargeError extends Error {
  override name = 'QueryTooLargeError';
  /** What it had read by then. */
  readonly scannedBytes: number;

  constructor(message: string, scannedBytes: number) {
    super(message);
    this.scannedBytes = scannedBytes;
  }
}

/** Athena did not take the query, or could not run it. */
export class QueryRefusedError extends Error {
  override name = 'QueryRefusedError';
}

export interface AthenaPlace {
  readonly workGroup: string;
  readonly database: string;
  /** How long a query may take, ms. */
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 50;
const PAUSE_FACTOR = 1.5;
const MAX_PAUSE_MS = 500;
/** Athena gives no more rows at once, the head of the table included. */
const MAX_PAGE = 1_000;
const TOO_LARGE = /bytes scanned limit/i;

type Athena = typeof import('@aws-sdk/client-athena');

export class AthenaStatements {
  readonly #place: AthenaPlace;
  readonly #nowMs: () => number;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #newClient: (athena: Athena) => AthenaClient;
  #loaded: Promise<{ readonly athena: Athena; readonly client: AthenaClient }> | null = null;

  /** The client is made for the first query: most requests need none, and its code takes memory. */
  constructor(
    place: AthenaPlace,
    { nowMs, pause }: { readonly nowMs: () => number; readonly pause: (ms: number) => Promise<unknown> },
    newClient: (athena: Athena) => AthenaClient = ({ AthenaClient }) => new AthenaClient({}),
  ) {
    this.#place = place;
    this.#nowMs = nowMs;
    this.#pause = pause;
    this.#newClient = newClient;
  }

  /**
   * At most `limit` rows of a statement. `parameters` are SQL literals in the order of its question marks: see `textLiteral`.
   * Throws QueryTimeoutError, QueryTooLargeError, QueryRefusedError.
   */
  async rows(statement: string, parameters: readonly string[], limit: number): Promise<StatementRow[]> {
    const deadlineMs = this.#nowMs() + this.#place.timeoutMs;
    const id = await this.#start(statement, parameters);
    await this.#finish(id, deadlineMs);
    return this.#results(id, limit);
  }

  async #start(statement: string, parameters: readonly string[]): Promise<string> {
    const { athena, client } = await this.#load();
    const { workGroup, database } = this.#place;
    try {
      const { QueryExecutionId } = await client.send(
        new athena.StartQueryExecutionCommand({
          QueryString: `EXECUTE ${statement}`,
          ExecutionParameters: [...parameters],
          WorkGroup: workGroup,
          QueryExecutionContext: { Database: database },
        }),
      );
      return QueryExecutionId!;
    } catch (error) {
      if ((error as Error).name === 'InvalidRequestException') throw new QueryRefusedError((error as Error).message, { cause: error });
      throw error;
    }
  }

  async #finish(id: string, deadlineMs: number): Promise<void> {
    const { athena, client } = await this.#load();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(PAUSE_FACTOR * pauseMs, MAX_PAUSE_MS)) {
      const { QueryExecution } = await client.send(new athena.GetQueryExecutionCommand({ QueryExecutionId: id }));
      const state = QueryExecution?.Status?.State;
      if (state === 'SUCCEEDED') return;
      if (state === 'FAILED' || state === 'CANCELLED') throw failureOf(QueryExecution!);
      if (this.#nowMs() + pauseMs > deadlineMs) {
        // Nobody waits for it any more, and it costs by what it reads.
        await client.send(new athena.StopQueryExecutionCommand({ QueryExecutionId: id }));
        throw new QueryTimeoutError(`query ${id} took more than ${this.#place.timeoutMs} ms`);
      }
      await this.#pause(pauseMs);
    }
  }

  async #results(id: string, limit: number): Promise<StatementRow[]> {
    const { athena, client } = await this.#load();
    const rows: Row[] = [];
    let names: string[] = [];
    let token: string | undefined;
    do {
      // The first row of the first page names the columns.
      const page: GetQueryResultsCommandOutput = await client.send(
        new athena.GetQueryResultsCommand({
          QueryExecutionId: id,
          MaxResults: Math.min(limit + 1 - rows.length, MAX_PAGE),
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      names = page.ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name }) => Name!) ?? names;
      rows.push(...(page.ResultSet?.Rows ?? []));
      token = page.NextToken;
    } while (token !== undefined && rows.length <= limit);
    return rows
      .slice(1, limit + 1)
      .map(({ Data = [] }) => Object.fromEntries(names.map((name, index) => [name, Data[index]?.VarCharValue ?? null])));
  }

  #load() {
    this.#loaded ??= import('@aws-sdk/client-athena').then((athena) => ({ athena, client: this.#newClient(athena) }));
    return this.#loaded;
  }
}

function failureOf({ Status, Statistics }: QueryExecution): Error {
  const reason = Status?.StateChangeReason ?? `the query is ${Status?.State}`;
  if (TOO_LARGE.test(reason)) return new QueryTooLargeError(reason, Statistics?.DataScannedInBytes ?? 0);
  return new QueryRefusedError(reason);
}

/** A text as an SQL literal. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
