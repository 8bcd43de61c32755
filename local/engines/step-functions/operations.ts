/** The operations of the Step Functions API that Tidemark and its tools use, from JSON to JSON. Times are s since the epoch. */
import { AwsError } from '../aws-error.ts';
import { type Input, optionalInteger, optionalText, requiredText } from '../kinesis/input.ts';
import type { StateMachine, StepFunctionsEngine } from './engine.ts';
import type { HistoryEvent } from './history.ts';
import type { ExecutionRecord } from './store.ts';

type Operation = (engine: StepFunctionsEngine, input: Input) => object | Promise<object>;

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

function startExecution(engine: StepFunctionsEngine, input: Input): object {
  const { arn, startMs } = engine.start(requiredText(input, 'stateMachineArn'), optionalText(input, 'input'), optionalText(input, 'name'));
  return { executionArn: arn, startDate: startMs / 1000 };
}

async function stopExecution(engine: StepFunctionsEngine, input: Input): Promise<object> {
  const { stopMs } = await engine.stop(requiredText(input, 'executionArn'), optionalText(input, 'error'), optionalText(input, 'cause'));
  return { stopDate: stopMs! / 1000 };
}

function describeExecution(engine: StepFunctionsEngine, input: Input): object {
  const record = engine.execution(requiredText(input, 'executionArn'));
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

function listExecutions(engine: StepFunctionsEngine, input: Input): object {
  const status = optionalText(input, 'statusFilter');
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${status}' at 'statusFilter' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
    );
  }
  const records = engine.executions(requiredText(input, 'stateMachineArn')).filter((record) => !status || record.status === status);
  const { page, token } = pageOf(records, input);
  return { executions: page.map(summary), ...token };
}

function getExecutionHistory(engine: StepFunctionsEngine, input: Input): object {
  const events = engine.history(requiredText(input, 'executionArn'));
  const { page, token } = pageOf(input['reverseOrder'] === true ? events.toReversed() : events, input);
  return { events: input['includeExecutionData'] === false ? page.map(withoutData) : page, ...token };
}

function describeStateMachine(engine: StepFunctionsEngine, input: Input): object {
  const machine = engine.stateMachine(requiredText(input, 'stateMachineArn'));
  const { definition, roleArn } = machine;
  return { ...machineSummary(machine), status: 'ACTIVE', definition, roleArn };
}

function listStateMachines(engine: StepFunctionsEngine, input: Input): object {
  const { page, token } = pageOf(engine.stateMachines(), input);
  return { stateMachines: page.map(machineSummary), ...token };
}

function machineSummary({ arn, name, createdMs }: StateMachine): object {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: createdMs / 1000 };
}

function summary({ arn, machineArn, name, status, startMs, stopMs }: ExecutionRecord): object {
  const stop = stopMs === undefined ? {} : { stopDate: stopMs / 1000 };
  return { executionArn: arn, stateMachineArn: machineArn, name, status, startDate: startMs / 1000, ...stop };
}

/** One page; the token says how many came before the next one. */
function pageOf<Row>(rows: readonly Row[], input: Input): { page: readonly Row[]; token: { nextToken?: string } } {
  const token = optionalText(input, 'nextToken');
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isSafeInteger(from) || from < 0) throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  const to = from + (optionalInteger(input, 'maxResults', 0, MAX_RESULTS, DEFAULT_RESULTS) || DEFAULT_RESULTS);
  return { page: rows.slice(from, to), token: to < rows.length ? { nextToken: String(to) } : {} };
}

function withoutData(event: HistoryEvent): object {
  const withoutFields = (details: object): object =>
    Object.fromEntries(Object.entries(details).filter(([name]) => !DATA_FIELDS.includes(name)));
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, typeof value === 'object' && value !== null ? withoutFields(value) : value]),
  );
}
