/** What the template says of the message broker's address, and of the role of those who listen. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed({ pageUrl: 'http://127.0.0.1:8080' });
});
afterEach(() => bed.stop());

const endpoint = (call: object) => ({
  Type: 'Custom::IotEndpoint',
  Properties: { ServiceToken: 'arn', Create: JSON.stringify(call), InstallLatestAwsSdk: false },
});
const DESCRIBE = { service: 'IoT', action: 'describeEndpoint', parameters: { endpointType: 'iot:Data-ATS' } };

describe('the endpoint of the message broker', () => {
  it("is the page's own port, which the page's policy names without TLS", async () => {
    const policy = {
      'Fn::Join': ['', ["connect-src 'self' wss://", { 'Fn::GetAtt': ['Endpoint', 'endpointAddress'] }, ' wss://elsewhere']],
    };
    const headers = { SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: policy, Override: true } } };
    await bed.create({
      Endpoint: endpoint(DESCRIBE),
      Headers: { Type: 'AWS::CloudFront::ResponseHeadersPolicy', Properties: { ResponseHeadersPolicyConfig: headers } },
    } as never);
    const [sent] = bed.context.http.responseHeaders.values();
    expect(sent).toEqual({ 'content-security-policy': "connect-src 'self' ws://127.0.0.1:8080 wss://elsewhere" });
  });

  it('fails on another question to AWS, naming it', async () => {
    const created = bed.create({ Endpoint: endpoint({ ...DESCRIBE, parameters: { endpointType: 'iot:Jobs' } }) } as never);
    await expect(created).rejects.toThrow('Endpoint (Custom::IotEndpoint, stack S): IoT describeEndpoint iot:Jobs is not run locally');
  });
});

describe('a role of the template', () => {
  const role = (more: object = {}) => ({ Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, ...more } });
  const resource = 'arn:aws:iot:us-east-1:000000000000:topic/live/x';

  it('gives who takes it what its policies allow, and one without policies nothing', async () => {
    const document = { Statement: { Effect: 'Allow', Action: 'iot:Receive', Resource: resource } };
    const policies = { RoleName: 'ears', Policies: [{ PolicyName: 'p', PolicyDocument: document }] };
    await bed.create({ Ears: role(policies), Idle: role({ RoleName: 'idle' }) } as never);
    const may = (name: string) => {
      const { accessKeyId } = bed.context.sts.assumeRole({ roleArn: `arn:aws:iam::000000000000:role/${name}`, sessionName: 'me' });
      return ['iot:Receive', 'iot:Publish'].map((action) => bed.context.sts.session(accessKeyId)?.may(action, resource));
    };
    expect([may('ears'), may('idle')]).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  it('fails on a managed policy, whose content nobody here knows', async () => {
    const created = bed.create({ Role: role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }) } as never);
    await expect(created).rejects.toThrow('the local runtime does not know the property ManagedPolicyArns');
  });
});
