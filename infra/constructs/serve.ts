import { HttpApi, HttpMethod, HttpNoneAuthorizer, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ArnPrincipal, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type Config, settingsOf } from '../config.ts';
import type { DataStack } from '../stacks/data.ts';
import { type LakeQueries, mayQuery } from './lake-queries.ts';
import type { MessageBroker } from './message-broker.ts';
import { allow, onItem, RoleFunction } from './role-function.ts';

/** What histories are made of: trades and readings, each once, from published generations and raw rows. */
const HISTORIES: LakeQueries = {
  tables: ['curated_readings', 'curated_trades', 'published', 'published_lines', 'raw_readings', 'raw_trades', 'readings', 'trades'],
  folders: ['curated/readings', 'curated/trades', 'published', 'raw'],
};

export interface ServeProps {
  readonly code: string;
  readonly config: Config;
  readonly data: DataStack;
  readonly broker: MessageBroker;
}

/** The HTTP API: one route, `GET /v1/…`, signed with IAM unless configured otherwise. */
export class Serve extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, { code, config, data, broker }: ServeProps) {
    super(scope, id);
    const handler = new RoleFunction(this, 'Handler', {
      code,
      description: 'Answers the HTTP API',
      environment: {
        STATE_TABLE: data.state.tableName,
        WINDOW_TABLE: data.windows.tableName,
        ALARM_TABLE: data.alarms.tableName,
        ARCHIVE_INDEX_TABLE: data.archiveIndex.tableName,
        DAY_TABLE: data.day.tableName,
        BATCH_TABLE: data.batch.tableName,
        DATA_BUCKET: data.bucket.bucketName,
        ATHENA_WORKGROUP: data.workgroupName,
        GLUE_DATABASE: data.databaseName,
        LISTENERS_TABLE: data.lease.tableName,
        SETTINGS: JSON.stringify(settingsOf(config)),
        AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY: `wss://${broker.host}`,
      },
      memoryMb: 512,
      // As long as API Gateway waits: a history may take 20 s.
      timeoutSeconds: 30,
      reservedConcurrency: 20,
      statements: [
        allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem'], [data.state.tableArn]),
        allow(['dynamodb:GetItem'], [data.alarms.tableArn, data.batch.tableArn]),
        allow(['dynamodb:PutItem'], [data.lease.tableArn], onItem('listeners')),
        allow(
          ['dynamodb:Query'],
          [
            `${data.state.tableArn}/index/names-by-source`,
            data.windows.tableArn,
            data.alarms.tableArn,
            `${data.alarms.tableArn}/index/by-state`,
            `${data.alarms.tableArn}/index/by-day`,
            data.archiveIndex.tableArn,
            data.day.tableArn,
            data.batch.tableArn,
          ],
        ),
        ...mayQuery(data, HISTORIES),
      ],
    });
    // Whom pages connect as: the function takes the role for each of them, so that an address holds none of its own permissions.
    const listener = new Role(this, 'Listener', {
      assumedBy: new ArnPrincipal(handler.function.role!.roleArn),
      inlinePolicies: { Allowed: new PolicyDocument({ statements: broker.mayListenLive() }) },
    });
    handler.function.addEnvironment('LIVE_ROLE', listener.roleArn);
    this.api = new HttpApi(this, 'Api', { createDefaultStage: false, description: 'Tidemark' });
    this.api.addRoutes({
      path: '/v1/{proxy+}',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Handler', handler.function),
      authorizer: config.api.auth === 'iam' ? new HttpIamAuthorizer() : new HttpNoneAuthorizer(),
    });
    // API Gateway answers 429 above this: what a public address may cost is bounded.
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 50, burstLimit: 100 },
    });
  }
}
