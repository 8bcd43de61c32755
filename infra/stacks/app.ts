import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CodeFolders } from '../bundle.ts';
import type { Config } from '../config.ts';
import { Archive } from '../constructs/archive.ts';
import { Batch } from '../constructs/batch.ts';
import { Dashboard } from '../constructs/dashboard.ts';
import { Feed } from '../constructs/feed.ts';
import { Ingest } from '../constructs/ingest.ts';
import { MessageBroker } from '../constructs/message-broker.ts';
import { Observe } from '../constructs/observe.ts';
import { Serve } from '../constructs/serve.ts';
import { Speed } from '../constructs/speed.ts';
import { Timers } from '../constructs/timers.ts';
import type { DataStack } from './data.ts';

export interface AppStackProps extends StackProps {
  readonly config: Config;
  readonly code: CodeFolders;
  readonly data: DataStack;
}

/** Everything that holds no data and may be replaced at any time. */
export class AppStack extends Stack {
  constructor(scope: Construct, id: string, props: AppStackProps) {
    super(scope, id, props);
    const { config, code, data } = props;
    const ingest = new Ingest(this, 'Ingest', { stage: config.stage, readings: data.readings, failedMessages: data.bucket });
    new Feed(this, 'Feed', { code: code.feed, symbols: config.symbols, data });
    const broker = new MessageBroker(this, 'Broker');
    new Speed(this, 'Speed', { code: code.functions.speed, config, data, broker });
    new Archive(this, 'Archive', { code: code.functions.archive, config, data });
    new Timers(this, 'Timers', { code: code.functions.timers, data });
    const batch = new Batch(this, 'Batch', { code: code.functions.batch, config, data });
    new Observe(this, 'Observe', { batch });
    const serve = new Serve(this, 'Serve', { code: code.functions.serve, config, data, broker });
    const dashboard = new Dashboard(this, 'Dashboard', { files: code.web, api: serve.api, broker: broker.host });

    const output = (id: string, value: string, description: string) => new CfnOutput(this, id, { value, description });
    output('ApiUrl', serve.api.apiEndpoint, 'HTTP API, under /v1');
    output('DashboardUrl', dashboard.url, 'Dashboard, and the API under /v1 of the same address');
    output('IngestRuleName', ingest.ruleName, 'IoT rule that devices may address directly');
    output('DevicePolicyName', ingest.devicePolicyName, "IoT policy for each device's certificate");
    output('TradesStreamName', data.trades.streamName, 'Stream of trades');
    output('ReadingsStreamName', data.readings.streamName, 'Stream of readings');
    output('AlertsStreamName', data.alerts.streamName, 'Stream of alerts');
    output('DailyStateMachineArn', batch.machine.attrArn, 'State machine of the batch: start it for days of your choice');
    output('FeedTokenArn', data.feedToken.secretArn, 'Secret to put the Finnhub token into');
  }
}
