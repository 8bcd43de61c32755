import { afterEach, describe, expect, it } from 'vitest';
import { readFeedEnvironment } from '../../feed/environment.ts';
import { at, DISTINCT, type Json, namesOfType, propertiesOf, readable, synthesize } from './assembly.ts';
import { grantsOf, statementsOf } from './statements.ts';

const synthesis = synthesize();
const service = propertiesOf(synthesis, 'FeedService');
const task = propertiesOf(synthesis, 'FeedTask');
const container = at(task, 'ContainerDefinitions', 0)!;
const pairs = (list: Json | undefined, value: string): Record<string, string> =>
  Object.fromEntries((list as readonly Json[]).map((entry) => [String(at(entry, 'Name')), readable(at(entry, value))]));

describe('feed', () => {
  it('is one task and never two: the old one ends first, in a deployment and between zones', () => {
    expect(namesOfType(synthesis, 'AWS::ECS::Service')).toEqual(['FeedService']);
    expect(service).toMatchObject({
      LaunchType: 'FARGATE',
      DesiredCount: 1,
      AvailabilityZoneRebalancing: 'DISABLED',
      DeploymentConfiguration: {
        MinimumHealthyPercent: 0,
        MaximumPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
    for (const type of ['AWS::ApplicationAutoScaling::ScalableTarget', 'AWS::AutoScaling::AutoScalingGroup']) {
      expect(namesOfType(synthesis, type)).toEqual([]);
    }
  });

  it('runs one container on ARM, with the image of its own folder', () => {
    expect(readable(service['TaskDefinition'])).toBe('FeedTask');
    expect(task['ContainerDefinitions']).toHaveLength(1);
    expect(task).toMatchObject({
      Cpu: '256',
      Memory: '512',
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
    expect(at(container, 'ReadonlyRootFilesystem')).toBe(true);
  });

  it('is told stream, table, address and symbols in the form that it reads', () => {
    const environment = pairs(at(container, 'Environment'), 'Value');
    expect(readFeedEnvironment({ ...environment, FINNHUB_TOKEN: 'any' })).toEqual({
      stream: 'TradesStream',
      leaseTable: 'LeaseTable',
      url: 'wss://ws.finnhub.io',
      token: 'any',
      symbols: DISTINCT.symbols,
    });
  });

  it('may put trades into their stream and keep its lease, and its start may fetch image and token', () => {
    expect(readable(task['TaskRoleArn'])).toBe('FeedTaskRole.Arn');
    expect(readable(task['ExecutionRoleArn'])).toBe('FeedExecutionRole.Arn');
    expect(grantsOf(synthesis, 'FeedTaskRole')).toEqual([
      'dynamodb:DeleteItem on LeaseTable.Arn',
      'dynamodb:GetItem on LeaseTable.Arn',
      'dynamodb:GetItem on LeaseTable.Arn',
      'dynamodb:PutItem on LeaseTable.Arn',
      'kinesis:PutRecords on TradesStream.Arn',
    ]);
    const repository = 'arn:<Partition>:ecr:<Region>:<AccountId>:repository/cdk-hnb659fds-container-assets-<AccountId>-<Region>';
    expect(grantsOf(synthesis, 'FeedExecutionRole')).toEqual([
      `ecr:BatchCheckLayerAvailability on ${repository}`,
      `ecr:BatchGetImage on ${repository}`,
      'ecr:GetAuthorizationToken on *',
      `ecr:GetDownloadUrlForLayer on ${repository}`,
      'logs:CreateLogStream on FeedLog.Arn',
      'logs:PutLogEvents on FeedLog.Arn',
      'secretsmanager:GetSecretValue on FeedToken',
    ]);
  });

  it('may read which symbols it is to hear, and write nothing but its lease: each is one item of the table', () => {
    const onTable = statementsOf(synthesis).filter(({ of, resources }) => of === 'FeedTaskRole' && resources.includes('LeaseTable.Arn'));
    const onItem = (name: string) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [name] } });
    expect(onTable.map(({ actions, condition }) => [actions, condition])).toEqual([
      [['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], onItem('feed')],
      [['dynamodb:GetItem'], onItem('symbols')],
    ]);
    expect(Object.keys(synthesis.templates.app['Outputs'] as object)).toContain('FeedTableName');
  });

  it('reaches out by HTTPS from public subnets without a NAT gateway, and nothing reaches in', () => {
    expect(namesOfType(synthesis, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(at(service, 'NetworkConfiguration', 'AwsvpcConfiguration', 'AssignPublicIp')).toBe('ENABLED');
    const group = propertiesOf(synthesis, 'FeedEgress');
    expect(group['SecurityGroupIngress']).toBeUndefined();
    expect(group['SecurityGroupEgress']).toMatchObject([{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }]);
    expect(namesOfType(synthesis, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });
});

describe('token', () => {
  afterEach(() => {
    delete process.env['FINNHUB_TOKEN'];
  });

  it('comes to the container from Secrets Manager, and stands nowhere else', () => {
    expect(pairs(at(container, 'Secrets'), 'ValueFrom')).toEqual({ FINNHUB_TOKEN: 'FeedToken' });
    const { app, data } = synthesis.templates;
    expect(JSON.stringify(app).split('FINNHUB_TOKEN')).toHaveLength(2);
    expect(JSON.stringify(data)).not.toContain('FINNHUB_TOKEN');
    expect(propertiesOf(synthesis, 'FeedToken')).toEqual({ Description: expect.any(String), GenerateSecretString: {} });
    expect(JSON.stringify([app, data])).not.toContain('{{resolve:');
  });

  it('is not taken from the environment of a synthesis', () => {
    process.env['FINNHUB_TOKEN'] = 'token-of-whoever-synthesizes';
    expect(JSON.stringify(synthesize().templates)).not.toContain('token-of-whoever-synthesizes');
  });
});
