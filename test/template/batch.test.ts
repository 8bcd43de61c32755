import { describe, expect, it } from 'vitest';
import { at, type Json, type JsonObject, namesOfType, propertiesOf, readable, synthesize } from './assembly.ts';
import { grantsOf } from './statements.ts';

const synthesis = synthesize();
const machine = propertiesOf(synthesis, 'BatchDaily');
const definition = JSON.parse(String(machine['DefinitionString'])) as JsonObject;
const LEASE_MS = Number(at(propertiesOf(synthesis, 'BatchHandlerFunction'), 'Environment', 'Variables', 'LEASE_MS'));

/** Every state by name, those of the Map too; names are unique. */
function statesOf(graph: Json): [string, JsonObject][] {
  return Object.entries(at(graph, 'States') as JsonObject).flatMap(([name, state]) => {
    const inner = at(state, 'ItemProcessor');
    return [[name, state as JsonObject] as [string, JsonObject], ...(inner === undefined ? [] : statesOf(inner))];
  });
}

const states = new Map(statesOf(definition));
const tasks = [...states].filter(([, { Type }]) => Type === 'Task');
const stepsOf = (resource: string) => tasks.filter(([, state]) => String(state['Resource']).endsWith(resource));

describe('the state machine of the batch', () => {
  it('is a standard one that calls its function and queries in the workgroup and database', () => {
    expect(machine).toMatchObject({ StateMachineType: 'STANDARD', TracingConfiguration: { Enabled: false } });
    const values = Object.entries(machine['DefinitionSubstitutions'] as JsonObject).map(([name, value]) => [name, readable(value)]);
    expect(Object.fromEntries(values)).toEqual({
      Function: 'BatchHandlerFunction.Arn',
      Workgroup: 'tidemark-test',
      Database: 'tidemark_test',
    });
    expect(readable(machine['RoleArn']!)).toBe('BatchMachineRole.Arn');
  });

  it('has its lock for longer than it may last, and its steps for longer than the function may take', () => {
    const timeoutS = Number(definition['TimeoutSeconds']);
    expect(LEASE_MS).toBeGreaterThan(timeoutS * 1_000);
    const functionS = Number(propertiesOf(synthesis, 'BatchHandlerFunction')['Timeout']);
    for (const [, state] of stepsOf('lambda:invoke')) expect(state['TimeoutSeconds']).toBeGreaterThan(functionS);
    for (const [, state] of tasks) expect(state['TimeoutSeconds']).toBeLessThan(timeoutS);
  });

  it('calls each step by the name of one, and once', () => {
    const names = stepsOf('lambda:invoke').map(([, state]) => at(state, 'Parameters', 'Payload', 'step'));
    expect(names).toEqual([
      'take-lock',
      'plan',
      'prepare',
      'validate',
      'register',
      'attempt-failed',
      'publish',
      'reconcile',
      'clean-up',
      'finish',
      'fail',
      'skip',
    ]);
  });

  it('says in every step which execution it is and when it started', () => {
    for (const [, state] of stepsOf('lambda:invoke')) {
      expect(at(state, 'Parameters', 'Payload')).toMatchObject({
        'state.$': '$',
        'execution.$': '$$.Execution.Id',
        'startedAt.$': '$$.Execution.StartTime',
      });
      expect(state['OutputPath']).toBe('$.Payload');
    }
  });

  it('tries every task again, and catches whatever is left', () => {
    for (const [name, state] of tasks) {
      const retries = state['Retry'] as JsonObject[];
      expect(retries.at(-1), name).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL' });
      expect(at(state, 'Catch', String((state['Catch'] as Json[]).length - 1)), name).toMatchObject({ ErrorEquals: ['States.ALL'] });
    }
  });

  it('does not try again what another call cannot mend', () => {
    for (const [name, state] of stepsOf('lambda:invoke')) {
      const [first] = state['Retry'] as JsonObject[];
      expect(first, name).toMatchObject({ MaxAttempts: 0 });
      expect(first!['ErrorEquals']).toEqual(
        expect.arrayContaining(['RunLocked', 'LockLostError', 'PublishedConflictError', 'ValidationError']),
      );
    }
    // Under its token a query that failed is only told to have failed.
    for (const [, state] of stepsOf('startQueryExecution.sync')) expect(JSON.stringify(state['Retry'])).not.toContain('States.TaskFailed');
  });

  it('lets a failed day fail neither the others nor the run before they are published', () => {
    const inDay = statesOf(at(states.get('Days')!, 'ItemProcessor')!);
    expect(inDay.filter(([, { Type }]) => Type === 'Fail')).toEqual([]);
    for (const [name, state] of inDay.filter(([, { Type }]) => Type === 'Task')) {
      expect(at(state, 'Catch', '0', 'Next'), name).toBe(name === 'AttemptFailed' ? 'DayGivenUp' : 'AttemptFailed');
    }
    const order = ['TakeLock', 'Plan', 'Days', 'Publish', 'Reconcile', 'CleanUp', 'Finish'];
    expect(definition['StartAt']).toBe(order[0]);
    for (const [index, name] of order.slice(0, -1).entries()) expect(states.get(name)!['Next']).toBe(order[index + 1]);
  });

  it('queries with text, parameters and token of the prepared day, and keeps what its result is called', () => {
    for (const [, state] of stepsOf('startQueryExecution.sync')) {
      expect(state['Parameters']).toMatchObject({
        'QueryString.$': expect.stringMatching(/^\$\.queries\.\w+\.text$/),
        'ClientRequestToken.$': expect.stringMatching(/^\$\.queries\.\w+\.token$/),
        WorkGroup: '${Workgroup}',
      });
      expect(state['ResultSelector']).toEqual({ 'id.$': '$.QueryExecution.QueryExecutionId' });
    }
  });

  it('starts once an hour', () => {
    expect(propertiesOf(synthesis, 'BatchSchedule')).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: '{"trigger":"schedule"}' },
    });
    expect(readable(at(propertiesOf(synthesis, 'BatchSchedule'), 'Target', 'Arn')!)).toBe('BatchDaily.Arn');
    expect(grantsOf(synthesis, 'BatchScheduleRole')).toEqual(['states:StartExecution on BatchDaily.Arn']);
  });
});

describe('the batch function', () => {
  it('may write what it is for, and replace the one object that publishes', () => {
    const writes = grantsOf(synthesis, 'BatchHandlerRole').filter((grant) =>
      /s3:(Put|Delete)|dynamodb:(?!Query|Get|BatchGet)|glue:Batch/.test(grant),
    );
    expect(writes.map((grant) => grant.replace(/arn:.*:(?=catalog|database|table)/, ''))).toEqual([
      'dynamodb:BatchWriteItem on DayTable.Arn',
      'dynamodb:DeleteItem on BatchTable.Arn',
      'dynamodb:PutItem on BatchTable.Arn',
      'dynamodb:UpdateItem on BatchTable.Arn',
      ...['glue:BatchCreatePartition', 'glue:BatchDeletePartition'].flatMap((action) => [
        `${action} on catalog`,
        `${action} on database/tidemark_test`,
        ...['daily_sensor_stats', 'daily_trade_stats', 'readings', 'trades'].map(
          (table) => `${action} on table/tidemark_test/curated_${table}`,
        ),
      ]),
      's3:DeleteObject on DataBucket.Arn/curated/*',
      's3:DeleteObject on DataBucket.Arn/reference/sensor_limits/*',
      's3:PutObject on DataBucket.Arn/curated/inputs/*',
      's3:PutObject on DataBucket.Arn/published/current.json',
      's3:PutObject on DataBucket.Arn/reconciliation/*',
      's3:PutObject on DataBucket.Arn/reference/sensor_limits/*',
    ]);
  });
});

describe('alarms', () => {
  it('watch runs that fail, drift without a reason, and days that stay unpublished', () => {
    const alarms = namesOfType(synthesis, 'AWS::CloudWatch::Alarm');
    expect(alarms.sort()).toEqual([
      'ObserveReadingsDrift',
      'ObserveReadingsOverdue',
      'ObserveRunFailed',
      'ObserveTradesDrift',
      'ObserveTradesOverdue',
    ]);
    const failed = JSON.stringify(propertiesOf(synthesis, 'ObserveRunFailed')['Metrics']);
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']) expect(failed).toContain(metric);
    expect(failed).toContain('BatchDaily');
    for (const source of ['trades', 'readings']) {
      const title = source === 'trades' ? 'Trades' : 'Readings';
      const metric = {
        Namespace: 'Tidemark',
        Dimensions: [
          { Name: 'layer', Value: 'batch' },
          { Name: 'source', Value: source },
        ],
      };
      expect(propertiesOf(synthesis, `Observe${title}Drift`)).toMatchObject({ ...metric, MetricName: 'unexplainedKeys', Threshold: 0 });
      expect(propertiesOf(synthesis, `Observe${title}Overdue`)).toMatchObject({
        ...metric,
        MetricName: 'overdueHours',
        Threshold: 72,
        TreatMissingData: 'breaching',
      });
    }
  });
});
