import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Config, settingsOf } from '../config.ts';
import { dailyMachine, LEASE_S, STEP_TIMEOUT_S } from '../daily-machine.ts';
import { RESULT_FOLDER } from '../lake.ts';
import type { DataStack } from '../stacks/data.ts';
import { allow, RoleFunction } from './role-function.ts';

export interface BatchProps {
  readonly code: string;
  readonly config: Config;
  readonly data: DataStack;
}

/** Longer than the longest query of a reader that planned with a generation which nothing names any more. */
const GRACE_S = 6 * 3_600;
const CURATED = ['curated_trades', 'curated_readings', 'curated_daily_trade_stats', 'curated_daily_sensor_stats'];
/** What the batch's queries name besides. */
const READ = ['raw_trades', 'raw_readings', 'sensor_limits'];

/** The batch layer: once an hour, and on demand, what is settled is recomputed from the archive and published. */
export class Batch extends Construct {
  readonly machine: CfnStateMachine;

  constructor(scope: Construct, id: string, { code, config, data }: BatchProps) {
    super(scope, id);
    const name = `tidemark-${config.stage}-daily`;
    const arn = (service: string, resource: string) => `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
    const handler = new RoleFunction(this, 'Handler', {
      code,
      description: 'Steps of the batch: plans, validates, publishes, reconciles',
      environment: {
        ARCHIVE_INDEX_TABLE: data.archiveIndex.tableName,
        BATCH_TABLE: data.batch.tableName,
        DAY_TABLE: data.day.tableName,
        STATE_TABLE: data.state.tableName,
        WINDOW_TABLE: data.windows.tableName,
        TRADES_STREAM: data.trades.streamName,
        READINGS_STREAM: data.readings.streamName,
        DATA_BUCKET: data.bucket.bucketName,
        DATABASE: data.databaseName,
        LEASE_MS: String(LEASE_S * 1_000),
        GRACE_MS: String(GRACE_S * 1_000),
        SETTINGS: JSON.stringify(settingsOf(config)),
      },
      memoryMb: 1_024,
      timeoutSeconds: STEP_TIMEOUT_S,
      // Days in parallel, and a run that finds the lock taken.
      reservedConcurrency: config.batch.parallelDays + 1,
      statements: handlerStatements(data, arn, name),
    });

    const logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'MachineRole', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: {
        Allowed: new PolicyDocument({
          statements: [allow(['lambda:InvokeFunction'], [handler.function.functionArn]), ...machineStatements(data, arn)],
        }),
      },
    });
    this.machine = new CfnStateMachine(this, 'Daily', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      definitionString: JSON.stringify(dailyMachine(config.batch.parallelDays)),
      definitionSubstitutions: { Function: handler.function.functionArn, Workgroup: data.workgroupName, Database: data.databaseName },
      roleArn: role.roleArn,
      // Inputs and outputs are in the history of each execution; X-Ray would add nothing to it.
      loggingConfiguration: {
        level: 'ERROR',
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logGroup.logGroupArn } }],
      },
      tracingConfiguration: { enabled: false },
    });

    const scheduleRole = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: { Allowed: new PolicyDocument({ statements: [allow(['states:StartExecution'], [this.machine.attrArn])] }) },
    });
    new CfnSchedule(this, 'Schedule', {
      description: 'Daily batch of Tidemark: soon after the end of each day in each zone',
      scheduleExpression: 'rate(1 hour)',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      target: {
        arn: this.machine.attrArn,
        roleArn: scheduleRole.roleArn,
        input: JSON.stringify({ trigger: 'schedule' }),
        // The next hour's run does the same.
        retryPolicy: { maximumEventAgeInSeconds: 1_800, maximumRetryAttempts: 5 },
      },
    });
  }
}

type Arn = (service: string, resource: string) => string;

function handlerStatements(data: DataStack, arn: Arn, machine: string): PolicyStatement[] {
  const { bucket, databaseName, workgroupName } = data;
  const objects = (...folders: string[]) => folders.map((folder) => bucket.arnForObjects(`${folder}/*`));
  return [
    allow(['dynamodb:Query'], [data.archiveIndex.tableArn, data.windows.tableArn, `${data.state.tableArn}/index/names-by-source`]),
    allow(['dynamodb:BatchGetItem'], [data.state.tableArn]),
    allow(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [data.batch.tableArn]),
    allow(['dynamodb:BatchWriteItem'], [data.day.tableArn]),
    allow(['kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'], [data.trades.streamArn, data.readings.streamArn]),
    // Without it a missing object would be answered with a refusal.
    allow(['s3:ListBucket'], [bucket.bucketArn]),
    allow(['s3:GetObject'], objects('curated', RESULT_FOLDER)),
    allow(['s3:DeleteObject'], objects('curated', 'reference/sensor_limits')),
    allow(['s3:PutObject'], objects('curated/inputs', 'reference/sensor_limits', 'reconciliation')),
    allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects('published/current.json')]),
    allow(
      ['glue:BatchCreatePartition', 'glue:BatchDeletePartition', 'glue:GetTable'],
      [
        arn('glue', 'catalog'),
        arn('glue', `database/${databaseName}`),
        ...CURATED.map((table) => arn('glue', `table/${databaseName}/${table}`)),
      ],
    ),
    allow(['athena:GetQueryExecution', 'athena:GetQueryResults'], [arn('athena', `workgroup/${workgroupName}`)]),
    allow(['states:DescribeExecution'], [arn('states', `execution:${machine}:*`)]),
  ];
}

/** Athena reads catalogue and bucket, and writes generations and results, with the permissions of who starts the query. */
function machineStatements(data: DataStack, arn: Arn): PolicyStatement[] {
  const { bucket, databaseName, workgroupName } = data;
  const objects = (...folders: string[]) => folders.map((folder) => bucket.arnForObjects(`${folder}/*`));
  return [
    allow(
      ['athena:GetQueryExecution', 'athena:StartQueryExecution', 'athena:StopQueryExecution'],
      [arn('athena', `workgroup/${workgroupName}`)],
    ),
    // Asked of whoever lets Step Functions wait for a query.
    allow(['athena:GetDataCatalog'], [arn('athena', 'datacatalog/AwsDataCatalog')]),
    allow(
      ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable'],
      [
        arn('glue', 'catalog'),
        arn('glue', `database/${databaseName}`),
        ...[...CURATED, ...READ].map((table) => arn('glue', `table/${databaseName}/${table}`)),
      ],
    ),
    allow(['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [bucket.bucketArn]),
    allow(['s3:GetObject'], objects('raw', 'curated', 'reference/sensor_limits')),
    allow(
      ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      objects('curated/trades', 'curated/readings', 'curated/daily_trade_stats', 'curated/daily_sensor_stats'),
    ),
    allow(['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'], objects(RESULT_FOLDER)),
    // Step Functions delivers its log by these, which know no resource.
    allow(
      [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      ['*'],
    ),
  ];
}
