/**
 * The state machine `daily` in the Amazon States Language (JSONPath): what calls what, in which order, how often again, and what becomes of
 * failures. What the steps do is in functions/batch/; what they hand on to each other is in its state.ts.
 */
type State = Readonly<Record<string, unknown>>;

/** How long an execution may last, s. The lock is kept longer, so that no other run begins beside it. */
export const EXECUTION_TIMEOUT_S = 2 * 3_600;
export const LEASE_S = EXECUTION_TIMEOUT_S + 15 * 60;
/** Of the function, s; a task that waits for it waits longer. */
export const STEP_TIMEOUT_S = 300;
const TASK_TIMEOUT_S = STEP_TIMEOUT_S + 30;
const QUERY_TIMEOUT_S = 30 * 60;

/** Errors that another call cannot mend. */
const FINAL_ERRORS = [
  'RunLocked',
  'LockLostError',
  'BatchRequestError',
  'PublishedConflictError',
  'GenerationGoneError',
  'EmptyDayError',
  'ValidationError',
];
const AGAIN = { IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 4, MaxDelaySeconds: 30, JitterStrategy: 'FULL' };
const STEP_RETRY = [
  { ErrorEquals: FINAL_ERRORS, MaxAttempts: 0 },
  { ErrorEquals: ['States.TaskFailed', 'States.Timeout'], ...AGAIN },
];
/** A query that failed fails again under its token: only that it could not be started is worth another call. */
const QUERY_RETRY = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.InternalServerException', 'Athena.SdkClientException'],
    ...AGAIN,
    MaxAttempts: 8,
  },
];

function caughtBy(next: string): State[] {
  return [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }];
}

/** One step of the function, on the state as it is; its answer is the next state. */
function step(name: string, flow: State, onError: readonly State[], parameters: State = { 'state.$': '$' }): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: {
      FunctionName: '${Function}',
      Payload: { step: name, ...parameters, 'execution.$': '$$.Execution.Id', 'startedAt.$': '$$.Execution.StartTime' },
    },
    OutputPath: '$.Payload',
    TimeoutSeconds: TASK_TIMEOUT_S,
    Retry: STEP_RETRY,
    ...(onError.length > 0 ? { Catch: onError } : {}),
    ...flow,
  };
}

/** A query of the prepared day; its id is kept under `result`. */
function query(name: string, result: string, next: string): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
    Parameters: {
      'QueryString.$': `$.queries.${name}.text`,
      'ExecutionParameters.$': `$.queries.${name}.parameters`,
      'ClientRequestToken.$': `$.queries.${name}.token`,
      WorkGroup: '${Workgroup}',
      QueryExecutionContext: { Database: '${Database}' },
    },
    ResultSelector: { 'id.$': '$.QueryExecution.QueryExecutionId' },
    ResultPath: `$.${result}`,
    TimeoutSeconds: QUERY_TIMEOUT_S,
    Retry: QUERY_RETRY,
    Catch: caughtBy('AttemptFailed'),
    Next: next,
  };
}

/** One day: a failed attempt is followed by another one with a generation of its own; a failed day never fails the others. */
const DAY_STATES = {
  Prepare: step('prepare', { Next: 'Deduplicate' }, caughtBy('AttemptFailed')),
  Deduplicate: query('deduplicate', 'deduplicated', 'Aggregate'),
  Aggregate: query('aggregate', 'aggregated', 'Check'),
  Check: query('check', 'checked', 'Validate'),
  Validate: step('validate', { Next: 'Register' }, caughtBy('AttemptFailed')),
  Register: step('register', { End: true }, caughtBy('AttemptFailed')),
  AttemptFailed: step('attempt-failed', { Next: 'AnotherAttempt' }, caughtBy('DayGivenUp')),
  AnotherAttempt: { Type: 'Choice', Choices: [{ Variable: '$.again', BooleanEquals: true, Next: 'Pause' }], Default: 'DayFailed' },
  Pause: { Type: 'Wait', SecondsPath: '$.pauseSeconds', Next: 'Prepare' },
  DayFailed: { Type: 'Pass', End: true },
  // Not even the failure could be recorded.
  DayGivenUp: {
    Type: 'Pass',
    Parameters: {
      'run.$': '$.run',
      'source.$': '$.source',
      'day.$': '$.day',
      'firstObject.$': '$.firstObject',
      status: 'failed',
      'cause.$': '$.error.Cause',
    },
    End: true,
  },
} as const;

/** `${Function}`, `${Workgroup}` and `${Database}` are to be substituted. */
export function dailyMachine(parallelDays: number): State {
  const failure = caughtBy('RecordFailure');
  return {
    StartAt: 'TakeLock',
    TimeoutSeconds: EXECUTION_TIMEOUT_S,
    States: {
      TakeLock: step('take-lock', { Next: 'Plan' }, [{ ErrorEquals: ['RunLocked'], ResultPath: '$.error', Next: 'Skip' }, ...failure]),
      Plan: step('plan', { Next: 'Days' }, failure),
      Days: {
        Type: 'Map',
        ItemsPath: '$.days',
        ItemSelector: {
          'run.$': '$$.Map.Item.Value.run',
          'source.$': '$$.Map.Item.Value.source',
          'day.$': '$$.Map.Item.Value.day',
          'firstObject.$': '$$.Map.Item.Value.firstObject',
          attempt: 1,
        },
        MaxConcurrency: parallelDays,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Prepare', States: DAY_STATES },
        ResultPath: '$.results',
        Catch: failure,
        Next: 'Publish',
      },
      Publish: step('publish', { Next: 'Reconcile' }, failure),
      Reconcile: step('reconcile', { Next: 'CleanUp' }, failure),
      CleanUp: step('clean-up', { Next: 'Finish' }, failure),
      Finish: step('finish', { Next: 'AllDays' }, failure),
      AllDays: { Type: 'Choice', Choices: [{ Variable: '$.failedDays', NumericGreaterThan: 0, Next: 'DaysFailed' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
      DaysFailed: { Type: 'Fail', Error: 'DaysFailed', Cause: 'Some days could not be built; the record of the run says why' },
      RecordFailure: step('fail', { Next: 'Failed' }, [{ ErrorEquals: ['States.ALL'], ResultPath: '$.unrecorded', Next: 'Failed' }]),
      Failed: { Type: 'Fail', Error: 'RunFailed', Cause: 'A step failed; the record of the run says which and why' },
      Skip: step('skip', { Next: 'Skipped' }, [{ ErrorEquals: ['States.ALL'], ResultPath: '$.unrecorded', Next: 'Skipped' }]),
      Skipped: { Type: 'Succeed' },
    },
  };
}
