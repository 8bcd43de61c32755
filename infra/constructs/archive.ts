import { Construct } from 'constructs';
import { type Config, settingsOf } from '../config.ts';
import type { DataStack } from '../stacks/data.ts';
import { allow, RoleFunction } from './role-function.ts';
import { StreamConsumer } from './stream-consumer.ts';

export interface ArchiveProps {
  readonly code: string;
  readonly config: Config;
  readonly data: DataStack;
}

/** The archive: every stream record → Parquet in the data bucket, and a row of what each object holds. Large batches make large files. */
export class Archive extends Construct {
  constructor(scope: Construct, id: string, { code, config, data }: ArchiveProps) {
    super(scope, id);
    const { trades, readings, alerts } = config.shards;
    const consumer = new RoleFunction(this, 'Handler', {
      code,
      description: 'Keeps trades, readings and alerts as Parquet',
      environment: {
        DATA_BUCKET: data.bucket.bucketName,
        ARCHIVE_INDEX_TABLE: data.archiveIndex.tableName,
        TRADES_STREAM: data.trades.streamName,
        READINGS_STREAM: data.readings.streamName,
        ALERTS_STREAM: data.alerts.streamName,
        SETTINGS: JSON.stringify(settingsOf(config)),
      },
      memoryMb: 2_048,
      timeoutSeconds: 120,
      reservedConcurrency: trades + readings + alerts,
      statements: [
        allow(
          ['s3:PutObject'],
          ['raw/*', 'alerts/*', 'quarantine/*'].map((keys) => data.bucket.arnForObjects(keys)),
        ),
        allow(['dynamodb:BatchWriteItem'], [data.archiveIndex.tableArn]),
      ],
    });
    const common = {
      consumer,
      failedRecords: data.bucket,
      batchingWindowSeconds: config.archive.batchingWindowSeconds,
      retryAttempts: 1_000,
      recordAgeSeconds: 18 * 3_600,
    };
    new StreamConsumer(this, 'Trades', { ...common, stream: data.trades, batchSize: 10_000 });
    new StreamConsumer(this, 'Readings', { ...common, stream: data.readings, batchSize: 10_000 });
    new StreamConsumer(this, 'Alerts', { ...common, stream: data.alerts, batchSize: 5_000 });
  }
}
