import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frontContentOf, startFront } from '../../../../local/runtime/front.ts';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed();
});
afterEach(() => bed.stop());

const API = {
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'Api', ProtocolType: 'HTTP' } },
  Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true } },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['F', 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: 'GET /v1/{proxy+}',
      AuthorizationType: 'AWS_IAM',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    },
  },
};

const DISTRIBUTION = {
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'site' } },
  Headers: {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: {
      ResponseHeadersPolicyConfig: {
        Name: 'h',
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 1, Override: true },
        },
        CustomHeadersConfig: { Items: [{ Header: 'X-Own', Value: 'v', Override: true }] },
      },
    },
  },
  Distribution: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        DefaultRootObject: 'index.html',
        Origins: [
          { Id: 'b', DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] }, S3OriginConfig: {} },
          { Id: 'a', DomainName: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }] }] } },
        ],
        DefaultCacheBehavior: { TargetOriginId: 'b', ResponseHeadersPolicyId: { Ref: 'Headers' } },
        CacheBehaviors: [{ PathPattern: '/v1/*', TargetOriginId: 'a', AllowedMethods: ['GET', 'HEAD'] }],
      },
    },
  },
};

function functionResource() {
  const code = "exports.handler = async ({ rawPath }) => ({ statusCode: 200, body: 'function ' + rawPath });";
  writeFileSync(path.join(bed.asset('f'), 'index.cjs'), code);
  return { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Key: 'f.zip' }, Handler: 'index.handler', Runtime: 'nodejs24.x' } };
}

/** The template's answers on its port. */
async function answering(resources: object, ask: (url: string) => Promise<void>): Promise<void> {
  await bed.create(resources as never);
  const front = await startFront(0);
  try {
    const content = frontContentOf(
      bed.context,
      () => ({ it: 'runs' }),
      (_request, socket) => socket.destroy(),
    );
    front.open(content);
    await ask(front.url);
  } finally {
    await front.close();
  }
}

describe('what the template declares for HTTP', () => {
  it('serves the bucket with the headers of the policy, and passes the pattern to the function', async () => {
    await answering({ F: functionResource(), ...API, ...DISTRIBUTION }, async (url) => {
      await bed.context.s3.putObject('site', 'index.html', Buffer.from('<p>'), { contentType: 'text/html' });
      const page = await fetch(`${url}/`);
      expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([200, '<p>', 'text/html']);
      const headers = ['content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy', 'x-own'];
      expect(headers.map((name) => page.headers.get(name))).toEqual(["default-src 'self'", 'nosniff', 'DENY', 'no-referrer', 'v']);
      expect(page.headers.get('strict-transport-security')).toBeNull();
      const api = await fetch(`${url}/v1/symbols`);
      expect([api.status, await api.text()]).toEqual([200, 'function /v1/symbols']);
      expect((await fetch(`${url}/none.html`)).status).toBe(404);
      expect((await fetch(`${url}/%2e%2e%2fsecret`)).status).toBe(404);
      expect((await fetch(`${url}/v1/symbols`, { method: 'POST' })).status).toBe(403);
      expect(await (await fetch(`${url}/_local/runtime`)).json()).toEqual({ it: 'runs' });
    });
  });

  it('is the API itself where there is no distribution', async () => {
    await answering({ F: functionResource(), ...API }, async (url) => {
      expect(await (await fetch(`${url}/v1/x`)).text()).toBe('function /v1/x');
      expect((await fetch(`${url}/v2/x`)).status).toBe(404);
    });
  });

  it('is nothing of an API without a stage', async () => {
    const { Stage: _none, ...unstaged } = API;
    await answering({ F: functionResource(), ...unstaged }, async (url) => {
      expect((await fetch(`${url}/v1/x`)).status).toBe(404);
    });
  });

  it.each([
    ['a WebSocket API', { Api: { Type: API.Api.Type, Properties: { ProtocolType: 'WEBSOCKET' } } }, 'only HTTP is'],
    ['a named stage', { Stage: { Type: API.Stage.Type, Properties: { ApiId: { Ref: 'Api' }, StageName: 'v1' } } }, 'only $default is'],
    [
      'another integration',
      { Integration: { Type: API.Integration.Type, Properties: { ...API.Integration.Properties, PayloadFormatVersion: '1.0' } } },
      'AWS_PROXY 1.0 is not run locally',
    ],
    [
      'an integration of nothing',
      { Integration: { Type: API.Integration.Type, Properties: { ...API.Integration.Properties, IntegrationUri: 'x' } } },
      'is no function of this template',
    ],
    [
      'a route to nothing',
      { Route: { Type: API.Route.Type, Properties: { ...API.Route.Properties, Target: 'integrations/x' } } },
      'is no integration of its API',
    ],
  ])('fails on %s', async (_title, more, message) => {
    await expect(bed.create({ F: functionResource(), ...API, ...more } as never)).rejects.toThrow(message);
  });

  it.each([
    ['an origin elsewhere', { Origins: [{ Id: 'b', DomainName: 'example.com' }] }, 'the origin example.com is no bucket'],
    ['a behaviour without its origin', { DefaultCacheBehavior: { TargetOriginId: 'x' } }, 'TargetOriginId x is no origin'],
    ['a policy that does not exist', { DefaultCacheBehavior: { TargetOriginId: 'b', ResponseHeadersPolicyId: 'x' } }, 'is no policy'],
    ['an error page', { CustomErrorResponses: [] }, 'does not know the property DistributionConfig.CustomErrorResponses'],
  ])('fails on a distribution with %s', async (_title, more, message) => {
    const { DistributionConfig: config } = DISTRIBUTION.Distribution.Properties;
    const changed = { Type: DISTRIBUTION.Distribution.Type, Properties: { DistributionConfig: { ...config, ...more } } };
    await expect(bed.create({ F: functionResource(), ...API, ...DISTRIBUTION, Distribution: changed } as never)).rejects.toThrow(message);
  });
});
