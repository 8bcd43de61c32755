/** One query of Athena: found, run, waited for, and read row by row. */
import {
  AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsOutput,
  paginateListDatabases,
  paginateListWorkGroups,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import type { Clock } from '#adapters/clock.ts';
import { openInstance } from '../shared/instance.ts';
import { pause } from '../shared/pause.ts';
import { INTERRUPTED, messageOf, UserError } from '../shared/user-error.ts';
import type { SqlOptions } from './options.ts';

export interface Place {
  readonly workgroup: string;
  readonly database: string;
}

/** Of an answer; null for SQL's null. */
export type Row = readonly (string | null)[];

export interface Answer {
  readonly columns: readonly ColumnInfo[];
  /** Without the header. */
  readonly rows: AsyncIterable<Row>;
  readonly execution: QueryExecution;
  /** How many rows UNLOAD wrote; undefined for what gives rows. */
  readonly unloadedCount: number | undefined;
}

const HOW = 'start one with npm start, name one with --url, or a deployed one with --aws';
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const CATALOG = 'AwsDataCatalog';
const WORKGROUP = /^tidemark-/;
const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 500;

/** Throws UserError when no instance answers. */
export async function openAthena(target: SqlOptions['target'], signal: AbortSignal): Promise<AthenaClient> {
  if (target.kind === 'aws') return new AthenaClient({});
  const { endpoints } = await openInstance(target, () => undefined, signal, HOW);
  return new AthenaClient({ endpoint: endpoints.athena, region: endpoints.region, credentials: LOCAL_CREDENTIALS });
}

/** Where to ask: what the options name, else the one workgroup of Tidemark and the database of its stage. Throws UserError when it is not clear which. */
export async function findPlace(client: AthenaClient, { workgroup, database }: Pick<SqlOptions, 'workgroup' | 'database'>): Promise<Place> {
  try {
    const group =
      workgroup ??
      only(
        'workgroup',
        (await workgroupsOf(client)).filter((name) => WORKGROUP.test(name)),
      );
    return { workgroup: group, database: database ?? (await databaseOf(client, group)) };
  } catch (error) {
    throw asUserError(error);
  }
}

async function workgroupsOf(client: AthenaClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { WorkGroups } of paginateListWorkGroups({ client }, {}))
    names.push(...(WorkGroups ?? []).map(({ Name }) => Name ?? ''));
  return names;
}

/** The stack names both after the stage: `tidemark-dev` and `tidemark_dev`. */
async function databaseOf(client: AthenaClient, workgroup: string): Promise<string> {
  const names: string[] = [];
  for await (const { DatabaseList } of paginateListDatabases({ client }, { CatalogName: CATALOG })) {
    names.push(...(DatabaseList ?? []).map(({ Name }) => Name ?? ''));
  }
  const ofStage = workgroup.replaceAll('-', '_');
  return names.includes(ofStage) ? ofStage : only('database', names);
}

function only(what: string, names: readonly string[]): string {
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new UserError(
    names.length === 0 ? `there is no ${what} of Tidemark: name one with --${what}` : `say which with --${what}: ${names.join(', ')}`,
  );
}

/** Runs it to its end. Throws UserError with Athena's reason when it fails; an aborted signal stops the query. */
export async function ask(
  client: AthenaClient,
  query: string,
  { workgroup, database }: Place,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const started = await client.send(
      new StartQueryExecutionCommand({ QueryString: query, WorkGroup: workgroup, QueryExecutionContext: { Database: database } }),
    );
    const id = started.QueryExecutionId as string;
    const execution = await ended(client, id, clock, signal);
    const { State: state, StateChangeReason: reason } = execution.Status ?? {};
    if (state !== 'SUCCEEDED') throw new UserError(oneLine(reason ?? `the query ended as ${state}`));
    return await answerOf(client, execution);
  } catch (error) {
    throw asUserError(error);
  }
}

async function ended(client: AthenaClient, id: string, clock: Clock, signal: AbortSignal): Promise<QueryExecution> {
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
    if (signal.aborted) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
      throw new UserError('interrupted: the query is stopped', { exitCode: INTERRUPTED });
    }
    const execution = (await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution as QueryExecution;
    const state = execution.Status?.State;
    if (state !== 'QUEUED' && state !== 'RUNNING') return execution;
    await pause(clock, pollMs, signal);
  }
}

async function answerOf(client: AthenaClient, execution: QueryExecution): Promise<Answer> {
  const page = (NextToken?: string) => client.send(new GetQueryResultsCommand({ QueryExecutionId: execution.QueryExecutionId, NextToken }));
  const first = await page();
  const columns = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
  const hasHeader = execution.StatementType === 'DML' && columns.length > 0;
  const unloadedCount = execution.SubstatementType === 'UNLOAD' ? (first.UpdateCount ?? 0) : undefined;
  return { columns, rows: rowsOf(first, page, hasHeader), execution, unloadedCount };
}

async function* rowsOf(
  first: GetQueryResultsOutput,
  next: (token: string) => Promise<GetQueryResultsOutput>,
  hasHeader: boolean,
): AsyncGenerator<Row> {
  let page = first;
  for (let isFirst = true; ; isFirst = false) {
    const rows = page.ResultSet?.Rows ?? [];
    for (const { Data = [] } of rows.slice(isFirst && hasHeader ? 1 : 0)) yield Data.map(({ VarCharValue }) => VarCharValue ?? null);
    if (page.NextToken === undefined) return;
    page = await next(page.NextToken);
  }
}

function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError(oneLine(messageOf(error)), { cause: error });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
