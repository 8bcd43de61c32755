import { intervalMsOf, startSchedule } from '../engines/schedule.ts';
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
    const called = context.functions.find(target.text('Arn'));
    if (!called) throw new Error(`${where}: Target.Arn ${target.text('Arn')} is no function of this template`);
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
        const run = (): Promise<unknown> => called.invoke(input).catch((error) => context.log.error(name, String(error)));
        schedule = startSchedule({ expression, clock: context.clock, run });
      },
      stop: () => schedule?.stop(),
    };
  },
};
