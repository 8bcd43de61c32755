import { Construct } from 'constructs';
import { type Config, settingsOf } from '../config.ts';
import type { DataStack } from '../stacks/data.ts';
import { allow, RoleFunction } from './role-function.ts';
import { StreamConsumer } from './stream-consumer.ts';

export interface SpeedProps {
  readonly code: string;
  readonly config: Config;
  readonly data: DataStack;
}

/** The speed layer: trades and readings → state, windows, alarms, alerts. It waits for no batch to fill. */
export class Speed extends Construct {
  constructor(scope: Construct, id: string, { code, config, data }: SpeedProps) {
    super(scope, id);
    const consumer = new RoleFunction(this, 'Handler', {
      code,
      description: 'Folds trades and readings into state, windows and alarms',
      environment: {
        STATE_TABLE: data.state.tableName,
        WINDOW_TABLE: data.windows.tableName,
        ALARM_TABLE: data.alarms.tableName,
        TRADES_STREAM: data.trades.streamName,
        READINGS_STREAM: data.readings.streamName,
        ALERTS_STREAM: data.alerts.streamName,
        SETTINGS: JSON.stringify(settingsOf(config)),
      },
      memoryMb: 1_024,
      timeoutSeconds: 60,
      reservedConcurrency: config.shards.trades + config.shards.readings,
      statements: [
        allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [data.state.tableArn]),
        allow(['dynamodb:PutItem'], [data.windows.tableArn, data.alarms.tableArn]),
        allow(['kinesis:PutRecords'], [data.alerts.streamArn]),
      ],
    });
    const common = { consumer, failedRecords: data.bucket, batchingWindowSeconds: 0, retryAttempts: 100, recordAgeSeconds: 6 * 3_600 };
    new StreamConsumer(this, 'Trades', { ...common, stream: data.trades, batchSize: 1_000 });
    new StreamConsumer(this, 'Readings', { ...common, stream: data.readings, batchSize: 2_000 });
  }
}
