import { describe, expect, it } from 'vitest';
import { at, type Json, namesOfType, propertiesOf, readable, synthesize } from './assembly.ts';
import { grantsOf, statementsOf } from './statements.ts';

const synthesis = synthesize();

describe('HTTP API', () => {
  it('has one route, which needs an IAM signature', () => {
    expect(namesOfType(synthesis, 'AWS::ApiGatewayV2::Route')).toEqual(['ServeApiGETv1proxy']);
    const route = propertiesOf(synthesis, 'ServeApiGETv1proxy');
    expect(route).toMatchObject({ RouteKey: 'GET /v1/{proxy+}', AuthorizationType: 'AWS_IAM' });
    expect(readable(route['ApiId'])).toBe('ServeApi');
    expect(readable(route['Target'])).toBe('integrations/ServeApiGETv1proxyHandler');
  });

  it('hands its requests to the serve function, in payload format 2.0', () => {
    const integration = propertiesOf(synthesis, 'ServeApiGETv1proxyHandler');
    expect(integration).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    expect(readable(integration['ApiId'])).toBe('ServeApi');
    expect(readable(integration['IntegrationUri'])).toBe('ServeHandlerFunction.Arn');
    const permission = propertiesOf(synthesis, 'ServeApiGETv1proxyHandlerPermission');
    expect(readable(permission['FunctionName'])).toBe('ServeHandlerFunction.Arn');
    expect(readable(permission['SourceArn'])).toBe('arn:<Partition>:execute-api:<Region>:<AccountId>:ServeApi/*/*/v1/{proxy+}');
  });

  it('bounds the rate of requests', () => {
    const stage = propertiesOf(synthesis, 'ServeStage');
    expect(readable(stage['ApiId'])).toBe('ServeApi');
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });
});

describe('serve function', () => {
  const environment = at(propertiesOf(synthesis, 'ServeHandlerFunction'), 'Environment', 'Variables');

  it('is told where the batch leaves what it made, and where the lake is asked', () => {
    const told = (name: string) => readable(at(environment, name));
    expect(told('DAY_TABLE')).toBe('DayTable');
    expect(told('BATCH_TABLE')).toBe('BatchTable');
    expect(told('DATA_BUCKET')).toBe('DataBucket');
    expect(told('ATHENA_WORKGROUP')).toBe(propertiesOf(synthesis, 'QueryWorkgroup')['Name']);
    expect(told('GLUE_DATABASE')).toBe('tidemark_test');
  });

  it('may wait for the lake as long as API Gateway waits for it', () => {
    expect(propertiesOf(synthesis, 'ServeHandlerFunction')['Timeout']).toBe(30);
  });

  it('reads the lake through the workgroup, only what histories are made of, and writes nothing but results', () => {
    const account = '<Region>:<AccountId>';
    const lake = grantsOf(synthesis, 'ServeHandlerRole').filter((grant) => /^(athena|glue|s3):/.test(grant));
    const tables = [
      'curated_readings',
      'curated_trades',
      'published',
      'published_lines',
      'raw_readings',
      'raw_trades',
      'readings',
      'trades',
    ];
    const catalogue = ['catalog', 'database/tidemark_test', ...tables.map((table) => `table/tidemark_test/${table}`)];
    expect(lake).toEqual(
      [
        ...['GetPreparedStatement', 'GetQueryExecution', 'GetQueryResults', 'StartQueryExecution', 'StopQueryExecution'].map(
          (action) => `athena:${action} on arn:<Partition>:athena:${account}:workgroup/tidemark-test`,
        ),
        ...['GetDatabase', 'GetPartitions', 'GetTable'].flatMap((action) =>
          catalogue.map((resource) => `glue:${action} on arn:<Partition>:glue:${account}:${resource}`),
        ),
        's3:GetBucketLocation on DataBucket.Arn',
        's3:ListBucket on DataBucket.Arn',
        ...['curated/readings', 'curated/trades', 'published', 'raw', 'athena-results'].map(
          (folder) => `s3:GetObject on DataBucket.Arn/${folder}/*`,
        ),
        's3:AbortMultipartUpload on DataBucket.Arn/athena-results/*',
        's3:PutObject on DataBucket.Arn/athena-results/*',
      ].sort(),
    );
  });

  it('writes to no table but the item that says who listens', () => {
    const writes = grantsOf(synthesis, 'ServeHandlerRole').filter((grant) => /^dynamodb:(?!BatchGetItem|GetItem|Query)/.test(grant));
    expect(writes).toEqual(['dynamodb:PutItem on LeaseTable.Arn']);
  });
});

describe('message broker', () => {
  const endpoint = propertiesOf(synthesis, 'BrokerEndpoint');

  it("is the account's own: its host is asked for, by a function that may do nothing else", () => {
    const call = { service: 'IoT', action: 'describeEndpoint', parameters: { endpointType: 'iot:Data-ATS' } };
    for (const event of ['Create', 'Update']) expect(JSON.parse(String(endpoint[event]))).toMatchObject(call);
    const provider = readable(endpoint['ServiceToken']).replace(/\.Arn$/, '');
    expect(readable(propertiesOf(synthesis, provider)['Role'])).toBe('BrokerRole.Arn');
    expect(grantsOf(synthesis, 'BrokerRole')).toEqual([
      'iot:DescribeEndpoint on *',
      'logs:CreateLogStream on BrokerLog.Arn',
      'logs:PutLogEvents on BrokerLog.Arn',
    ]);
  });

  it('lets a page only connect under a name of pages and hear what is meant for pages', () => {
    const iot = 'arn:<Partition>:iot:<Region>:<AccountId>';
    expect(grantsOf(synthesis, 'ServeListener')).toEqual([
      `iot:Connect on ${iot}:client/live-*`,
      `iot:Receive on ${iot}:topic/live/*`,
      `iot:Subscribe on ${iot}:topicfilter/live/*`,
    ]);
  });

  it('is used while somebody listens: who gives out addresses writes the one item that says so, and who publishes reads it', () => {
    const grants = statementsOf(synthesis).filter(({ of, resources }) => /^(Serve|Speed)/.test(of) && resources.includes('LeaseTable.Arn'));
    const condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['listeners'] } };
    expect(grants.map(({ of, actions, condition }) => ({ of, actions, condition }))).toEqual([
      { of: 'SpeedHandlerRole', actions: ['dynamodb:GetItem'], condition },
      { of: 'ServeHandlerRole', actions: ['dynamodb:PutItem'], condition },
    ]);
  });

  it('keeps the topics of pages apart from those of devices', () => {
    const publishing = statementsOf(synthesis).filter(({ of, actions }) => of === 'IngestDevicePolicy' && actions.includes('iot:Publish'));
    expect(publishing.flatMap(({ resources }) => resources).filter((resource) => /topic\/(live|\*)/.test(resource))).toEqual([]);
  });
});

describe('dashboard', () => {
  const distribution = at(propertiesOf(synthesis, 'DashboardDistribution'), 'DistributionConfig')!;
  const origins = at(distribution, 'Origins') as readonly Json[];
  const originOf = (behaviour: Json | undefined): Json => origins.find((origin) => at(origin, 'Id') === at(behaviour, 'TargetOriginId'))!;
  const files = at(distribution, 'DefaultCacheBehavior');
  const api = at(distribution, 'CacheBehaviors', 0);

  it('shows the files of its private bucket, which answers this distribution alone', () => {
    expect(readable(at(originOf(files), 'DomainName'))).toBe('DashboardBucket.RegionalDomainName');
    expect(readable(at(originOf(files), 'OriginAccessControlId'))).toMatch(/^DashboardDistribution.*OriginAccessControl\.Id$/);
    expect(at(distribution, 'DefaultRootObject')).toBe('index.html');
    const [reader, ...others] = statementsOf(synthesis).filter(({ of, effect }) => of === 'DashboardBucketPolicy' && effect === 'Allow');
    expect(others).toEqual([]);
    expect(reader!.principal).toEqual({ Service: 'cloudfront.amazonaws.com' });
    const source = at(reader!.condition, 'StringEquals', 'AWS:SourceArn');
    expect(readable(source)).toBe('arn:<Partition>:cloudfront::<AccountId>:distribution/DashboardDistribution');
  });

  it('passes /v1 to the API whole, and keeps no answer of it', () => {
    expect(at(distribution, 'CacheBehaviors')).toHaveLength(1);
    expect(at(api, 'PathPattern')).toBe('/v1/*');
    expect(readable(at(originOf(api), 'DomainName'))).toBe('ServeApi.execute-api.<Region>.<URLSuffix>');
    expect(at(originOf(api), 'CustomOriginConfig', 'OriginProtocolPolicy')).toBe('https-only');
    // AWS's own policies: CachingDisabled, AllViewerExceptHostHeader.
    expect(at(api, 'CachePolicyId')).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
    expect(at(api, 'OriginRequestPolicyId')).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
  });

  it.each([
    ['files', files],
    ['API', api],
  ])('sends the same security headers with the %s, by HTTPS only', (_, behaviour) => {
    expect(readable(at(behaviour, 'ResponseHeadersPolicyId'))).toBe('DashboardHeaders');
    expect(at(behaviour, 'ViewerProtocolPolicy')).toBe('redirect-to-https');
    expect(at(behaviour, 'AllowedMethods')).toEqual(['GET', 'HEAD']);
  });

  it('allows a page nothing but its own address and the broker', () => {
    const headers = at(propertiesOf(synthesis, 'DashboardHeaders'), 'ResponseHeadersPolicyConfig', 'SecurityHeadersConfig');
    expect(readable(at(headers, 'ContentSecurityPolicy', 'ContentSecurityPolicy'))).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self' wss://BrokerEndpoint.endpointAddress; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers).toEqual({
      ContentSecurityPolicy: { Override: true, ContentSecurityPolicy: expect.anything() },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true, Override: true },
    });
  });

  it('gets its files at each deployment, which caches ask for each time, and leaves none behind', () => {
    const deployment = propertiesOf(synthesis, 'DashboardDeploymentCustomResource');
    expect(readable(deployment['DestinationBucketName'])).toBe('DashboardBucket');
    expect(deployment['SourceObjectKeys']).toHaveLength(2);
    expect(deployment).toMatchObject({ Prune: true, RetainOnDelete: false, SystemMetadata: { 'cache-control': 'no-cache' } });
  });
});

describe('outputs', () => {
  it('say what a person needs after a deployment', () => {
    const values = Object.fromEntries(Object.entries(synthesis.outputs).map(([name, value]) => [name, readable(value)]));
    expect(values).toEqual({
      ApiUrl: 'ServeApi.ApiEndpoint',
      DailyStateMachineArn: 'BatchDaily.Arn',
      DashboardUrl: 'https://DashboardDistribution.DomainName',
      IngestRuleName: 'IngestRule',
      DevicePolicyName: 'IngestDevicePolicy',
      TradesStreamName: 'TradesStream',
      ReadingsStreamName: 'ReadingsStream',
      AlertsStreamName: 'AlertsStream',
      FeedTokenArn: 'FeedToken',
      FeedTableName: 'LeaseTable',
    });
  });
});
