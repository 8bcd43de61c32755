/** The operations of the Step Functions API that Tidemark and its tools use, from JSON to JSON. Times are s since the epoch. */
import { AwsError } from '../aws-error.ts';
import { JsonInput } from '../json-input.ts';
import type { StateMachine, StepFunctionsEngine } from './engine.ts';
import type { HistoryEvent } from './history.ts';
import type { ExecutionRecord } from './store.ts';

type Operation = (engine: StepFunctionsEngine, input: unknown) => object | Promise<object>;

const PAGING = ['maxResults', 'nextToken'];

const MAX_RESULTS = 1_000;
const DEFAULT_RESULTS = 100;
const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];
/** What includeExecutionData=false leaves out of the details of events. */
const DATA_FIELDS = ['input', 'output', 'parameters'];

/** By the name behind `AWSStepFunctions.` in X-Amz-Target. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['StartExecution', startExecution],
  ['StopExecution', stopExecution],
  ['DescribeExecution', describeExecution],
  ['ListExecutions', listExecutions],
  ['GetExecutionHistory', getExecutionHistory],
  ['DescribeStateMachine', describeStateMachine],
  ['ListStateMachines', listStateMachines],
]);

function read(input: unknown, ...known: string[]): JsonInput {
  return new JsonInput(input, known, (message) => new AwsError('ValidationException', message));
}

function startExecution(engine: StepFunctionsEngine, sent: unknown): object {
  const input = read(sent, 'stateMachineArn', 'input', 'name', 'traceHeader');
  const { arn, startMs } = engine.start(input.text('stateMachineArn'), input.optionalText('input'), input.optionalText('name'));
  return { executionArn: arn, startDate: startMs / 1000 };
}

async function stopExecution(engine: StepFunctionsEngine, sent: unknown): Promise<object> {
  const input = read(sent, 'executionArn', 'error', 'cause');
  const { stopMs } = await engine.stop(input.text('executionArn'), input.optionalText('error'), input.optionalText('cause'));
  return { stopDate: stopMs! / 1000 };
}

function describeExecution(engine: StepFunctionsEngine, sent: unknown): object {
  const record = engine.execution(read(sent, 'executionArn', 'includedData').text('executionArn'));
  const { output, error, cause } = record;
  return {
    ...summary(record),
    input: record.input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    error,
    cause,
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
  };
}

function listExecutions(engine: StepFunctionsEngine, sent: unknown): object {
  const input = read(sent, 'stateMachineArn', 'statusFilter', ...PAGING);
  const status = input.optionalText('statusFilter');
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${status}' at 'statusFilter' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
    );
  }
  const records = engine.executions(input.text('stateMachineArn')).filter((record) => !status || record.status === status);
  const { page, token } = pageOf(records, ({ arn }) => arn, input);
  return { executions: page.map(summary), ...token };
}

function getExecutionHistory(engine: StepFunctionsEngine, sent: unknown): object {
  const input = read(sent, 'executionArn', 'reverseOrder', 'includeExecutionData', ...PAGING);
  const events = engine.history(input.text('executionArn'));
  const { page, token } = pageOf(input.flag('reverseOrder') ? events.toReversed() : events, ({ id }) => String(id), input);
  return { events: input.flag('includeExecutionData', true) ? page : page.map(withoutData), ...token };
}

function describeStateMachine(engine: StepFunctionsEngine, sent: unknown): object {
  const machine = engine.stateMachine(read(sent, 'stateMachineArn', 'includedData').text('stateMachineArn'));
  const { definition, roleArn } = machine;
  return { ...machineSummary(machine), status: 'ACTIVE', definition, roleArn };
}

function listStateMachines(engine: StepFunctionsEngine, sent: unknown): object {
  const { page, token } = pageOf(engine.stateMachines(), ({ arn }) => arn, read(sent, ...PAGING));
  return { stateMachines: page.map(machineSummary), ...token };
}

function machineSummary({ arn, name, createdMs }: StateMachine): object {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: createdMs / 1000 };
}

function summary({ arn, machineArn, name, status, startMs, stopMs }: ExecutionRecord): object {
  const stop = stopMs === undefined ? {} : { stopDate: stopMs / 1000 };
  return { executionArn: arn, stateMachineArn: machineArn, name, status, startDate: startMs / 1000, ...stop };
}

/** One page; the token names its last row, so that rows that come meanwhile move nothing. */
function pageOf<Row>(rows: readonly Row[], nameOf: (row: Row) => string, input: JsonInput): { page: readonly Row[]; token: object } {
  const token = input.optionalText('nextToken');
  const last = token === undefined ? -1 : rows.findIndex((row) => nameOf(row) === Buffer.from(token, 'base64').toString());
  if (token !== undefined && last === -1) throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  const page = rows.slice(last + 1, last + 1 + (input.integer('maxResults', 0, MAX_RESULTS, DEFAULT_RESULTS) || DEFAULT_RESULTS));
  const isMore = last + 1 + page.length < rows.length;
  return { page, token: isMore ? { nextToken: Buffer.from(nameOf(page.at(-1)!)).toString('base64') } : {} };
}

function withoutData(event: HistoryEvent): object {
  const withoutFields = (details: object): object =>
    Object.fromEntries(Object.entries(details).filter(([name]) => !DATA_FIELDS.includes(name)));
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, typeof value === 'object' && value !== null ? withoutFields(value) : value]),
  );
}
