import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data.ts';
import { allow, onItem } from './role-function.ts';

const FINNHUB_URL = 'wss://ws.finnhub.io';

export interface FeedProps {
  /** Folder with Dockerfile and bundle. */
  readonly code: string;
  /** Heard as long as the item `symbols` of the lease's table names no others. */
  readonly symbols: readonly string[];
  readonly data: DataStack;
}

/** Finnhub's websocket → stream `trades`: one small container, and never two of them, also during a deployment. */
export class Feed extends Construct {
  constructor(scope: Construct, id: string, { code, symbols, data }: FeedProps) {
    super(scope, id);
    const vpc: IVpc = new Vpc(this, 'Network', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
      restrictDefaultSecurityGroup: false,
    }) as IVpc;
    const securityGroup = new SecurityGroup(this, 'Egress', {
      vpc,
      description: 'Feed: out by HTTPS, nothing in',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Finnhub, Kinesis, DynamoDB, ECR, Secrets Manager, CloudWatch');
    const image = new DockerImageAsset(this, 'Image', { directory: code, platform: Platform.LINUX_ARM64 });
    const logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const task = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      taskRole: this.#role('TaskRole', [
        allow(['kinesis:PutRecords'], [data.trades.streamArn]),
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [data.lease.tableArn], onItem('feed')),
        // The symbols are somebody else's to write.
        allow(['dynamodb:GetItem'], [data.lease.tableArn], onItem('symbols')),
      ]),
      executionRole: this.#role('ExecutionRole', [
        // This action knows no resource.
        allow(['ecr:GetAuthorizationToken'], ['*']),
        allow(['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], [image.repository.repositoryArn]),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
        allow(['secretsmanager:GetSecretValue'], [data.feedToken.secretArn]),
      ]),
    });
    task.addContainer('Feed', {
      image: ecs.ContainerImage.fromDockerImageAsset(image),
      environment: {
        TRADES_STREAM: data.trades.streamName,
        LEASE_TABLE: data.lease.tableName,
        FINNHUB_URL,
        SYMBOLS: symbols.join(','),
      },
      secrets: { FINNHUB_TOKEN: ecs.Secret.fromSecretsManager(data.feedToken as ISecret) },
      logging: ecs.LogDriver.awsLogs({ logGroup, streamPrefix: 'feed' }),
      readonlyRootFilesystem: true,
    });
    new ecs.FargateService(this, 'Service', {
      cluster: new ecs.Cluster(this, 'Cluster', { vpc }) as ecs.ICluster,
      taskDefinition: task,
      desiredCount: 1,
      // The old task stops before the new one starts. Rebalancing between zones would start it first.
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
      circuitBreaker: { enable: true, rollback: true },
      assignPublicIp: true,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      securityGroups: [securityGroup],
    });
    new CfnOutput(this, 'Table', {
      value: data.lease.tableName,
      description: 'Table whose item "symbols" says what the feed hears (npm run symbols -- --table)',
    }).overrideLogicalId('FeedTableName');
  }

  #role(id: string, statements: PolicyStatement[]) {
    const inlinePolicies = { Allowed: new PolicyDocument({ statements }) };
    return new Role(this, id, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'), inlinePolicies }).withoutPolicyUpdates();
  }
}
