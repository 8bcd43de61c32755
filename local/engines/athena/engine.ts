/** Athena without the wire: queries over the Glue catalogue and the local S3, run by DuckDB. Nothing is loaded before the first one. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { GlueCatalog } from '../glue/catalog.ts';
import type { LocalClock } from '../local-clock.ts';
import type { S3Engine } from '../s3/engine.ts';
import { queryFailure } from './duckdb-errors.ts';
import { DuckDbPool } from './duckdb-pool.ts';
import { type Execution, Executions, type QueryState } from './executions.ts';
import { parseLocation } from './lake-files.ts';
import { QueryFailure } from './query-failure.ts';
import { BytesCutoffError, type QueryOutcome, QueryRunner } from './query-runner.ts';
import { CSV, PLAIN, type Row } from './result-text.ts';
import { readStatement, type Statement } from './statement.ts';

export interface WorkGroup {
  readonly name: string;
  readonly description: string | undefined;
  readonly isEnabled: boolean;
  /** Where results go, `s3://bucket/prefix/`. */
  readonly outputLocation: string | undefined;
  /** What clients say about results is not heard. */
  readonly isEnforced: boolean;
  /** A query that has read more is cancelled. */
  readonly cutoffBytes: number | undefined;
}

export interface PreparedStatement {
  readonly name: string;
  readonly workGroup: string;
  readonly query: string;
  readonly description: string | undefined;
  readonly modifiedMs: number;
}

export interface QueryRequest {
  readonly query: string;
  readonly database?: string | undefined;
  /** @default 'primary' */
  readonly workGroup?: string | undefined;
  /** The same request twice with one token is one query. */
  readonly token?: string | undefined;
  readonly parameters?: readonly string[] | undefined;
  /** Not heard where the workgroup enforces its own. */
  readonly outputLocation?: string | undefined;
}

export interface ResultPage {
  readonly execution: Execution;
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

export interface AthenaOptions {
  readonly catalog: GlueCatalog;
  readonly s3: S3Engine;
  /** Held while a query is in hand. */
  readonly clock: Pick<LocalClock, 'now' | 'hold'>;
  /** For what does not fit into memory; created when needed. */
  readonly spillFolder: string;
}

const PRIMARY = 'primary';
const ENDED: readonly QueryState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

export class AthenaEngine {
  readonly #catalog: GlueCatalog;
  readonly #s3: S3Engine;
  readonly #clock: AthenaOptions['clock'];
  readonly #pool: DuckDbPool;
  readonly #runner: QueryRunner;
  readonly #executions = new Executions();
  readonly #workGroups = new Map<string, WorkGroup>();
  /** By workgroup and name. */
  readonly #prepared = new Map<string, PreparedStatement>();
  readonly #running = new Map<string, Promise<void>>();

  constructor({ catalog, s3, clock, spillFolder }: AthenaOptions) {
    this.#catalog = catalog;
    this.#s3 = s3;
    this.#clock = clock;
    this.#pool = new DuckDbPool({ folder: s3.folder, spillFolder });
    this.#runner = new QueryRunner({ catalog, s3, nowMs: () => clock.now() });
    const ofEveryAccount = {
      description: undefined,
      isEnabled: true,
      outputLocation: undefined,
      isEnforced: false,
      cutoffBytes: undefined,
    };
    this.createWorkGroup({ name: PRIMARY, ...ofEveryAccount });
  }

  get catalog(): GlueCatalog {
    return this.#catalog;
  }

  createWorkGroup(workGroup: WorkGroup): void {
    if (workGroup.outputLocation !== undefined) parseLocation(workGroup.outputLocation);
    this.#workGroups.set(workGroup.name, workGroup);
  }

  workGroups(): WorkGroup[] {
    return [...this.#workGroups.values()];
  }

  /** @throws AwsError InvalidRequestException */
  workGroup(name: string): WorkGroup {
    const found = this.#workGroups.get(name);
    if (found === undefined) throw invalidRequest(`WorkGroup ${name} is not found.`);
    return found;
  }

  /** @throws AwsError InvalidRequestException for a workgroup that is not there, or a text that is no query */
  createPreparedStatement({ name, workGroup, query, description }: Omit<PreparedStatement, 'modifiedMs'>): void {
    this.workGroup(workGroup);
    const { kind } = readable(query);
    if (kind !== 'select' && kind !== 'unload') throw invalidRequest(`the prepared statement ${name} must be a SELECT or an UNLOAD`);
    this.#prepared.set(preparedKey(workGroup, name), { name, workGroup, query, description, modifiedMs: this.#clock.now() });
  }

  preparedStatements(workGroup: string): PreparedStatement[] {
    this.workGroup(workGroup);
    return [...this.#prepared.values()].filter((statement) => statement.workGroup === workGroup);
  }

  preparedStatement(workGroup: string, name: string): PreparedStatement | undefined {
    this.workGroup(workGroup);
    return this.#prepared.get(preparedKey(workGroup, name));
  }

  /** Takes a query and runs it as soon as it can; the answer is its id. @throws AwsError InvalidRequestException */
  start(request: QueryRequest): string {
    const known = request.token === undefined ? undefined : this.#executions.withToken(request.token);
    if (known) {
      if (!isSameRequest(known, request)) throw invalidRequest('Idempotent parameters do not match');
      return known.id;
    }
    const workGroup = this.workGroup(request.workGroup ?? PRIMARY);
    if (!workGroup.isEnabled) throw invalidRequest(`WorkGroup ${workGroup.name} is disabled.`);
    const written = readable(request.query);
    const { statement, parameters } = this.#prepare(written, workGroup.name, request.parameters ?? []);
    const output = (workGroup.isEnforced ? undefined : request.outputLocation) ?? workGroup.outputLocation;
    if (output === undefined) {
      throw invalidRequest(
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      );
    }
    const id = randomUUID();
    const { bucket, prefix } = parseLocation(output);
    const isOfRows = statement.kind === 'select' || statement.kind === 'unload';
    const execution: Execution = {
      id,
      query: request.query,
      parameters: request.parameters ?? [],
      statement,
      database: request.database,
      workGroup: workGroup.name,
      outputLocation: `s3://${[bucket, ...(prefix === '' ? [] : [prefix]), id].join('/')}.${(isOfRows ? CSV : PLAIN).extension}`,
      token: request.token,
      submittedMs: this.#clock.now(),
      state: 'QUEUED',
      reason: undefined,
      completedMs: undefined,
      queuedForMs: 0,
      ranForMs: 0,
      bytesScanned: 0,
      manifestLocation: undefined,
      result: undefined,
      stop: undefined,
    };
    this.#executions.add(execution);
    const release = this.#clock.hold();
    const running = this.#run(execution, { ...execution, statement, parameters, cutoffBytes: workGroup.cutoffBytes }).finally(() => {
      this.#running.delete(id);
      release();
    });
    this.#running.set(id, running);
    return id;
  }

  /** @throws AwsError InvalidRequestException */
  execution(id: string): Execution {
    const found = this.#executions.find(id);
    if (found === undefined) throw invalidRequest(`QueryExecution ${id} was not found`);
    return found;
  }

  /** The newest first. */
  executions(workGroup: string): Execution[] {
    this.workGroup(workGroup);
    return this.#executions.all().filter((execution) => execution.workGroup === workGroup);
  }

  /** Resolves once it has ended, however it did. @throws AwsError InvalidRequestException */
  async ended(id: string): Promise<Execution> {
    const execution = this.execution(id);
    await this.#running.get(id);
    return execution;
  }

  /** Cancels it; one that has ended stays as it is. @throws AwsError InvalidRequestException */
  stop(id: string): void {
    const execution = this.execution(id);
    if (ENDED.includes(execution.state)) return;
    const stop = execution.stop;
    this.#end(execution, 'CANCELLED', 'Query cancelled by user');
    stop?.();
  }

  /**
   * Rows of a finished query from the beginning, or from where `nextToken` says.
   * @throws AwsError InvalidRequestException when it has not succeeded, or the token is none
   */
  async results(id: string, maxRows: number, nextToken?: string): Promise<ResultPage> {
    const execution = this.execution(id);
    const { result, state, outputLocation } = execution;
    if (result === undefined) {
      throw invalidRequest(
        ENDED.includes(state)
          ? `Query did not finish successfully. Final query state: ${state}`
          : `Query has not yet finished. Current state: ${state}`,
      );
    }
    if (result.updateCount !== undefined) return { execution, rows: [], nextToken: undefined };
    const offset = offsetOf(nextToken);
    const { bucket, prefix: key } = parseLocation(outputLocation);
    const { size } = await this.#s3.headObject(bucket, key);
    if (offset > size || (nextToken !== undefined && offset === size)) throw invalidRequest('Invalid NextToken');
    if (size === 0) return { execution, rows: [], nextToken: undefined };
    const { body } = await this.#s3.getObject(bucket, key, `bytes=${offset}-`);
    const { rows, bytes } = await result.format.read(body, maxRows);
    const end = offset + bytes;
    return { execution, rows, nextToken: end < size ? Buffer.from(String(end)).toString('base64') : undefined };
  }

  /** Cancels what runs and lets DuckDB go. */
  async close(): Promise<void> {
    for (const id of this.#running.keys()) this.stop(id);
    await Promise.all(this.#running.values());
    this.#pool.close();
  }

  /** What is run for a statement: of EXECUTE the prepared one, with its values. */
  #prepare(written: Statement, workGroup: string, parameters: readonly string[]) {
    if (written.kind !== 'execute') return { statement: written, parameters };
    const prepared = this.preparedStatement(workGroup, written.name);
    if (prepared === undefined) throw invalidRequest(`PreparedStatement ${written.name} was not found in workGroup ${workGroup}`);
    if (written.values.length > 0 && parameters.length > 0)
      throw invalidRequest('values stand either behind USING or in ExecutionParameters, not in both');
    const statement = readable(prepared.query);
    if (statement.kind === 'execute') throw invalidRequest(`PreparedStatement ${written.name} executes another one`);
    return { statement, parameters: written.values.length > 0 ? written.values : parameters };
  }

  async #run(execution: Execution, task: Parameters<QueryRunner['run']>[0]): Promise<void> {
    const queuedMs = performance.now();
    try {
      await this.#pool.use(async (session) => {
        if (execution.state !== 'QUEUED') return;
        const startedMs = performance.now();
        execution.queuedForMs = Math.round(startedMs - queuedMs);
        execution.state = 'RUNNING';
        execution.stop = () => session.interrupt();
        try {
          this.#succeed(execution, await this.#runner.run(task, session));
        } finally {
          execution.ranForMs = Math.round(performance.now() - startedMs);
        }
      });
    } catch (error) {
      if (error instanceof BytesCutoffError) this.#end(execution, 'CANCELLED', error.message);
      else this.#end(execution, 'FAILED', reasonOf(error));
    }
  }

  #succeed(execution: Execution, { result, bytesScanned, manifestLocation }: QueryOutcome): void {
    if (ENDED.includes(execution.state)) return;
    Object.assign(execution, { result, bytesScanned, manifestLocation });
    this.#end(execution, 'SUCCEEDED', undefined);
  }

  /** The first end counts: what a cancelled query says afterwards is not heard. */
  #end(execution: Execution, state: QueryState, reason: string | undefined): void {
    if (ENDED.includes(execution.state)) return;
    Object.assign(execution, { state, reason, completedMs: this.#clock.now(), stop: undefined });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return queryFailure(error, () => 'line 1:1').reason;
}

/** What is no SQL at all is told at once, as Athena does. */
function readable(query: string): Statement {
  try {
    return readStatement(query);
  } catch (error) {
    if (error instanceof QueryFailure) throw invalidRequest(error.reason);
    throw error;
  }
}

function isSameRequest(known: Execution, { query, database, workGroup, parameters = [] }: QueryRequest): boolean {
  const of = (...parts: unknown[]): string => JSON.stringify(parts);
  return of(known.query, known.database, known.workGroup, known.parameters) === of(query, database, workGroup ?? PRIMARY, parameters);
}

function offsetOf(nextToken: string | undefined): number {
  if (nextToken === undefined) return 0;
  const text = Buffer.from(nextToken, 'base64').toString();
  if (!/^\d{1,15}$/.test(text)) throw invalidRequest('Invalid NextToken');
  return Number(text);
}

function preparedKey(workGroup: string, name: string): string {
  return JSON.stringify([workGroup, name.toLowerCase()]);
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}
