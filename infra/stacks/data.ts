import { Aws, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { LakeTable } from '../constructs/lake-table.ts';
import { LakeView } from '../constructs/lake-view.ts';
import { QueryWorkgroup } from '../constructs/query-workgroup.ts';
import { RESULT_FOLDER, TABLES, VIEWS } from '../lake.ts';

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
  /** Daily rows of the published generations, and of those that are not published yet. */
  readonly day: Table;
  /** Runs of the batch, their lock, generations, drift. */
  readonly batch: Table;
  readonly bucket: Bucket;
  /** Name of the Glue database. */
  readonly databaseName: string;
  /** Name of the Athena workgroup. */
  readonly workgroupName: string;
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
    this.day = table('DayTable', { partitionKey: string('key'), sortKey: string('dayGen') });
    this.batch = table('BatchTable', { partitionKey: string('name'), sortKey: string('at'), timeToLiveAttribute: 'expiresAt' });

    this.bucket = new Bucket(this, 'DataBucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // Answers of Athena: read within seconds, or asked for again.
        { prefix: `${RESULT_FOLDER}/`, expiration: Duration.days(7) },
      ],
      removalPolicy,
    });
    this.databaseName = `tidemark_${config.stage.replaceAll('-', '_')}`;
    this.workgroupName = `tidemark-${config.stage}`;
    this.#catalogue(config.stage);
    // CloudFormation puts a random value in; the operator replaces it with the real token. No template ever holds it.
    this.feedToken = new Secret(this, 'FeedToken', {
      description: 'Token of the Finnhub account whose trades the feed reads',
      removalPolicy,
    });
  }

  /** What Athena knows: database and workgroup are named, since queries name them. */
  #catalogue(stage: string): void {
    const { bucket, databaseName: name, workgroupName } = this;
    const { ref } = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: `Tidemark, stage ${stage}` },
    });
    for (const [id, definition] of Object.entries(TABLES)) new LakeTable(this, id, { database: ref, bucket, definition });
    for (const [id, definition] of Object.entries(VIEWS)) new LakeView(this, id, { database: { ref, name }, definition });
    new QueryWorkgroup(this, 'Query', { name: workgroupName, bucket, resultFolder: RESULT_FOLDER });
  }
}
