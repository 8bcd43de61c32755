import { Construct } from 'constructs';
import { type Config, settingsOf } from '../config.ts';
import type { DataStack } from '../stacks/data.ts';
import type { MessageBroker } from './message-broker.ts';
import { allow, onItem, RoleFunction } from './role-function.ts';
import { StreamConsumer } from './stream-consumer.ts';

export interface SpeedProps {
  readonly code: string;
  readonly config: Config;
  readonly data: DataStack;
  readonly broker: MessageBroker;
}

/** The speed layer: trades and readings → state, windows, alarms, alerts. It waits for no batch to fill. */
export class Speed extends Construct {
  constructor(scope: Construct, id: string, { code, config, data, broker }: SpeedProps) {
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
        LISTENERS_TABLE: data.lease.tableName,
        SETTINGS: JSON.stringify(settingsOf(config)),
        AWS_ENDPOINT_URL_IOT_DATA_PLANE: `https://${broker.host}`,
      },
      memoryMb: 1_024,
      timeoutSeconds: 60,
      reservedConcurrency: config.shards.trades + config.shards.readings,
      statements: [
        allow(['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], [data.state.tableArn]),
        allow(['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:PutItem'], [data.windows.tableArn, data.alarms.tableArn]),
        allow(['dynamodb:Query'], [data.windows.tableArn]),
        allow(['kinesis:PutRecords'], [data.alerts.streamArn]),
        allow(['dynamodb:GetItem'], [data.lease.tableArn], onItem('listeners')),
        broker.mayPublishLive(),
      ],
    });
    const common = { consumer, failedRecords: data.bucket, batchingWindowSeconds: 0, retryAttempts: 100, recordAgeSeconds: 6 * 3_600 };
    new StreamConsumer(this, 'Trades', { ...common, stream: data.trades, batchSize: 4_000 });
    new StreamConsumer(this, 'Readings', { ...common, stream: data.readings, batchSize: 5_000 });
  }
}
