/** Executions on event time: what works holds the clock, what waits lets it go. */
import { describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { EventClock } from '../../../../local/engines/event-clock.ts';
import { StepFunctionsEngine } from '../../../../local/engines/step-functions/engine.ts';

const START_MS = Date.UTC(2013, 9, 8);
const INVOKE = 'arn:aws:states:::lambda:invoke';

/** Many turns of the event loop. */
async function slowly(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** `seen` has each call of a function, and what the test adds, with the ms since the start. */
function onEventTime(definition: object, functions: Record<string, () => unknown> = {}) {
  const clock = new EventClock(START_MS);
  const engine = new StepFunctionsEngine({ clock, wallClock: REAL_CLOCK, folder: null, region: 'r', account: '1' });
  const seen: string[] = [];
  const say = (text: string) => void seen.push(`${text} at ${clock.now() - START_MS}`);
  const services = {
    async invoke(name: string) {
      say(`begin ${name}`);
      await slowly();
      say(`end ${name}`);
      const error = functions[name]?.();
      return error ? { functionError: 'Unhandled' as const, payload: JSON.stringify({ errorType: error }) } : { payload: '{}' };
    },
    athena: {} as never,
  };
  const { arn } = engine.createStateMachine({ name: 'm', definition: JSON.stringify(definition), roleArn: 'r', services });
  return { clock, engine, seen, say, arn };
}

const task = (name: string, more: object) => ({ Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: name }, ...more });

describe('an execution on event time', () => {
  it('lets nothing become due while it works, from one state to the next', async () => {
    const states = { A: task('a', { Next: 'P' }), P: { Type: 'Pass', Next: 'B' }, B: task('b', { End: true }) };
    const { clock, engine, seen, say, arn } = onEventTime({ StartAt: 'A', States: states });
    clock.after(10, () => void engine.start(arn));
    for (const ms of [10, 11]) clock.after(ms, () => say('tick'));
    await clock.runUntil(START_MS + 20);
    expect(seen).toEqual(['begin a at 10', 'end a at 10', 'begin b at 10', 'end b at 10', 'tick at 10', 'tick at 11']);
    expect(engine.executions(arn)).toMatchObject([{ status: 'SUCCEEDED', startMs: START_MS + 10, stopMs: START_MS + 10 }]);
  });

  it('waits in event time, and as long as another item works not at all', async () => {
    const day = { W: { Type: 'Wait', SecondsPath: '$', Next: 'T' }, T: task('t', { End: true }) };
    const other = { StartAt: 'Slow', States: { Slow: task('slow', { End: true }) } };
    const states = {
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'W', States: day }, other], End: true },
    };
    const { clock, engine, seen, say, arn } = onEventTime({ StartAt: 'Both', States: states });
    clock.after(1, () => say('tick'));
    engine.start(arn, '60');
    await clock.runUntil(START_MS + 100_000);
    expect(seen).toEqual(['begin slow at 0', 'end slow at 0', 'tick at 1', 'begin t at 60000', 'end t at 60000']);
    expect(engine.executions(arn)).toMatchObject([{ status: 'SUCCEEDED', stopMs: START_MS + 60_000 }]);
  });

  it('tries again at instants of event time', async () => {
    const errors = ['Busy', 'Busy'];
    const states = { A: task('a', { Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 10 }], End: true }) };
    const { clock, engine, seen, say, arn } = onEventTime({ StartAt: 'A', States: states }, { a: () => errors.shift() });
    clock.after(15_000, () => say('tick'));
    engine.start(arn);
    await clock.runUntil(START_MS + 60_000);
    expect(seen.filter((line) => !line.startsWith('end'))).toEqual([
      'begin a at 0',
      'begin a at 10000',
      'tick at 15000',
      'begin a at 30000',
    ]);
  });

  it('that is stopped while it waits lets the clock go on', async () => {
    const states = { W: { Type: 'Wait', Seconds: 3_600, Next: 'A' }, A: task('a', { End: true }) };
    const { clock, engine, seen, say, arn } = onEventTime({ StartAt: 'W', States: states });
    const execution = engine.start(arn);
    clock.after(1_000, () => void engine.stop(execution.arn));
    clock.after(2_000, () => say('tick'));
    await clock.runUntil(START_MS + 7_200_000);
    expect(seen).toEqual(['tick at 2000']);
    expect(engine.execution(execution.arn)).toMatchObject({ status: 'ABORTED', stopMs: START_MS + 1_000 });
  });

  it('that is stopped while it works leaves the clock to others, and begins nothing more', async () => {
    const states = { A: task('a', { Retry: [{ ErrorEquals: ['States.ALL'] }], Next: 'B' }), B: task('b', { End: true }) };
    const { clock, engine, seen, say, arn } = onEventTime({ StartAt: 'A', States: states }, { a: () => 'Broken' });
    const execution = engine.start(arn);
    clock.after(5_000, () => say('tick'));
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await engine.stop(execution.arn);
    await clock.runUntil(START_MS + 10_000);
    await slowly();
    // What was given up has failed meanwhile, and is not tried again.
    await clock.runUntil(START_MS + 20_000);
    expect(seen).toEqual(['begin a at 0', 'tick at 5000', 'end a at 10000']);
  });

  it('that has a time-out of its own ends at that instant', async () => {
    const states = { W: { Type: 'Wait', Seconds: 3_600, End: true } };
    const { clock, engine, arn } = onEventTime({ StartAt: 'W', TimeoutSeconds: 60, States: states });
    engine.start(arn);
    await clock.runUntil(START_MS + 7_200_000);
    expect(engine.executions(arn)).toMatchObject([{ status: 'TIMED_OUT', stopMs: START_MS + 60_000 }]);
    expect(clock.nextDueMs).toBeNull();
  });
});
