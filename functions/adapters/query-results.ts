/** What Athena says of a query that somebody else ran: its rows, and when it ran. */
import { type AthenaClient, GetQueryExecutionCommand, paginateGetQueryResults } from '@aws-sdk/client-athena';

/** Column → text as Athena gives it; null for SQL's null. */
export type ResultRow = Readonly<Record<string, string | null>>;

export interface QueryTimes {
  readonly startedMs: number;
  readonly endedMs: number;
}

export class QueryResults {
  readonly #client: AthenaClient;

  constructor(client: AthenaClient) {
    this.#client = client;
  }

  /** All rows of a query that succeeded. */
  async rows(queryExecutionId: string): Promise<ResultRow[]> {
    const rows: ResultRow[] = [];
    let names: string[] | null = null;
    for await (const { ResultSet } of paginateGetQueryResults({ client: this.#client }, { QueryExecutionId: queryExecutionId })) {
      for (const { Data = [] } of ResultSet?.Rows ?? []) {
        const values = Data.map(({ VarCharValue }) => VarCharValue ?? null);
        // The first row of the first page names the columns.
        if (names === null) names = values.map(String);
        else rows.push(Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])));
      }
    }
    return rows;
  }

  /** When a query that has ended was submitted and when it ended, ms since the epoch. */
  async times(queryExecutionId: string): Promise<QueryTimes> {
    const { QueryExecution } = await this.#client.send(new GetQueryExecutionCommand({ QueryExecutionId: queryExecutionId }));
    const { SubmissionDateTime, CompletionDateTime } = QueryExecution!.Status!;
    return { startedMs: SubmissionDateTime!.getTime(), endedMs: CompletionDateTime!.getTime() };
  }
}
