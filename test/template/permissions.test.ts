import { describe, expect, it } from 'vitest';
import { at, namesOfType, propertiesOf, readable, synthesize } from './assembly.ts';
import { type Statement, statementsOf } from './statements.ts';

const synthesis = synthesize();

/** Every `*` that something is allowed, as `holder: action on resource`, each with the reason why it cannot be narrower. */
const WIDE: Readonly<Record<string, string>> = {
  'FeedExecutionRole: ecr:GetAuthorizationToken on *': 'the action knows no resource',
  'SpeedHandlerRole: s3:PutObject on DataBucket.Arn/aws/lambda/*': 'Lambda chooses the key of a failed batch below this prefix',
  'ArchiveHandlerRole: s3:PutObject on DataBucket.Arn/aws/lambda/*': 'Lambda chooses the key of a failed batch below this prefix',
  'ArchiveHandlerRole: s3:PutObject on DataBucket.Arn/raw/*': 'keys hold day, hour and position',
  'ArchiveHandlerRole: s3:PutObject on DataBucket.Arn/alerts/*': 'keys hold day and position',
  'ArchiveHandlerRole: s3:PutObject on DataBucket.Arn/quarantine/*': 'keys hold day and position',
  'ServeHandlerRole: s3:GetObject on DataBucket.Arn/curated/readings/*': 'keys hold day and generation',
  'ServeHandlerRole: s3:GetObject on DataBucket.Arn/curated/trades/*': 'keys hold day and generation',
  'ServeHandlerRole: s3:GetObject on DataBucket.Arn/published/*': 'what a table lies in is a folder',
  'ServeHandlerRole: s3:GetObject on DataBucket.Arn/raw/*': 'keys hold day, hour and position',
  'ServeHandlerRole: s3:AbortMultipartUpload on DataBucket.Arn/athena-results/*': 'Athena chooses the keys of results',
  'ServeHandlerRole: s3:GetObject on DataBucket.Arn/athena-results/*': 'Athena chooses the keys of results',
  'ServeHandlerRole: s3:PutObject on DataBucket.Arn/athena-results/*': 'Athena chooses the keys of results',
  'BatchHandlerRole: s3:DeleteObject on DataBucket.Arn/curated/*': 'keys hold day and generation',
  'BatchHandlerRole: s3:DeleteObject on DataBucket.Arn/reference/sensor_limits/*': 'keys hold day and generation',
  'BatchHandlerRole: s3:GetObject on DataBucket.Arn/athena-results/*': 'Athena chooses the keys of results',
  'BatchHandlerRole: s3:GetObject on DataBucket.Arn/curated/*': 'keys hold day and generation',
  'BatchHandlerRole: s3:PutObject on DataBucket.Arn/curated/inputs/*': 'keys hold day and generation',
  'BatchHandlerRole: s3:PutObject on DataBucket.Arn/reconciliation/*': 'keys hold day and generation',
  'BatchHandlerRole: s3:PutObject on DataBucket.Arn/reference/sensor_limits/*': 'keys hold day and generation',
  'BatchHandlerRole: states:DescribeExecution on arn:<Partition>:states:<Region>:<AccountId>:execution:tidemark-test-daily:*':
    'the names of executions are random',
  ...Object.fromEntries(
    ['Create', 'Delete', 'Get', 'Update']
      .map((verb) => `${verb}LogDelivery`)
      .concat('DescribeLogGroups', 'DescribeResourcePolicies', 'ListLogDeliveries', 'PutResourcePolicy')
      .map((action) => [`BatchMachineRole: logs:${action} on *`, 'what Step Functions delivers its log by knows no resource']),
  ),
  ...Object.fromEntries(
    ['athena-results', 'curated/daily_sensor_stats', 'curated/daily_trade_stats', 'curated/readings', 'curated/trades'].flatMap((folder) =>
      ['AbortMultipartUpload', 'ListMultipartUploadParts', 'PutObject'].map((action) => [
        `BatchMachineRole: s3:${action} on DataBucket.Arn/${folder}/*`,
        'Athena chooses the keys of what it writes',
      ]),
    ),
  ),
  'BatchMachineRole: s3:GetObject on DataBucket.Arn/athena-results/*': 'Athena chooses the keys of results',
  'BatchMachineRole: s3:GetObject on DataBucket.Arn/curated/*': 'keys hold day and generation',
  'BatchMachineRole: s3:GetObject on DataBucket.Arn/raw/*': 'keys hold day, hour and position',
  'BatchMachineRole: s3:GetObject on DataBucket.Arn/reference/sensor_limits/*': 'keys hold day and generation',
  'IngestErrorRole: s3:PutObject on DataBucket.Arn/failed/ingest/*': 'keys hold time and a random id',
  'DashboardDeploymentRole: s3:PutObject on DashboardBucket.Arn/*': 'the bucket holds the deployed files and nothing else',
  'DashboardDeploymentRole: s3:DeleteObject on DashboardBucket.Arn/*': 'the bucket holds the deployed files and nothing else',
  'SpeedHandlerRole: iot:Publish on arn:<Partition>:iot:<Region>:<AccountId>:topic/live/*':
    'topics hold the key; devices publish elsewhere',
  'ServeListener: iot:Connect on arn:<Partition>:iot:<Region>:<AccountId>:client/live-*': 'each session is bound to one client id',
  'ServeListener: iot:Subscribe on arn:<Partition>:iot:<Region>:<AccountId>:topicfilter/live/*': 'a page chooses what it hears',
  'ServeListener: iot:Receive on arn:<Partition>:iot:<Region>:<AccountId>:topic/live/*': 'topics hold the key',
  'BrokerRole: iot:DescribeEndpoint on *': 'the action knows no resource',
  'DashboardBucketPolicy: s3:GetObject on DashboardBucket.Arn/*': 'CloudFront, by the one distribution in its condition, serves all files',
};

const allowed: Statement[] = statementsOf(synthesis).filter(({ effect }) => effect === 'Allow');

describe('permissions', () => {
  it('have no wildcard that could be narrower', () => {
    const wide = allowed.flatMap(({ of, actions, resources }) =>
      actions.flatMap((action) =>
        resources.filter((resource) => action.includes('*') || resource.includes('*')).map((resource) => `${of}: ${action} on ${resource}`),
      ),
    );
    expect(wide.sort()).toEqual(Object.keys(WIDE).sort());
  });

  it('are each given by actions and resources, never by exclusion', () => {
    const text = JSON.stringify(synthesis.templates);
    for (const key of ['NotAction', 'NotResource', 'NotPrincipal']) expect(text).not.toContain(`"${key}"`);
    expect(allowed.filter(({ actions }) => actions.length === 0)).toEqual([]);
  });

  it('stand in the roles themselves: no managed policy, no policy beside a role', () => {
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::User', 'AWS::IAM::AccessKey']) {
      expect(namesOfType(synthesis, type)).toEqual([]);
    }
    for (const role of namesOfType(synthesis, 'AWS::IAM::Role')) {
      expect(Object.keys(propertiesOf(synthesis, role)).sort()).toEqual(['AssumeRolePolicyDocument', 'Policies']);
    }
  });

  it('let only AWS services take a role, one each, and the API one more, for who listens', () => {
    for (const { of, principal, actions } of allowed.filter(({ actions }) => actions.some((action) => action.startsWith('sts:')))) {
      expect(actions).toEqual(['sts:AssumeRole']);
      if (of === 'ServeListener') expect(readable(at(principal, 'AWS'))).toBe('ServeHandlerRole.Arn');
      else expect(principal).toEqual({ Service: expect.stringMatching(/^[a-z-]+\.amazonaws\.com$/) });
    }
  });

  it('open nothing to the world: a principal of everybody stands only in a refusal', () => {
    const everybody = statementsOf(synthesis).filter(({ principal }) => JSON.stringify(principal ?? '').includes('*'));
    expect(everybody.length).toBeGreaterThan(0);
    for (const statement of everybody) expect(statement.effect).toBe('Deny');
  });

  it('refuse whoever comes without TLS 1.2, at both buckets', () => {
    for (const bucket of namesOfType(synthesis, 'AWS::S3::Bucket')) {
      const refusals = statementsOf(synthesis).filter(({ of, effect }) => of === `${bucket}Policy` && effect === 'Deny');
      expect(refusals.map(({ condition }) => condition)).toEqual([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      ]);
      expect(propertiesOf(synthesis, bucket)['PublicAccessBlockConfiguration']).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
  });

  it('let the API call its function, by its one route', () => {
    const permissions = namesOfType(synthesis, 'AWS::Lambda::Permission');
    expect(permissions).toEqual(['ServeApiGETv1proxyHandlerPermission']);
    expect(JSON.stringify(propertiesOf(synthesis, permissions[0]!)['SourceArn'])).toContain('/*/*/v1/{proxy+}');
  });
});
