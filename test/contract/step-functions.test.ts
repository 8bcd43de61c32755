/** What a Step Functions endpoint must do, seen through the stock SDK client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/engines/aws-error.ts';
import type { InvokeResult } from '../../local/engines/lambda-function.ts';
import { StepFunctionsEngine } from '../../local/engines/step-functions/engine.ts';
import { startStepFunctionsServer } from '../../local/engines/step-functions/server.ts';
import type { Services } from '../../local/engines/step-functions/tasks.ts';
import type { JsonObject } from '../../local/template/json.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_MS = Date.parse('2013-10-08T04:10:00Z');
const ROLE = 'arn:aws:iam::000000000000:role/daily';
const INVOKE = 'arn:aws:states:::lambda:invoke';
const QUERY = 'arn:aws:states:::athena:startQueryExecution.sync';

/** A function of the test: what it throws is an error of the function, of its name. */
type Handler = (payload: JsonObject) => unknown;
const functions: Record<string, Handler> = {};
/** By id; what a query ends as. */
const queries = new Map<string, { execution: JsonObject; ended: Promise<void>; input: JsonObject }>();
let stoppedQueries: string[];

const services: Services = {
  async invoke(name, payload): Promise<InvokeResult> {
    const handler = functions[name];
    if (!handler) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    try {
      return { payload: JSON.stringify((await handler(JSON.parse(payload))) ?? null) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { functionError: 'Unhandled', payload: JSON.stringify({ errorType, errorMessage, trace: [] }) };
    }
  },
  athena: {
    async start(input) {
      const id = String(input['ClientRequestToken']);
      if (!queries.has(id)) throw new AwsError('InvalidRequestException', 'no such query in this test');
      queries.set(id, { ...queries.get(id)!, input });
      return id;
    },
    async ended(id) {
      await queries.get(id)!.ended;
      return queries.get(id)!.execution;
    },
    async stop(id) {
      stoppedQueries.push(id);
    },
    results: async () => ({ ResultSet: { Rows: [{ Data: [{ VarCharValue: '1' }] }] } }),
  },
};

let clock: ManualClock;
let engine: StepFunctionsEngine;
let client: SFNClient;
let close: () => Promise<void>;

async function open(folder: string | null = null): Promise<void> {
  engine = new StepFunctionsEngine({ clock, wallClock: clock, folder, region: 'us-east-1', account: '000000000000', random: () => 0.5 });
  const server = await startStepFunctionsServer(engine, 0);
  client = new SFNClient({ endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  close = async () => {
    client.destroy();
    await server.close();
    await engine.close();
  };
}

beforeEach(async () => {
  for (const name of Object.keys(functions)) delete functions[name];
  queries.clear();
  stoppedQueries = [];
  clock = new ManualClock(START_MS);
  await open();
});
afterEach(() => close());

function machine(definition: object, name = 'daily'): string {
  return engine.createStateMachine({ name, definition: JSON.stringify(definition), roleArn: ROLE, services }).arn;
}

/** A machine of these states; the first one begins. */
const statesOf = (states: Record<string, object>, more: object = {}) => ({ StartAt: Object.keys(states)[0], States: states, ...more });
const invoke = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: INVOKE,
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  ...more,
});

async function start(stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> {
  const answer = await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }));
  return answer.executionArn!;
}

async function ended(executionArn: string): Promise<DescribeExecutionCommandOutput> {
  await engine.ended(executionArn);
  return client.send(new DescribeExecutionCommand({ executionArn }));
}

async function outputOf(definition: object, input: unknown = {}): Promise<unknown> {
  const { status, output, error, cause } = await ended(await start(machine(definition), input));
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  return JSON.parse(output!);
}

async function historyOf(executionArn: string): Promise<HistoryEvent[]> {
  return (await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events!;
}

/** Lets what is under way go on until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Waits until something waits on the clock, moves it there, and says how far, ms. */
async function passNextWait(): Promise<number> {
  const beforeMs = clock.now();
  await until(() => clock.nextDueMs !== null);
  clock.advance(clock.nextDueMs! - beforeMs);
  return clock.now() - beforeMs;
}

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

describe('tasks', () => {
  it('get what Parameters say, and answer as the Lambda integration does', async () => {
    functions['add'] = ({ a, b }) => ({ sum: Number(a) + Number(b) });
    const definition = statesOf({
      Add: {
        Type: 'Task',
        Resource: INVOKE,
        Parameters: { FunctionName: 'add', Payload: { 'a.$': '$.one', b: 2 } },
        ResultSelector: { 'status.$': '$.StatusCode', 'version.$': '$.ExecutedVersion', 'sum.$': '$.Payload.sum' },
        ResultPath: '$.added',
        End: true,
      },
    });
    expect(await outputOf(definition, { one: 1 })).toEqual({ one: 1, added: { status: 200, version: '$LATEST', sum: 3 } });
  });

  it('see the execution they belong to, in a map as well', async () => {
    functions['echo'] = (payload) => payload;
    const parameters = {
      FunctionName: 'echo',
      Payload: { 'id.$': '$$.Execution.Id', 'at.$': "States.Format('at {}', $$.Execution.StartTime)", 'input.$': '$$.Execution.Input' },
    };
    const task = { Type: 'Task', Resource: INVOKE, Parameters: parameters, OutputPath: '$.Payload', End: true };
    const arn = machine(statesOf({ Each: { Type: 'Map', ItemsPath: '$.days', ItemProcessor: statesOf({ Task: task }), End: true } }));
    const executionArn = await start(arn, { days: [1] }, 'run-1');
    expect(executionArn).toBe('arn:aws:states:us-east-1:000000000000:execution:daily:run-1');
    expect(JSON.parse((await ended(executionArn)).output!)).toEqual([
      { id: executionArn, at: 'at 2013-10-08T04:10:00.000Z', input: { days: [1] } },
    ]);
  });

  it('are tried again as Retry says for the name of their error, on the clock, counted for each retrier', async () => {
    const errors = ['Throttled', 'Throttled', 'Broken', 'Throttled'];
    functions['f'] = () => {
      const error = errors.shift();
      if (error) throw failure(error, 'no');
      return 'done';
    };
    const retry = [
      { ErrorEquals: ['Throttled'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
      { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 60, MaxAttempts: 1, JitterStrategy: 'FULL' },
    ];
    const arn = await start(machine(statesOf({ F: invoke('f', { Retry: retry, OutputPath: '$.Payload', End: true }) })));
    const waits: number[] = [];
    while (waits.length < 4) waits.push(await passNextWait());
    expect(waits).toEqual([2_000, 6_000, 30_000, 10_000]);
    expect(await ended(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    const failed = (await historyOf(arn)).filter(({ type }) => type === 'TaskFailed');
    expect(failed.map(({ taskFailedEventDetails }) => taskFailedEventDetails?.error)).toEqual([
      'Throttled',
      'Throttled',
      'Broken',
      'Throttled',
    ]);
  });

  it('whose attempts are used up fail with the name of the error and what the function said', async () => {
    let calls = 0;
    functions['f'] = () => {
      calls++;
      throw failure('RunLocked', 'held by another');
    };
    const retry = [{ ErrorEquals: ['RunLocked'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const arn = await start(machine(statesOf({ F: invoke('f', { Retry: retry, End: true }) })));
    await passNextWait();
    const { status, error, cause } = await ended(arn);
    expect([status, error, calls]).toEqual(['FAILED', 'RunLocked', 2]);
    expect(JSON.parse(cause!)).toMatchObject({ errorType: 'RunLocked', errorMessage: 'held by another' });
  });

  it('that fail go where Catch says for the name of the error', async () => {
    functions['f'] = ({ error }) => {
      throw failure(String(error), 'no');
    };
    const definition = statesOf({
      F: invoke('f', {
        Next: 'Unreached',
        Catch: [
          { ErrorEquals: ['RunLocked'], Next: 'Skipped', ResultPath: '$.caught' },
          { ErrorEquals: ['States.ALL'], Next: 'Other', ResultPath: '$' },
        ],
      }),
      Unreached: { Type: 'Fail' },
      Skipped: { Type: 'Pass', Parameters: { 'error.$': '$.caught.Error', 'kept.$': '$.error' }, End: true },
      Other: { Type: 'Pass', End: true },
    });
    expect(await outputOf(definition, { error: 'RunLocked' })).toEqual({ error: 'RunLocked', kept: 'RunLocked' });
    const cause = JSON.stringify({ errorType: 'Else', errorMessage: 'no', trace: [] });
    expect(await outputOf(definition, { error: 'Else' })).toEqual({ Error: 'Else', Cause: cause });
  });

  it('of a function that does not exist fail with the name of the service', async () => {
    const { error, cause } = await ended(await start(machine(statesOf({ F: invoke('nobody', { End: true }) }))));
    expect([error, cause]).toEqual(['Lambda.ResourceNotFoundException', 'Function not found: nobody']);
  });

  it('time out after TimeoutSeconds, which States.TaskFailed does not stand for', async () => {
    functions['hang'] = () => new Promise(() => {});
    const retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1 }];
    const arn = await start(machine(statesOf({ F: invoke('hang', { TimeoutSeconds: 7, Retry: retry, End: true }) })));
    expect(await passNextWait()).toBe(7_000);
    expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((await historyOf(arn)).map(({ type }) => type)).toContain('TaskTimedOut');
  });

  it('cannot answer more than 256 KiB, and no catcher helps', async () => {
    functions['f'] = () => 'x'.repeat(256 * 1024);
    const definition = statesOf({
      F: invoke('f', { Next: 'C', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }),
      C: { Type: 'Succeed' },
    });
    expect(await ended(await start(machine(definition)))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('of Athena end when the query has', async () => {
    const end = Promise.withResolvers<void>();
    const execution = { QueryExecutionId: 'q', Status: { State: 'SUCCEEDED' } };
    queries.set('q', { execution, ended: end.promise, input: {} });
    const parameters = { 'QueryString.$': '$.sql', ClientRequestToken: 'q', WorkGroup: 'w', ExecutionParameters: ['1'] };
    const arn = await start(machine(statesOf({ Q: { Type: 'Task', Resource: QUERY, Parameters: parameters, End: true } })), {
      sql: 'select 1',
    });
    await until(() => queries.get('q')!.input['WorkGroup'] === 'w');
    expect(queries.get('q')!.input).toEqual({
      QueryString: 'select 1',
      ClientRequestToken: 'q',
      WorkGroup: 'w',
      ExecutionParameters: ['1'],
    });
    expect((await client.send(new DescribeExecutionCommand({ executionArn: arn }))).status).toBe('RUNNING');
    end.resolve();
    expect(JSON.parse((await ended(arn)).output!)).toEqual({ QueryExecution: execution });
  });

  it.each(['FAILED', 'CANCELLED'])('of Athena fail with the query as cause when it is %s', async (state) => {
    const execution = { QueryExecutionId: 'q', Status: { State: state, StateChangeReason: 'SYNTAX_ERROR' } };
    queries.set('q', { execution, ended: Promise.resolve(), input: {} });
    const definition = statesOf({
      Q: {
        Type: 'Task',
        Resource: QUERY,
        Parameters: { ClientRequestToken: 'q' },
        Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'C' }],
        End: true,
      },
      C: { Type: 'Pass', Parameters: { 'query.$': 'States.StringToJson($.Cause)' }, End: true },
    });
    expect(await outputOf(definition)).toEqual({ query: execution });
  });

  it('of Athena that it refuses fail with the name of the refusal', async () => {
    const definition = statesOf({ Q: { Type: 'Task', Resource: QUERY, Parameters: { ClientRequestToken: 'unknown' }, End: true } });
    expect(await ended(await start(machine(definition)))).toMatchObject({ status: 'FAILED', error: 'Athena.InvalidRequestException' });
  });
});

describe('a map', () => {
  const mapOf = (states: Record<string, object>, more: object = {}) => ({
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: statesOf(states),
    ...more,
  });

  it('works at no more items at a time than MaxConcurrency, and answers in their order', async () => {
    let running = 0;
    let most = 0;
    functions['f'] = async ({ item }) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return Number(item) * 10;
    };
    const selector = { 'item.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index', 'run.$': '$.run' };
    const map = mapOf(
      { F: invoke('f', { ResultSelector: { 'value.$': '$.Payload' }, ResultPath: '$.result', End: true }) },
      { ItemSelector: selector, MaxConcurrency: 2, ResultPath: '$.results', End: true },
    );
    expect(await outputOf(statesOf({ Each: map }), { run: 'r', items: [3, 1, 2] })).toEqual({
      run: 'r',
      items: [3, 1, 2],
      results: [
        { item: 3, index: 0, run: 'r', result: { value: 30 } },
        { item: 1, index: 1, run: 'r', result: { value: 10 } },
        { item: 2, index: 2, run: 'r', result: { value: 20 } },
      ],
    });
    expect(most).toBe(2);
  });

  it('of which an item fails goes on where the item catches it, other items as well', async () => {
    functions['f'] = ({ item }) => {
      if (item === 2) throw failure('Broken', 'two');
      return item;
    };
    const map = mapOf(
      {
        F: invoke('f', { OutputPath: '$.Payload', End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'DayFailed' }] }),
        DayFailed: { Type: 'Pass', Parameters: { 'failed.$': '$.Error' }, End: true },
      },
      { ItemSelector: { 'item.$': '$$.Map.Item.Value' }, End: true },
    );
    expect(await outputOf(statesOf({ Each: map }), { items: [1, 2, 3] })).toEqual([1, { failed: 'Broken' }, 3]);
  });

  it('of which an item fails uncaught fails with its error, begins no other item, and can be caught', async () => {
    const begun: unknown[] = [];
    functions['f'] = async ({ item }) => {
      begun.push(item);
      throw failure('Broken', 'no');
    };
    const map = mapOf(
      { F: invoke('f', { End: true }) },
      {
        ItemSelector: { 'item.$': '$$.Map.Item.Value' },
        MaxConcurrency: 1,
        Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught', ResultPath: '$.error' }],
        Next: 'Caught',
      },
    );
    const arn = await start(
      machine(
        statesOf({
          Each: map,
          Caught: { Type: 'Wait', Seconds: 5, Next: 'End' },
          End: { Type: 'Pass', OutputPath: '$.error.Error', End: true },
        }),
      ),
      { items: [1, 2, 3] },
    );
    await passNextWait();
    expect((await ended(arn)).output).toBe('"Broken"');
    expect(begun).toEqual([1]);
    expect((await historyOf(arn)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['MapIterationFailed', 'MapStateFailed', 'MapStateExited']),
    );
  });

  it('of nothing succeeds', async () => {
    const arn = await start(machine(statesOf({ Each: mapOf({ P: { Type: 'Pass', End: true } }, { End: true }) })), { items: [] });
    expect((await ended(arn)).output).toBe('[]');
    expect((await historyOf(arn)).map(({ type }) => type)).toContain('MapStateSucceeded');
  });
});

describe('states', () => {
  it.each([
    [{ Variable: '$.a', IsPresent: false }, {}, true],
    [{ Variable: '$.a', IsPresent: false }, { a: 1 }, false],
    [
      {
        And: [
          { Variable: '$.a', IsPresent: true },
          { Variable: '$.a', NumericLessThan: 3 },
        ],
      },
      { a: 2 },
      true,
    ],
    [
      {
        And: [
          { Variable: '$.a', IsPresent: true },
          { Variable: '$.a', NumericLessThan: 3 },
        ],
      },
      { a: 3 },
      false,
    ],
    [{ Not: { Variable: '$.a', IsString: false } }, { a: 'x' }, true],
    [{ Variable: '$.a', StringEquals: 'RUNNING' }, { a: 'RUNNING' }, true],
    [{ Variable: '$.a', BooleanEquals: true }, { a: false }, false],
  ])('a Choice of %j takes %j: %s', async (rule, input, isTaken) => {
    const definition = statesOf({
      C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: 'yes', End: true },
      No: { Type: 'Pass', Result: 'no', End: true },
    });
    expect(await outputOf(definition, input)).toBe(isTaken ? 'yes' : 'no');
  });

  it.each([
    [{ Seconds: 90 }, 90_000],
    [{ SecondsPath: '$.wait.s' }, 5_000],
    [{ TimestampPath: '$.wait.until' }, 60_000],
    [{ Timestamp: '2013-10-08T04:10:01Z' }, 1_000],
  ])('a Wait of %j passes its input on %i ms later, and only meanwhile lets the clock go', async (wait, ms) => {
    functions['f'] = ({ kept }) => {
      expect(clock.holders).toBeGreaterThan(0);
      return kept;
    };
    const definition = statesOf({ W: { Type: 'Wait', ...wait, Next: 'F' }, F: invoke('f', { End: true, OutputPath: '$.Payload' }) });
    const arn = await start(machine(definition), { kept: 'x', wait: { s: 5, until: '2013-10-08T04:11:00Z' } });
    await until(() => clock.nextDueMs !== null && clock.holders === 0);
    expect(clock.nextDueMs).toBe(START_MS + ms);
    clock.advance(ms);
    expect(clock.holders).toBe(1);
    expect(await ended(arn)).toMatchObject({ output: '"x"', stopDate: new Date(START_MS + ms) });
    expect(clock.holders).toBe(0);
  });

  it('a Fail ends the execution with its error and cause', async () => {
    expect(await ended(await start(machine(statesOf({ F: { Type: 'Fail', Error: 'Batch.Failed', Cause: 'three days' } }))))).toMatchObject({
      status: 'FAILED',
      error: 'Batch.Failed',
      cause: 'three days',
    });
    const { error, cause } = await ended(await start(machine(statesOf({ F: { Type: 'Fail' } }))));
    expect([error, cause]).toEqual([undefined, undefined]);
  });

  it('a Parallel answers with the results of its branches', async () => {
    functions['f'] = ({ a }) => a;
    const branches = [
      statesOf({ F: invoke('f', { End: true, OutputPath: '$.Payload' }) }),
      statesOf({ P: { Type: 'Pass', Result: 2, End: true } }),
    ];
    expect(await outputOf(statesOf({ Both: { Type: 'Parallel', Branches: branches, ResultPath: '$.both', End: true } }), { a: 1 })).toEqual(
      { a: 1, both: [1, 2] },
    );
  });
});

describe('executions', () => {
  const WAITING = statesOf({ W: { Type: 'Wait', Seconds: 3600, End: true } });

  it('of the same name and input are one while it runs; otherwise the name is taken', async () => {
    const arn = machine(WAITING);
    const first = await start(arn, { a: 1 }, 'once');
    expect(await start(arn, { a: 1 }, 'once')).toBe(first);
    await expect(start(arn, { a: 2 }, 'once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await passNextWait();
    expect(await ended(first)).toMatchObject({ status: 'SUCCEEDED', name: 'once', stateMachineArn: arn, input: '{"a":1}' });
    await expect(start(arn, { a: 1 }, 'once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    expect((await client.send(new ListExecutionsCommand({ stateMachineArn: arn }))).executions).toHaveLength(1);
  });

  it.each(['a b', 'a/b', 'a:b', 'a*', 'x'.repeat(81), 'a\u0007'])('are refused with the name %j', async (name) => {
    await expect(start(machine(WAITING), {}, name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('take a name of 80 characters, and one of their own', async () => {
    const arn = machine(WAITING);
    expect(await start(arn, {}, 'x'.repeat(80))).toMatch(/:x{80}$/);
    expect(await start(arn)).toMatch(/:[0-9a-f-]{36}$/);
  });

  it('are refused with input that is no JSON or too long, and of machines that do not exist', async () => {
    const stateMachineArn = machine(WAITING);
    for (const input of ['{', JSON.stringify('x'.repeat(256 * 1024))]) {
      const command = new StartExecutionCommand({ stateMachineArn, input });
      await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    }
    await expect(start(`${stateMachineArn}s`)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:daily:none';
    await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    await expect(client.send(new StopExecutionCommand({ executionArn }))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    await expect(client.send(new GetExecutionHistoryCommand({ executionArn }))).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });

  it('are aborted by a stop, with what it says; what they wait for is given up, a query of theirs stopped', async () => {
    queries.set('q', { execution: {}, ended: new Promise(() => {}), input: {} });
    const arn = await start(
      machine(statesOf({ Q: { Type: 'Task', Resource: QUERY, Parameters: { ClientRequestToken: 'q', X: 'y' }, End: true } })),
    );
    await until(() => queries.get('q')!.input['X'] === 'y');
    clock.advance(1_000);
    const { stopDate } = await client.send(new StopExecutionCommand({ executionArn: arn, error: 'Operator', cause: 'enough' }));
    expect(stopDate).toEqual(new Date(START_MS + 1_000));
    expect(await ended(arn)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough', stopDate });
    expect(stoppedQueries).toEqual(['q']);
    expect(clock.holders).toBe(0);
    // A second stop changes nothing.
    expect((await client.send(new StopExecutionCommand({ executionArn: arn, cause: 'again' }))).stopDate).toEqual(stopDate);
    expect(await ended(arn)).toMatchObject({ cause: 'enough' });
    expect((await historyOf(arn)).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'Operator', cause: 'enough' },
    });
  });

  it('time out after the TimeoutSeconds of the machine', async () => {
    functions['hang'] = () => new Promise(() => {});
    const arn = await start(machine(statesOf({ F: invoke('hang', { End: true }) }, { TimeoutSeconds: 7200 })));
    expect(await passNextWait()).toBe(7_200_000);
    expect(await ended(arn)).toMatchObject({ status: 'TIMED_OUT', stopDate: new Date(START_MS + 7_200_000) });
    expect((await historyOf(arn)).at(-1)?.type).toBe('ExecutionTimedOut');
  });

  it('are listed the newest first, by status and in pages', async () => {
    const arn = machine(
      statesOf({
        C: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 2, Next: 'F' }], Default: 'S' },
        F: { Type: 'Fail' },
        S: { Type: 'Succeed' },
      }),
    );
    for (const n of [1, 2, 3]) {
      clock.advance(1_000);
      await ended(await start(arn, { n }, `run-${n}`));
    }
    const list = (more: object) => client.send(new ListExecutionsCommand({ stateMachineArn: arn, ...more }));
    const first = await list({ maxResults: 2 });
    expect(first.executions?.map(({ name }) => name)).toEqual(['run-3', 'run-2']);
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect([second.executions?.map(({ name }) => name), second.nextToken]).toEqual([['run-1'], undefined]);
    expect((await list({ statusFilter: 'FAILED' })).executions?.map(({ name }) => name)).toEqual(['run-2']);
    await expect(list({ nextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(list({ statusFilter: 'GONE' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(list({ maxResults: 1001 })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('the history', () => {
  it('tells what happened in the shape of AWS: states, tasks, items, each after what came before it in its own path', async () => {
    functions['f'] = ({ item }) => {
      clock.advance(10);
      return item;
    };
    const map = {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value' },
      ItemProcessor: statesOf({ F: invoke('f', { OutputPath: '$.Payload', End: true }) }),
      MaxConcurrency: 1,
      Next: 'Done',
    };
    const arn = await start(machine(statesOf({ Each: map, Done: { Type: 'Succeed' } })), { items: ['a', 'b'] });
    await ended(arn);
    const events = await historyOf(arn);
    expect(events.map(({ id, previousEventId, type }) => `${id} < ${previousEventId} ${type}`)).toEqual([
      '1 < 0 ExecutionStarted',
      '2 < 1 MapStateEntered',
      '3 < 2 MapStateStarted',
      '4 < 3 MapIterationStarted',
      '5 < 4 TaskStateEntered',
      '6 < 5 TaskScheduled',
      '7 < 6 TaskStarted',
      '8 < 7 TaskSucceeded',
      '9 < 8 TaskStateExited',
      '10 < 9 MapIterationSucceeded',
      '11 < 3 MapIterationStarted',
      '12 < 11 TaskStateEntered',
      '13 < 12 TaskScheduled',
      '14 < 13 TaskStarted',
      '15 < 14 TaskSucceeded',
      '16 < 15 TaskStateExited',
      '17 < 16 MapIterationSucceeded',
      '18 < 17 MapStateSucceeded',
      '19 < 18 MapStateExited',
      '20 < 19 SucceedStateEntered',
      '21 < 20 SucceedStateExited',
      '22 < 21 ExecutionSucceeded',
    ]);
    const [started, entered, mapStarted, iteration, task, scheduled] = events;
    expect(started).toMatchObject({ timestamp: new Date(START_MS), executionStartedEventDetails: { input: '{"items":["a","b"]}' } });
    expect(entered?.stateEnteredEventDetails).toMatchObject({ name: 'Each', input: '{"items":["a","b"]}' });
    expect(mapStarted?.mapStateStartedEventDetails).toEqual({ length: 2 });
    expect(iteration?.mapIterationStartedEventDetails).toEqual({ name: 'Each', index: 0 });
    expect(task?.stateEnteredEventDetails).toMatchObject({ name: 'F', input: '{"item":"a"}' });
    expect(scheduled?.taskScheduledEventDetails).toMatchObject({
      resourceType: 'lambda',
      resource: 'invoke',
      parameters: '{"FunctionName":"f","Payload":{"item":"a"}}',
    });
    expect(events[7]).toMatchObject({ timestamp: new Date(START_MS + 10), taskSucceededEventDetails: { resource: 'invoke' } });
    expect(events[8]?.stateExitedEventDetails).toMatchObject({ name: 'F', output: '"a"' });
    expect(events.at(-1)?.executionSucceededEventDetails).toMatchObject({ output: '["a","b"]' });
  });

  it('read backwards in pages tells each event once, although more come meanwhile', async () => {
    const arn = await start(machine(statesOf({ W: { Type: 'Wait', Seconds: 1, Next: 'V' }, V: { Type: 'Wait', Seconds: 1, End: true } })));
    await until(() => clock.nextDueMs !== null);
    const page = (nextToken?: string) =>
      client.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1, reverseOrder: true, nextToken }));
    const first = await page();
    await passNextWait();
    await until(() => engine.history(arn).length === 4);
    expect([first, await page(first.nextToken)].map(({ events }) => events?.[0]?.id)).toEqual([2, 1]);
  });

  it('is given in pages, in reverse and without data when asked for', async () => {
    const arn = await start(machine(statesOf({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } })), { a: 1 });
    await ended(arn);
    const page = (more: object) => client.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 4, ...more }));
    const first = await page({});
    const second = await page({ nextToken: first.nextToken });
    expect([...first.events!, ...second.events!].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(second.nextToken).toBeUndefined();
    expect((await page({ reverseOrder: true })).events!.map(({ id }) => id)).toEqual([6, 5, 4, 3]);
    expect((await page({ includeExecutionData: false })).events![1]?.stateEnteredEventDetails).toEqual({
      name: 'A',
      inputDetails: { truncated: false },
    });
  });
});

describe('machines', () => {
  it('are described and listed', async () => {
    const definition = statesOf({ A: { Type: 'Succeed' } });
    const arn = machine(definition, 'tidemark-local-daily');
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
    expect(described).toMatchObject({
      name: 'tidemark-local-daily',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: ROLE,
      creationDate: new Date(START_MS),
    });
    expect(JSON.parse(described.definition!)).toEqual(definition);
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([{ stateMachineArn: arn, name: 'tidemark-local-daily', type: 'STANDARD' }]);
  });

  const pass = { Type: 'Pass', End: true };
  const task = invoke('f', { End: true });
  it.each([
    ['a field that nobody knows', { A: { ...task, HeartbeatSeconds: 5 } }, 'state A: HeartbeatSeconds is not run locally'],
    ['Assign', { A: { ...pass, Assign: { x: 1 } } }, 'state A: Assign'],
    [
      'Assign of a rule',
      { A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B', Assign: {} }] }, B: pass },
      'state A: a rule with both IsNull and Assign',
    ],
    [
      'a time-out that the library would take for States.TaskFailed',
      { A: { ...task, TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'A' }] } },
      'state A: a Catch of States.TaskFailed beside TimeoutSeconds',
    ],
    [
      'a comparison that nobody knows',
      { A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericAbove: 1, Next: 'A' }] } },
      'state A: NumericAbove is',
    ],
    [
      'a rule of nothing',
      { A: { Type: 'Choice', Choices: [{ Variable: '$.a', Next: 'A' }] } },
      'state A: a rule of its Choices compares nothing',
    ],
    [
      'a rule in a rule',
      { A: { Type: 'Choice', Choices: [{ And: [{ IsNull: true }], Next: 'A' }] } },
      'state A: a rule of its Choices has no Variable',
    ],
    ['JSONata', { A: { ...pass, QueryLanguage: 'JSONata' } }, 'state A: QueryLanguage JSONata'],
    ['a variable', { A: { ...pass, Parameters: { 'a.$': '$run' } } }, 'state A: a.$ $run'],
    ['the context of the state', { A: { ...pass, Parameters: { 'a.$': '$$.State.Name' } } }, 'state A: a.$ $$.State.Name'],
    [
      'a task token',
      { A: { ...task, Resource: `${INVOKE}.waitForTaskToken` } },
      'state A: Resource arn:aws:states:::lambda:invoke.waitForTaskToken',
    ],
    ['an unknown resource', { A: { ...task, Resource: 'arn:aws:states:::sns:publish' } }, 'state A: Resource arn:aws:states:::sns:publish'],
    ['a distributed map', { A: { Type: 'Map', ItemReader: {}, ItemProcessor: statesOf({ B: pass }), End: true } }, 'state A: ItemReader'],
    ['batches of items', { A: { Type: 'Map', ItemBatcher: {}, ItemProcessor: statesOf({ B: pass }), End: true } }, 'state A: ItemBatcher'],
    [
      'a map in a map',
      { A: { Type: 'Map', ItemProcessor: statesOf({ B: { Type: 'Map', ItemProcessor: statesOf({ C: pass }), End: true } }), End: true } },
      'state B: a Map inside',
    ],
    ['two states of one name', { A: { Type: 'Map', ItemProcessor: statesOf({ A: pass }), End: true } }, 'state A: there are two'],
    ['a target that is not there', { A: { ...pass, End: undefined, Next: 'B' } }, 'state A: there is no state "B"'],
    ['Next and End', { A: { ...pass, Next: 'A' } }, 'state A: needs either'],
    ['a Result that the library forgets', { A: { ...pass, Result: 0 } }, 'state A: a Result of 0'],
    ['a ResultPath that the library misreads', { A: { ...pass, ResultPath: "$['a']" } }, "state A: ResultPath $['a']"],
  ])('are refused with %s', (_, states, message) => {
    expect(() => machine({ StartAt: 'A', States: states })).toThrow(message);
  });
});

describe('in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'step-functions-'));
    await close();
    await open(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('executions and histories outlive the runtime', async () => {
    const arn = await start(machine(statesOf({ P: { Type: 'Pass', End: true } })), { a: 1 }, 'kept');
    const before = await ended(arn);
    const history = await historyOf(arn);
    await close();
    await open(folder);
    const { $metadata: _, ...kept } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
    expect(before).toMatchObject(kept);
    expect(await historyOf(arn)).toEqual(history);
    await expect(start(machine(statesOf({ P: { Type: 'Pass', End: true } })), { a: 1 }, 'kept')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it('one that ran when the runtime died is aborted at the next start, and says so', async () => {
    const arn = await start(machine(statesOf({ W: { Type: 'Wait', Seconds: 60, End: true } })), {});
    await until(() => clock.nextDueMs !== null);
    client.destroy();
    const died = close;
    clock = new ManualClock(START_MS + 5_000);
    await open(folder);
    expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
      status: 'ABORTED',
      cause: expect.stringContaining('ended while this execution was running'),
      stopDate: new Date(START_MS + 5_000),
    });
    const events = await historyOf(arn);
    expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted']);
    await died();
  });

  it('a stop of the runtime aborts what runs', async () => {
    const arn = await start(machine(statesOf({ W: { Type: 'Wait', Seconds: 60, End: true } })), {});
    await until(() => clock.nextDueMs !== null);
    await close();
    await open(folder);
    expect(engine.execution(arn)).toMatchObject({ status: 'ABORTED', cause: expect.stringContaining('was stopped') });
  });
});
