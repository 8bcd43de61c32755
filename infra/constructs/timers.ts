import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data.ts';
import { allow, RoleFunction } from './role-function.ts';

export interface TimersProps {
  readonly code: string;
  readonly data: DataStack;
}

/** Once a minute a timer record for every key that is due, into the key's own stream. */
export class Timers extends Construct {
  constructor(scope: Construct, id: string, { code, data }: TimersProps) {
    super(scope, id);
    const handler = new RoleFunction(this, 'Handler', {
      code,
      description: 'Puts a timer record into the stream of every key that is due',
      environment: {
        STATE_TABLE: data.state.tableName,
        TRADES_STREAM: data.trades.streamName,
        READINGS_STREAM: data.readings.streamName,
      },
      memoryMb: 256,
      timeoutSeconds: 50,
      reservedConcurrency: 1,
      statements: [
        allow(['dynamodb:PartiQLSelect'], [`${data.state.tableArn}/index/due-timers`]),
        allow(['kinesis:PutRecords'], [data.trades.streamArn, data.readings.streamArn]),
      ],
    });
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: { Allowed: new PolicyDocument({ statements: [allow(['lambda:InvokeFunction'], [handler.function.functionArn])] }) },
    });
    new CfnSchedule(this, 'Schedule', {
      description: 'Timers of Tidemark',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: handler.function.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        // The next minute finds the same keys due: an old call is worth nothing.
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
      },
    });
  }
}
