/** The batch command against the real local Step Functions, with machines of the test in place of the deployed one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DisplayOutput, displayRun } from '../../../cli/batch/display.ts';
import { complaintOf, daysOf, outcomeOf, tableOf } from '../../../cli/batch/outcome.ts';
import { RunProgress } from '../../../cli/batch/progress.ts';
import { runBatch } from '../../../cli/batch/run.ts';
import { type BatchMachine, openBatchMachine } from '../../../cli/batch/state-machine.ts';
import { UserError } from '../../../cli/shared/user-error.ts';
import { StepFunctionsEngine } from '../../../local/engines/step-functions/engine.ts';
import { startStepFunctionsServer } from '../../../local/engines/step-functions/server.ts';
import type { WireServer } from '../../../local/engines/wire-server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FakeInstance, fakeInstance } from './fake-instance.ts';

const INVOKE = 'arn:aws:states:::lambda:invoke';

let engine: StepFunctionsEngine;
let server: WireServer;
let instance: FakeInstance;
/** Inputs of the runs that were started. */
let started: object[];
/** What each run makes of its input, one after another. */
let answers: ((input: never) => object)[];
const written: string[] = [];
const output: DisplayOutput = { write: (text) => written.push(text) };
const log: string[] = [];

beforeEach(async () => {
  started = [];
  answers = [];
  written.length = 0;
  log.length = 0;
  const clock = new ManualClock(Date.parse('2013-10-11T10:30:00Z'));
  engine = new StepFunctionsEngine({ clock, wallClock: clock, folder: null, region: 'us-east-1', account: '000000000000' });
  server = await startStepFunctionsServer(engine, 0);
  instance = await fakeInstance(0);
  instance.runtime = { ...(instance.runtime as object), aws: { kinesis: '', dynamodb: '', sfn: server.url, athena: '' } };
});
afterEach(async () => {
  await Promise.all([server.close(), instance.close()]);
  await engine.close();
});

/** A machine that takes its days through a map, as the deployed one does; what it answers is the test's. */
function createMachine(): void {
  const invoke = (step: string, more: object) => ({
    Type: 'Task',
    Resource: INVOKE,
    Parameters: { FunctionName: step, 'Payload.$': '$' },
    OutputPath: '$.Payload',
    ...more,
  });
  const day = { StartAt: 'Prepare', States: { Prepare: { Type: 'Pass', Next: 'Check' }, Check: invoke('check', { End: true }) } };
  const definition = {
    StartAt: 'Plan',
    States: {
      Plan: invoke('plan', { Next: 'Days' }),
      Days: { Type: 'Map', ItemsPath: '$.days', ItemProcessor: day, ResultPath: null, Next: 'Finish' },
      Finish: { Type: 'Pass', OutputPath: '$.outcome', Next: 'AllDays' },
      AllDays: { Type: 'Choice', Choices: [{ Variable: '$.status', StringEquals: 'failed', Next: 'DaysFailed' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
      DaysFailed: { Type: 'Fail', Error: 'DaysFailed', Cause: 'the record of the run says why' },
    },
  };
  const services = {
    async invoke(name: string, payload: string) {
      if (name === 'check') return { payload };
      const input = JSON.parse(payload);
      started.push(input);
      try {
        const outcome = await answers.shift()!(input as never);
        return { payload: JSON.stringify({ outcome, days: (outcome as { days: object[] }).days }) };
      } catch (error) {
        return {
          functionError: 'Unhandled' as const,
          payload: JSON.stringify({ errorType: 'Broken', errorMessage: (error as Error).message }),
        };
      }
    },
    athena: {} as never,
  };
  engine.createStateMachine({ name: 'tidemark-local-daily', definition: JSON.stringify(definition), roleArn: 'r', services });
}

const published = (source: string, day: string) => ({
  source,
  day,
  status: 'published',
  gen: `r-1`,
  revision: 1,
  rows: 1200,
  attempts: 1,
  cause: null,
});
const refused = (source: string, day: string) => ({
  source,
  day,
  status: 'refused',
  revision: null,
  rows: null,
  attempts: 0,
  cause: 'the day is settled at 2013-10-12T08:00:00.000Z',
});
const run = (days: object[], remaining = 0, status = 'succeeded') => ({ run: 'r', status, remaining, days });

async function opened(): Promise<BatchMachine> {
  const machine = await openBatchMachine({ kind: 'url', url: instance.url }, new AbortController().signal);
  return { ...machine, pollMs: 1 };
}

async function batch(request: object, signal = new AbortController().signal) {
  const machine = await opened();
  try {
    const clock = {
      now: () => Date.now(),
      after: (ms: number, task: () => void) => {
        const timer = setTimeout(task, ms);
        return () => clearTimeout(timer);
      },
    };
    return await runBatch({ trigger: 'command', ...request }, machine, {
      clock,
      signal,
      display: displayRun(output),
      log: (line) => log.push(line),
    });
  } finally {
    machine.close();
  }
}

describe('a batch command', () => {
  it('starts the machine of the instance, says how far it is, and what became of the days', async () => {
    createMachine();
    answers = [
      () =>
        run([
          published('trades', '2013-10-08'),
          refused('trades', '2013-10-09'),
          { source: 'readings', day: '2013-10-08', status: 'unchanged', revision: 2, rows: 3 },
        ]),
    ];
    const days = daysOf(await batch({ from: '2013-10-08', to: '2013-10-09' }), true);
    expect(started).toEqual([{ trigger: 'command', from: '2013-10-08', to: '2013-10-09' }]);
    expect(written.join('')).toContain('batch: trades 2013-10-08 ended at Check, 1 of 3 days\n');
    expect(tableOf(days)).toBe(
      [
        'source    day         status     revision   rows  attempts  cause',
        'readings  2013-10-08  unchanged         2      3',
        'trades    2013-10-08  published         1  1,200         1',
        'trades    2013-10-09  refused                            0  the day is settled at 2013-10-12T08:00:00.000Z',
      ].join('\n'),
    );
    expect(complaintOf(days)).toBe('1 of 3 days not published: trades 2013-10-09 refused (the day is settled at 2013-10-12T08:00:00.000Z)');
    expect(complaintOf(days.slice(0, 2))).toBeUndefined();
  });

  it('goes on with further runs while days are left, and stops when a run published none', async () => {
    createMachine();
    const failed = {
      source: 'trades',
      day: '2013-10-09',
      status: 'failed',
      attempts: 3,
      cause: '{"errorType":"ValidationError","errorMessage":"3 rows are missing"}',
    };
    answers = [
      () => run([published('trades', '2013-10-07')], 2),
      () => run([published('trades', '2013-10-08')], 1),
      () => run([failed], 1, 'failed'),
    ];
    const days = daysOf(await batch({}), false);
    expect(started).toHaveLength(3);
    expect(days.map(({ day, status }) => `${day} ${status}`)).toEqual([
      '2013-10-07 published',
      '2013-10-08 published',
      '2013-10-09 failed',
    ]);
    expect(complaintOf(days)).toBe('1 of 3 days not published: trades 2013-10-09 failed (3 rows are missing)');
    expect(log.filter((line) => line.includes('are left'))).toHaveLength(2);
  });

  it('without days names those that were due', async () => {
    createMachine();
    answers = [
      () =>
        run([
          published('trades', '2013-10-08'),
          refused('trades', '2013-10-09'),
          { ...published('readings', '2013-10-08'), status: 'unchanged' },
        ]),
    ];
    const days = daysOf(await batch({}), false);
    expect(days).toEqual([published('trades', '2013-10-08')]);
    expect([complaintOf(days), tableOf([])]).toEqual([undefined, 'no day was due']);
  });

  it('asks for days to be built anew in parts that fit into a run, each of them once', async () => {
    createMachine();
    answers = Array.from({ length: 3 }, () => () => run([]));
    await batch({ from: '2013-01-01', to: '2013-03-02', force: true });
    expect(started).toEqual([
      { trigger: 'command', from: '2013-01-01', to: '2013-01-30', force: true },
      { trigger: 'command', from: '2013-01-31', to: '2013-03-01', force: true },
      { trigger: 'command', from: '2013-03-02', to: '2013-03-02', force: true },
    ]);
    answers = [() => run([])];
    started = [];
    await batch({ source: 'trades', from: '2013-01-01', to: '2013-03-01', force: true });
    expect(started).toEqual([{ trigger: 'command', source: 'trades', from: '2013-01-01', to: '2013-03-01', force: true }]);
  });

  it('says why a run failed, and that another one is at work', async () => {
    createMachine();
    const locked = JSON.stringify({ errorType: 'RunLocked', errorMessage: 'run 20131011T100000Z-1a2b3c4d is at work' });
    answers = [
      () => {
        throw new Error('published/current.json was changed by another run');
      },
      () => ({ ...run([], 0, 'skipped'), cause: locked }),
    ];
    await expect(batch({})).rejects.toThrow('the run ended FAILED: Broken: published/current.json was changed by another run');
    await expect(batch({})).rejects.toThrow('the run was skipped: run 20131011T100000Z-1a2b3c4d is at work');
  });

  it.each([
    [
      'the cause that was recorded',
      'FAILED',
      'RunFailed',
      { run: 'r', status: 'failed', cause: 'Check found 3 rows less', remaining: 0, days: [] },
      'the run ended FAILED: Check found 3 rows less',
    ],
    ['what Step Functions says, without one', 'TIMED_OUT', 'States.Timeout', undefined, 'the run ended TIMED_OUT: States.Timeout'],
    ['its status, without anything', 'ABORTED', undefined, undefined, 'the run ended ABORTED'],
    ['that it answered nothing', 'SUCCEEDED', undefined, undefined, 'the run answered no outcome'],
  ])('of a run that did not come to its end tells %s', (_, status, error, recorded, message) => {
    expect(() => outcomeOf({ status, output: undefined, error, cause: undefined }, recorded)).toThrow(message);
  });

  it('stops watching when it is interrupted, and the run goes on', async () => {
    createMachine();
    const gate = Promise.withResolvers<void>();
    answers = [() => gate.promise.then(() => run([published('trades', '2013-10-08')]))];
    const interruption = new AbortController();
    interruption.abort();
    const error = await batch({}, interruption.signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      exitCode: 130,
      message: expect.stringContaining('not watching any longer; the run goes on: arn:aws:states:'),
    });
    gate.resolve();
    const [record] = engine.executions('arn:aws:states:us-east-1:000000000000:stateMachine:tidemark-local-daily');
    expect(await engine.ended(record!.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('names what is missing: an instance, a machine', async () => {
    await expect(opened()).rejects.toThrow('there is no state machine called like');
    const nowhere = { kind: 'url', url: 'http://127.0.0.1:1' } as const;
    await expect(openBatchMachine(nowhere, new AbortController().signal)).rejects.toThrow(
      /no running Tidemark at http:\/\/127.0.0.1:1 .*--aws$/,
    );
  });
});

describe('the machine in AWS', () => {
  const SUCCEED = JSON.stringify({ StartAt: 'S', States: { S: { Type: 'Succeed' } } });
  const deploy = (name: string) => engine.createStateMachine({ name, definition: SUCCEED, roleArn: 'r', services: {} as never }).arn;
  const open = (stateMachineArn: string | null) => openBatchMachine({ kind: 'aws', stateMachineArn }, new AbortController().signal);
  beforeEach(() => {
    vi.stubEnv('AWS_ENDPOINT_URL_SFN', server.url);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is the one that is called like one of Tidemark', async () => {
    deploy('daily');
    deploy('tidemark-dev-hourly');
    await expect(open(null)).rejects.toThrow('there is no state machine called like');
    const arn = deploy('tidemark-dev-daily');
    const machine = await open(null);
    expect(await machine.start({})).toMatch(arn.replace(':stateMachine:', ':execution:'));
    machine.close();
  });

  it('has to be chosen where there are several', async () => {
    const arns = [deploy('tidemark-dev-daily'), deploy('tidemark-prod-daily')];
    await expect(open(null)).rejects.toThrow(`there are several: choose one with --state-machine: ${arns.join(', ')}`);
    const machine = await open(arns[1]!);
    expect(await machine.start({})).toContain(':execution:tidemark-prod-daily:');
    machine.close();
  });

  it('that does not answer is told in one line', async () => {
    await expect((await open('arn:aws:states:us-east-1:000000000000:stateMachine:gone')).start({})).rejects.toThrow(
      "Step Functions does not answer as it should: State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:gone'",
    );
  });
});

describe('the progress of a run', () => {
  const entered = (id: number, previousEventId: number, name: string, input: object = {}) => ({
    id,
    previousEventId,
    type: 'TaskStateEntered' as const,
    timestamp: new Date(0),
    stateEnteredEventDetails: { name, input: JSON.stringify(input) },
  });
  const other = (
    id: number,
    previousEventId: number,
    type: 'MapStateStarted' | 'MapIterationStarted' | 'MapIterationSucceeded' | 'MapStateSucceeded',
    more = {},
  ) => ({ id, previousEventId, type, timestamp: new Date(0), ...more });
  const EVENTS = [
    entered(1, 0, 'Plan'),
    other(2, 1, 'MapStateStarted', { mapStateStartedEventDetails: { length: 2 } }),
    other(3, 2, 'MapIterationStarted'),
    other(4, 2, 'MapIterationStarted'),
    entered(5, 3, 'Prepare', { source: 'trades', day: '2013-10-08' }),
    entered(6, 4, 'Prepare', { source: 'readings', day: '2013-10-08' }),
    entered(7, 5, 'Deduplicate', { gen: 'x' }),
    other(8, 7, 'MapIterationSucceeded'),
  ];

  it('tells which day is at which step, however the events come in', () => {
    const progress = new RunProgress();
    for (const event of EVENTS) progress.add([event]);
    expect([progress.step, progress.dayCount, progress.doneCount, progress.lastEventId]).toEqual(['Plan', 2, 1, 8]);
    expect(progress.active.map(({ name, step }) => `${name} ${step}`)).toEqual(['readings 2013-10-08 Prepare']);
    progress.add([other(9, 6, 'MapIterationSucceeded'), other(10, 9, 'MapStateSucceeded'), entered(11, 10, 'Publish')]);
    expect([progress.step, progress.doneCount]).toEqual(['Publish', 2]);
  });

  it('is one line on a terminal, which changes and is no longer than the terminal is wide', () => {
    const screen: string[] = [];
    const display = displayRun({ isTTY: true, columns: 60, write: (text) => screen.push(text) });
    const progress = new RunProgress();
    display.show(progress);
    progress.add(EVENTS);
    display.show(progress);
    display.show(progress);
    display.end();
    expect(screen).toEqual(['\r\u001b[Kbatch: starting', '\r\u001b[Kbatch: Plan | 1 of 2 days | readings 2013-10-08 Prepare', '\n']);
    const narrow: string[] = [];
    displayRun({ isTTY: true, columns: 20, write: (text) => narrow.push(text) }).show(progress);
    expect(narrow).toEqual(['\r\u001b[Kbatch: Plan | 1 of ']);
  });
});
