/** The operations of the Athena API that Tidemark and its tools use, from JSON to JSON. */
import { AwsError } from '../aws-error.ts';
import { JsonInput } from '../json-input.ts';
import { type AthenaEngine, invalidRequest, type PreparedStatement, type WorkGroup } from './engine.ts';
import type { Execution } from './executions.ts';
import { CATALOG } from './query-binder.ts';
import type { Row } from './result-text.ts';
import type { ColumnInfo } from './types.ts';

type Operation = (engine: AthenaEngine, input: unknown) => object | Promise<object>;

const MAX_QUERY_BYTES = 262_144;
const MAX_ROWS = 1000;
const MAX_LISTED = 50;
const MAX_IDS = 50;
const TOKEN_CHARACTERS = { least: 32, most: 128 };
const ENGINE_VERSION = { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' };

/** By the name behind `AmazonAthena.` in X-Amz-Target. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['StartQueryExecution', startQueryExecution],
  ['GetQueryExecution', getQueryExecution],
  ['BatchGetQueryExecution', batchGetQueryExecution],
  ['ListQueryExecutions', listQueryExecutions],
  ['StopQueryExecution', stopQueryExecution],
  ['GetQueryResults', getQueryResults],
  ['GetWorkGroup', getWorkGroup],
  ['ListWorkGroups', listWorkGroups],
  ['GetPreparedStatement', getPreparedStatement],
  ['ListPreparedStatements', listPreparedStatements],
  ['ListDatabases', listDatabases],
]);

function read(input: unknown, ...known: string[]): JsonInput {
  return new JsonInput(input, known, invalidRequest);
}

function startQueryExecution(engine: AthenaEngine, sent: unknown): object {
  const input = read(
    sent,
    'QueryString',
    'ClientRequestToken',
    'QueryExecutionContext',
    'ResultConfiguration',
    'WorkGroup',
    'ExecutionParameters',
  );
  const query = input.text('QueryString');
  if (Buffer.byteLength(query) > MAX_QUERY_BYTES) throw invalidRequest(`a query is at most ${MAX_QUERY_BYTES} bytes long`);
  const context = input.optionalObject('QueryExecutionContext', ['Database', 'Catalog']);
  const catalog = context?.optionalText('Catalog');
  if (catalog !== undefined && catalog.toLowerCase() !== CATALOG) throw invalidRequest(`Catalog ${catalog} is not found`);
  const token = input.optionalText('ClientRequestToken');
  if (token !== undefined && (token.length < TOKEN_CHARACTERS.least || token.length > TOKEN_CHARACTERS.most))
    throw invalidRequest(`ClientRequestToken must be ${TOKEN_CHARACTERS.least} to ${TOKEN_CHARACTERS.most} characters long`);
  const result = input.optionalObject('ResultConfiguration', ['OutputLocation', 'EncryptionConfiguration']);
  const id = engine.start({
    query,
    database: context?.optionalText('Database')?.toLowerCase(),
    workGroup: input.optionalText('WorkGroup'),
    token,
    parameters: input.optionalTexts('ExecutionParameters'),
    outputLocation: result?.optionalText('OutputLocation'),
  });
  return { QueryExecutionId: id };
}

function getQueryExecution(engine: AthenaEngine, sent: unknown): object {
  return { QueryExecution: described(engine.execution(read(sent, 'QueryExecutionId').text('QueryExecutionId'))) };
}

function batchGetQueryExecution(engine: AthenaEngine, sent: unknown): object {
  const QueryExecutions: object[] = [];
  const UnprocessedQueryExecutionIds: object[] = [];
  for (const id of read(sent, 'QueryExecutionIds').texts('QueryExecutionIds', MAX_IDS)) {
    try {
      QueryExecutions.push(described(engine.execution(id)));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      UnprocessedQueryExecutionIds.push({ QueryExecutionId: id, ErrorCode: error.code, ErrorMessage: error.message });
    }
  }
  return { QueryExecutions, UnprocessedQueryExecutionIds };
}

function listQueryExecutions(engine: AthenaEngine, sent: unknown): object {
  const input = read(sent, 'WorkGroup', 'MaxResults', 'NextToken');
  const { page, NextToken } = paged(engine.executions(input.optionalText('WorkGroup') ?? 'primary'), input);
  return { QueryExecutionIds: page.map(({ id }) => id), NextToken };
}

function stopQueryExecution(engine: AthenaEngine, sent: unknown): object {
  engine.stop(read(sent, 'QueryExecutionId').text('QueryExecutionId'));
  return {};
}

async function getQueryResults(engine: AthenaEngine, sent: unknown): Promise<object> {
  const input = read(sent, 'QueryExecutionId', 'MaxResults', 'NextToken', 'QueryResultType');
  const most = input.integer('MaxResults', 1, MAX_ROWS, MAX_ROWS);
  const { execution, rows, nextToken } = await engine.results(input.text('QueryExecutionId'), most, input.optionalText('NextToken'));
  const columns = execution.result?.columns ?? [];
  return {
    UpdateCount: execution.result?.updateCount ?? 0,
    ResultSet: { Rows: rows.map(describedRow), ResultSetMetadata: { ColumnInfo: columns.map(describedColumn) } },
    NextToken: nextToken,
  };
}

function getWorkGroup(engine: AthenaEngine, sent: unknown): object {
  const group = engine.workGroup(read(sent, 'WorkGroup').text('WorkGroup'));
  return {
    WorkGroup: {
      ...describedWorkGroup(group),
      Configuration: {
        ResultConfiguration: { OutputLocation: group.outputLocation },
        EnforceWorkGroupConfiguration: group.isEnforced,
        BytesScannedCutoffPerQuery: group.cutoffBytes,
        EngineVersion: ENGINE_VERSION,
      },
    },
  };
}

function listWorkGroups(engine: AthenaEngine, sent: unknown): object {
  const { page, NextToken } = paged(engine.workGroups(), read(sent, 'MaxResults', 'NextToken'));
  return { WorkGroups: page.map(describedWorkGroup), NextToken };
}

function getPreparedStatement(engine: AthenaEngine, sent: unknown): object {
  const input = read(sent, 'StatementName', 'WorkGroup');
  const [name, group] = [input.text('StatementName'), input.text('WorkGroup')];
  const found = engine.preparedStatement(group, name);
  if (found === undefined) throw new AwsError('ResourceNotFoundException', `PreparedStatement ${name} was not found in workGroup ${group}`);
  return { PreparedStatement: describedPrepared(found) };
}

function listPreparedStatements(engine: AthenaEngine, sent: unknown): object {
  const input = read(sent, 'WorkGroup', 'MaxResults', 'NextToken');
  const { page, NextToken } = paged(engine.preparedStatements(input.text('WorkGroup')), input);
  return {
    PreparedStatements: page.map(({ name, modifiedMs }) => ({ StatementName: name, LastModifiedTime: modifiedMs / 1000 })),
    NextToken,
  };
}

function listDatabases(engine: AthenaEngine, sent: unknown): object {
  const input = read(sent, 'CatalogName', 'MaxResults', 'NextToken');
  if (input.text('CatalogName').toLowerCase() !== CATALOG)
    throw new AwsError('MetadataException', `Catalog ${input.text('CatalogName')} is not found`);
  const { page, NextToken } = paged(engine.catalog.databases(), input);
  return { DatabaseList: page.map(({ name, description }) => ({ Name: name, Description: description })), NextToken };
}

function describedPrepared({ name, workGroup, query, description, modifiedMs }: PreparedStatement): object {
  return {
    StatementName: name,
    QueryStatement: query,
    WorkGroupName: workGroup,
    Description: description,
    LastModifiedTime: modifiedMs / 1000,
  };
}

function describedWorkGroup({ name, isEnabled, description }: WorkGroup): object {
  return { Name: name, State: isEnabled ? 'ENABLED' : 'DISABLED', Description: description, EngineVersion: ENGINE_VERSION };
}

function describedRow(row: Row): object {
  return { Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) };
}

function describedColumn({ name, type, precision, scale }: ColumnInfo): object {
  const where = { CatalogName: 'hive', SchemaName: '', TableName: '' };
  return {
    ...where,
    Name: name,
    Label: name,
    Type: type,
    Precision: precision,
    Scale: scale,
    Nullable: 'UNKNOWN',
    CaseSensitive: type === 'varchar',
  };
}

const DML: readonly string[] = ['select', 'unload'];

function described(execution: Execution): object {
  const { id, query, statement, database, state, reason, submittedMs, completedMs, parameters, workGroup } = execution;
  const totalMs = execution.queuedForMs + execution.ranForMs;
  return {
    QueryExecutionId: id,
    Query: query,
    StatementType: DML.includes(statement.kind) ? 'DML' : 'UTILITY',
    SubstatementType: statement.kind.toUpperCase(),
    ResultConfiguration: { OutputLocation: execution.outputLocation },
    QueryExecutionContext: { ...(database !== undefined && { Database: database }), Catalog: CATALOG },
    Status: {
      State: state,
      StateChangeReason: reason,
      SubmissionDateTime: submittedMs / 1000,
      ...(completedMs !== undefined && { CompletionDateTime: completedMs / 1000 }),
      ...(state === 'FAILED' && { AthenaError: { ErrorCategory: 2, ErrorMessage: reason, Retryable: false } }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: execution.ranForMs,
      DataScannedInBytes: execution.bytesScanned,
      DataManifestLocation: execution.manifestLocation,
      TotalExecutionTimeInMillis: totalMs,
      QueryQueueTimeInMillis: execution.queuedForMs,
    },
    WorkGroup: workGroup,
    EngineVersion: ENGINE_VERSION,
    ...(parameters.length > 0 && { ExecutionParameters: parameters }),
  };
}

/** The token of a page is the number of what came before it. */
function paged<Item>(all: readonly Item[], input: JsonInput): { page: readonly Item[]; NextToken: string | undefined } {
  const token = input.optionalText('NextToken') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalidRequest('Invalid NextToken');
  const end = Number(token) + input.integer('MaxResults', 1, MAX_LISTED, MAX_LISTED);
  return { page: all.slice(Number(token), end), NextToken: end < all.length ? String(end) : undefined };
}
