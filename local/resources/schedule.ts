import { randomBytes } from 'node:crypto';
import { intervalMsOf, startSchedule } from '../engines/schedule.ts';
import type { LocalContext } from './context.ts';
import { localName, type ResourceType } from './resource-type.ts';

export const SCHEDULE: ResourceType = {
  type: 'AWS::Scheduler::Schedule',
  properties: {
    Name: true,
    GroupName: 'a name for a set of schedules',
    Description: 'for people only',
    ScheduleExpression: true,
    ScheduleExpressionTimezone: 'a rate has no zone',
    State: true,
    FlexibleTimeWindow: { Mode: true },
    Target: {
      Arn: true,
      Input: true,
      RoleArn: 'whoever may start this runtime may do everything in it',
      RetryPolicy: 'a failed call is logged; the next one comes at its time',
      DeadLetterConfig: 'a failed call is logged',
    },
  },
  create(context, resource) {
    const { properties, where } = resource;
    const name = properties.optionalText('Name') ?? localName(resource, 'Schedule');
    const window = properties.object('FlexibleTimeWindow').text('Mode');
    if (window !== 'OFF') throw new Error(`${where}: FlexibleTimeWindow.Mode ${window} is not run locally, only OFF is`);
    const target = properties.object('Target');
    const call = targetOf(context, target.text('Arn'));
    if (!call) throw new Error(`${where}: Target.Arn ${target.text('Arn')} is no function and no state machine of this template`);
    const expression = properties.text('ScheduleExpression');
    try {
      intervalMsOf(expression);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    const arn = `arn:aws:scheduler:${context.region}:${context.accountId}:schedule/default/${name}`;
    if (properties.optionalText('State') === 'DISABLED') return { ref: name, attributes: { Arn: arn } };
    let schedule: { stop(): Promise<void> } | undefined;
    return {
      ref: name,
      attributes: { Arn: arn },
      start() {
        const input = target.optionalText('Input') ?? '{}';
        const run = async (dueMs: number): Promise<void> => {
          try {
            await call(withContextAttributes(input, arn, dueMs));
          } catch (error) {
            context.log.error(name, String(error));
          }
        };
        schedule = startSchedule({ expression, clock: context.clock, run });
      },
      stop: () => schedule?.stop(),
    };
  },
};

/** Resolves when the function has ended, or the execution has started: what EventBridge Scheduler waits for. */
function targetOf(context: LocalContext, arn: string): ((input: string) => Promise<unknown>) | undefined {
  const called = context.functions.find(arn);
  if (called) return (input) => called.invoke(input);
  if (context.stateMachines.find(arn)) return async (input) => context.stateMachines.start(arn, input);
  return undefined;
}

/** The keywords that EventBridge Scheduler replaces in an input. */
function withContextAttributes(input: string, scheduleArn: string, dueMs: number): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', `${new Date(dueMs).toISOString().slice(0, 19)}Z`)
    .replaceAll('<aws.scheduler.execution-id>', randomBytes(8).toString('hex'))
    .replaceAll('<aws.scheduler.attempt-number>', '1');
}
