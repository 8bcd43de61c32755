import { Aws, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { RawTable } from '../constructs/raw-table.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
  /** Streams, tables and buckets go with their stack; otherwise they outlive it. */
  readonly destroyData: boolean;
}

/** Everything that holds data: renaming a construct here replaces what it holds (a test pins the logical ids). */
export class DataStack extends Stack {
  readonly trades: Stream;
  readonly readings: Stream;
  readonly alerts: Stream;
  readonly state: Table;
  readonly windows: Table;
  readonly alarms: Table;
  readonly archiveIndex: Table;
  /** Who of several feeds delivers: one item. */
  readonly lease: Table;
  readonly bucket: Bucket;
  readonly feedToken: Secret;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { config } = props;
    const removalPolicy = props.destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const number = (name: string) => ({ name, type: AttributeType.NUMBER });
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    const stream = (name: 'trades' | 'readings' | 'alerts') =>
      new Stream(this, `${name[0]!.toUpperCase()}${name.slice(1)}Stream`, {
        streamMode: StreamMode.PROVISIONED,
        shardCount: config.shards[name],
        retentionPeriod: Duration.hours(config.streamRetentionHours),
        encryption: StreamEncryption.MANAGED,
        removalPolicy,
      });
    const table = (tableId: string, keys: Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>) =>
      new Table(this, tableId, {
        ...keys,
        billingMode: BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: !props.destroyData,
        removalPolicy,
      });

    this.trades = stream('trades');
    this.readings = stream('readings');
    this.alerts = stream('alerts');

    this.state = table('StateTable', { partitionKey: string('key') });
    const keysOnly = { projectionType: ProjectionType.KEYS_ONLY };
    this.state.addGlobalSecondaryIndex({
      indexName: 'due-timers',
      partitionKey: number('timerSlot'),
      sortKey: number('timerAt'),
      ...keysOnly,
    });
    this.state.addGlobalSecondaryIndex({
      indexName: 'names-by-source',
      partitionKey: string('source'),
      sortKey: string('name'),
      ...keysOnly,
    });
    this.windows = table('WindowTable', { partitionKey: string('key'), sortKey: number('startMs'), timeToLiveAttribute: 'expiresAt' });
    this.alarms = table('AlarmTable', { partitionKey: string('alarmId'), sortKey: string('record'), timeToLiveAttribute: 'expiresAt' });
    const whole = { projectionType: ProjectionType.ALL };
    this.alarms.addGlobalSecondaryIndex({ indexName: 'by-state', partitionKey: string('state'), sortKey: string('rank'), ...whole });
    this.alarms.addGlobalSecondaryIndex({ indexName: 'by-day', partitionKey: string('day'), sortKey: string('at'), ...whole });
    this.archiveIndex = table('ArchiveIndexTable', { partitionKey: string('lane'), sortKey: string('object') });
    this.lease = table('LeaseTable', { partitionKey: string('name') });

    this.bucket = new Bucket(this, 'DataBucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy,
    });
    this.#catalogue(config.stage);
    // CloudFormation puts a random value in; the operator replaces it with the real token. No template ever holds it.
    this.feedToken = new Secret(this, 'FeedToken', {
      description: 'Token of the Finnhub account whose trades the feed reads',
      removalPolicy,
    });
  }

  /** The Glue database and its raw tables: named, since queries name them. */
  #catalogue(stage: string): void {
    const name = `tidemark_${stage.replaceAll('-', '_')}`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: `Tidemark, stage ${stage}` },
    }).ref;
    const { bucket } = this;
    new RawTable(this, 'RawTrades', {
      database,
      bucket,
      source: 'trades',
      columns: [
        ['symbol', 'string'],
        ['price', 'double'],
        ['size', 'double'],
        ['conditions', 'string'],
        ['quality', 'string'],
      ],
    });
    new RawTable(this, 'RawReadings', {
      database,
      bucket,
      source: 'readings',
      columns: [
        ['sensor_id', 'string'],
        ['temperature_c', 'double'],
        ['humidity_pct', 'double'],
        ['quality', 'string'],
        ['boot', 'string'],
        ['seq', 'bigint'],
      ],
    });
  }
}
