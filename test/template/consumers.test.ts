import { describe, expect, it } from 'vitest';
import { at, DISTINCT, namesOfType, propertiesOf, readable, synthesize } from './assembly.ts';
import { grantsOf } from './statements.ts';

const synthesis = synthesize();
const READ = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
];
const reads = (stream: string): string[] => READ.map((action) => `${action} on ${stream}.Arn`);
const logs = (log: string): string[] => ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on ${log}.Arn`);
const arn = (service: string): string => `arn:<Partition>:${service}:<Region>:<AccountId>`;
const keepsFailed = ['s3:ListBucket on DataBucket.Arn', 's3:PutObject on DataBucket.Arn/aws/lambda/*'];
const window = DISTINCT.archive.batchingWindowSeconds;

describe('event-source mappings', () => {
  const HOUR_S = 3_600;
  it.each([
    ['SpeedTradesMapping', 'TradesStream', 'SpeedHandlerFunction', 4_000, 0, 100, 6 * HOUR_S],
    ['SpeedReadingsMapping', 'ReadingsStream', 'SpeedHandlerFunction', 5_000, 0, 100, 6 * HOUR_S],
    ['ArchiveTradesMapping', 'TradesStream', 'ArchiveHandlerFunction', 10_000, window, 1_000, 18 * HOUR_S],
    ['ArchiveReadingsMapping', 'ReadingsStream', 'ArchiveHandlerFunction', 10_000, window, 1_000, 18 * HOUR_S],
    ['ArchiveAlertsMapping', 'AlertsStream', 'ArchiveHandlerFunction', 5_000, window, 1_000, 18 * HOUR_S],
  ])('%s: %s → %s, every setting said', (mapping, stream, consumer, batchSize, windowSeconds, retries, ageSeconds) => {
    const { EventSourceArn, FunctionName, DestinationConfig, ...settings } = propertiesOf(synthesis, mapping);
    expect(readable(EventSourceArn)).toBe(`${stream}.Arn`);
    expect(readable(FunctionName)).toBe(consumer);
    expect(readable(at(DestinationConfig, 'OnFailure', 'Destination'))).toBe('DataBucket.Arn');
    expect(settings).toEqual({
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: windowSeconds,
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: retries,
      MaximumRecordAgeInSeconds: ageSeconds,
    });
  });

  it('are these five', () => {
    expect(namesOfType(synthesis, 'AWS::Lambda::EventSourceMapping')).toHaveLength(5);
  });

  it('give a record up before its stream does, whatever the retention', () => {
    const shortest = synthesize({ streamRetentionHours: 24 });
    const retentionOf = new Map(
      namesOfType(shortest, 'AWS::Kinesis::Stream').map((name) => [`${name}.Arn`, propertiesOf(shortest, name)['RetentionPeriodHours']]),
    );
    for (const name of namesOfType(shortest, 'AWS::Lambda::EventSourceMapping')) {
      const { EventSourceArn, MaximumRecordAgeInSeconds } = propertiesOf(shortest, name);
      expect(Number(MaximumRecordAgeInSeconds)).toBeLessThan(Number(retentionOf.get(readable(EventSourceArn))) * HOUR_S);
    }
  });
});

describe('functions', () => {
  it.each([
    ['Speed', 1_024, 60, DISTINCT.shards.trades + DISTINCT.shards.readings],
    ['Archive', 2_048, 120, DISTINCT.shards.trades + DISTINCT.shards.readings + DISTINCT.shards.alerts],
    ['Timers', 256, 50, 1],
    ['Serve', 512, 30, 20],
    ['Batch', 1_024, 300, DISTINCT.batch.parallelDays + 1],
  ])('%s has its own role and log, and its bounds are said', (part, memoryMb, timeoutSeconds, reserved) => {
    const properties = propertiesOf(synthesis, `${part}HandlerFunction`);
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: memoryMb,
      Timeout: timeoutSeconds,
      ReservedConcurrentExecutions: reserved,
    });
    expect(readable(properties['Role'])).toBe(`${part}HandlerRole.Arn`);
    expect(readable(at(properties['LoggingConfig'], 'LogGroup'))).toBe(`${part}HandlerLog`);
    expect(propertiesOf(synthesis, `${part}HandlerLog`)).toEqual({ RetentionInDays: 30 });
  });

  it.each([
    [
      'Speed',
      {
        STATE_TABLE: 'StateTable',
        WINDOW_TABLE: 'WindowTable',
        ALARM_TABLE: 'AlarmTable',
        TRADES_STREAM: 'TradesStream',
        READINGS_STREAM: 'ReadingsStream',
        ALERTS_STREAM: 'AlertsStream',
        LISTENERS_TABLE: 'LeaseTable',
        AWS_ENDPOINT_URL_IOT_DATA_PLANE: 'https://BrokerEndpoint.endpointAddress',
      },
    ],
    [
      'Archive',
      {
        DATA_BUCKET: 'DataBucket',
        ARCHIVE_INDEX_TABLE: 'ArchiveIndexTable',
        TRADES_STREAM: 'TradesStream',
        READINGS_STREAM: 'ReadingsStream',
        ALERTS_STREAM: 'AlertsStream',
      },
    ],
    ['Timers', { STATE_TABLE: 'StateTable', TRADES_STREAM: 'TradesStream', READINGS_STREAM: 'ReadingsStream' }],
    [
      'Serve',
      {
        STATE_TABLE: 'StateTable',
        WINDOW_TABLE: 'WindowTable',
        ALARM_TABLE: 'AlarmTable',
        ARCHIVE_INDEX_TABLE: 'ArchiveIndexTable',
        DAY_TABLE: 'DayTable',
        BATCH_TABLE: 'BatchTable',
        DATA_BUCKET: 'DataBucket',
        ATHENA_WORKGROUP: 'tidemark-test',
        GLUE_DATABASE: 'tidemark_test',
        LISTENERS_TABLE: 'LeaseTable',
        AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY: 'wss://BrokerEndpoint.endpointAddress',
        LIVE_ROLE: 'ServeListener.Arn',
      },
    ],
    [
      'Batch',
      {
        ARCHIVE_INDEX_TABLE: 'ArchiveIndexTable',
        BATCH_TABLE: 'BatchTable',
        DAY_TABLE: 'DayTable',
        STATE_TABLE: 'StateTable',
        WINDOW_TABLE: 'WindowTable',
        TRADES_STREAM: 'TradesStream',
        READINGS_STREAM: 'ReadingsStream',
        DATA_BUCKET: 'DataBucket',
        DATABASE: 'tidemark_test',
        LEASE_MS: '8100000',
        GRACE_MS: '21600000',
      },
    ],
  ])('%s is told the names of what it uses, and nothing else', (part, expected) => {
    const variables = at(propertiesOf(synthesis, `${part}HandlerFunction`), 'Environment', 'Variables') as Record<string, string>;
    const { SETTINGS: settings, ...names } = variables;
    expect(Object.fromEntries(Object.entries(names).map(([name, value]) => [name, readable(value)]))).toEqual(expected);
    const { trades, readings, clockSkewMs, speedRetentionDays, sensors } = DISTINCT;
    if (part === 'Timers') expect(settings).toBeUndefined();
    else
      expect(JSON.parse(settings!)).toMatchObject({
        trades,
        readings,
        clockSkewMs,
        speedRetentionDays,
        sensors,
        profiles: DISTINCT.profiles,
      });
  });
});

describe('roles may do exactly what their function does', () => {
  it.each([
    [
      'SpeedHandlerRole',
      [
        ...reads('TradesStream'),
        ...reads('ReadingsStream'),
        ...keepsFailed,
        ...logs('SpeedHandlerLog'),
        'dynamodb:BatchGetItem on StateTable.Arn',
        ...['StateTable', 'WindowTable', 'AlarmTable'].flatMap((table) => [
          `dynamodb:PartiQLInsert on ${table}.Arn`,
          `dynamodb:PartiQLUpdate on ${table}.Arn`,
        ]),
        'dynamodb:PutItem on WindowTable.Arn',
        'dynamodb:PutItem on AlarmTable.Arn',
        'dynamodb:Query on WindowTable.Arn',
        'kinesis:PutRecords on AlertsStream.Arn',
        'dynamodb:GetItem on LeaseTable.Arn',
        'iot:Publish on arn:<Partition>:iot:<Region>:<AccountId>:topic/live/*',
      ],
    ],
    [
      'ArchiveHandlerRole',
      [
        ...reads('TradesStream'),
        ...reads('ReadingsStream'),
        ...reads('AlertsStream'),
        ...keepsFailed,
        ...logs('ArchiveHandlerLog'),
        'dynamodb:BatchWriteItem on ArchiveIndexTable.Arn',
        's3:PutObject on DataBucket.Arn/raw/*',
        's3:PutObject on DataBucket.Arn/alerts/*',
        's3:PutObject on DataBucket.Arn/quarantine/*',
      ],
    ],
    [
      'TimersHandlerRole',
      [
        ...logs('TimersHandlerLog'),
        'dynamodb:PartiQLSelect on StateTable.Arn/index/due-timers',
        'kinesis:PutRecords on TradesStream.Arn',
        'kinesis:PutRecords on ReadingsStream.Arn',
      ],
    ],
    ['TimersScheduleRole', ['lambda:InvokeFunction on TimersHandlerFunction.Arn']],
    [
      'ServeHandlerRole',
      [
        ...logs('ServeHandlerLog'),
        'dynamodb:BatchGetItem on StateTable.Arn',
        'dynamodb:GetItem on StateTable.Arn',
        'dynamodb:GetItem on AlarmTable.Arn',
        'dynamodb:PutItem on LeaseTable.Arn',
        'dynamodb:Query on StateTable.Arn/index/names-by-source',
        'dynamodb:Query on WindowTable.Arn',
        'dynamodb:Query on AlarmTable.Arn',
        'dynamodb:Query on AlarmTable.Arn/index/by-state',
        'dynamodb:Query on AlarmTable.Arn/index/by-day',
        'dynamodb:Query on ArchiveIndexTable.Arn',
        'dynamodb:Query on DayTable.Arn',
        'dynamodb:Query on BatchTable.Arn',
        'dynamodb:GetItem on BatchTable.Arn',
        ...['GetPreparedStatement', 'GetQueryExecution', 'GetQueryResults', 'StartQueryExecution', 'StopQueryExecution'].map(
          (action) => `athena:${action} on ${arn('athena')}:workgroup/tidemark-test`,
        ),
        ...['GetDatabase', 'GetPartitions', 'GetTable'].flatMap((action) =>
          [
            'catalog',
            'database/tidemark_test',
            ...[
              'curated_readings',
              'curated_trades',
              'published',
              'published_lines',
              'raw_readings',
              'raw_trades',
              'readings',
              'trades',
            ].map((table) => `table/tidemark_test/${table}`),
          ].map((resource) => `glue:${action} on ${arn('glue')}:${resource}`),
        ),
        's3:GetBucketLocation on DataBucket.Arn',
        's3:ListBucket on DataBucket.Arn',
        ...['curated/readings', 'curated/trades', 'published', 'raw', 'athena-results'].map(
          (folder) => `s3:GetObject on DataBucket.Arn/${folder}/*`,
        ),
        's3:AbortMultipartUpload on DataBucket.Arn/athena-results/*',
        's3:PutObject on DataBucket.Arn/athena-results/*',
      ],
    ],
  ])('%s', (role, expected) => {
    expect(grantsOf(synthesis, role)).toEqual([...expected].sort());
  });
});

describe('timers', () => {
  it('are called once a minute, without patience for old calls', () => {
    const schedule = propertiesOf(synthesis, 'TimersSchedule');
    expect(schedule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', FlexibleTimeWindow: { Mode: 'OFF' }, State: 'ENABLED' });
    expect(readable(at(schedule, 'Target', 'Arn'))).toBe('TimersHandlerFunction.Arn');
    expect(readable(at(schedule, 'Target', 'RoleArn'))).toBe('TimersScheduleRole.Arn');
    expect(at(schedule, 'Target', 'RetryPolicy')).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 });
  });

  it('end before the next call', () => {
    expect(Number(propertiesOf(synthesis, 'TimersHandlerFunction')['Timeout'])).toBeLessThan(60);
  });
});
