import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Batch } from './batch.ts';

export interface ObserveProps {
  readonly batch: Batch;
}

/** Of the functions' own metrics. */
const NAMESPACE = 'Tidemark';
const HOUR = Duration.hours(1);
/** Speed rows live for days: so long readers miss nothing although the batch is stuck. */
const OVERDUE_HOURS = 72;

/** Alarms for whoever runs this. They notify nobody by themselves: where to is the operator's choice. */
export class Observe extends Construct {
  constructor(scope: Construct, id: string, { batch }: ObserveProps) {
    super(scope, id);
    const { ref: StateMachineArn } = batch.machine;
    const executions = (metricName: string) =>
      new Metric({ namespace: 'AWS/States', metricName, dimensionsMap: { StateMachineArn }, statistic: 'Sum', period: HOUR });
    const failed = new MathExpression({
      expression: 'failed + timedOut + aborted',
      usingMetrics: {
        failed: executions('ExecutionsFailed'),
        timedOut: executions('ExecutionsTimedOut'),
        aborted: executions('ExecutionsAborted'),
      },
      period: HOUR,
      label: 'runs that failed',
    });
    new Alarm(this, 'RunFailed', {
      alarmDescription: 'A run of the batch failed: its record says why; days stay as they were',
      metric: failed,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    for (const source of ['trades', 'readings']) {
      const title = `${source[0]!.toUpperCase()}${source.slice(1)}`;
      const metric = (metricName: string) =>
        new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { layer: 'batch', source }, statistic: 'Maximum', period: HOUR });
      new Alarm(this, `${title}Drift`, {
        alarmDescription: `A published day of ${source} differs from the speed layer, and no ledger says why`,
        metric: metric('unexplainedKeys'),
        threshold: 0,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      new Alarm(this, `${title}Overdue`, {
        alarmDescription: `A day of ${source} is settled for 3 days and not published, or no run of the batch has come to its end for 4 hours`,
        metric: metric('overdueHours'),
        threshold: OVERDUE_HOURS,
        evaluationPeriods: 4,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.BREACHING,
      });
    }
  }
}
