import type { Behavior, HttpOrigin, LocalContext } from './context.ts';
import type { Properties } from './properties.ts';
import { type LocalResource, localName, type ResourceType, TAGS } from './resource-type.ts';

const TRANSPORT = 'the local front speaks plain HTTP on the loopback address';
const CACHING = 'the local front caches nothing';

const BEHAVIOR = {
  PathPattern: true,
  TargetOriginId: true,
  ResponseHeadersPolicyId: true,
  AllowedMethods: true,
  CachedMethods: CACHING,
  CachePolicyId: CACHING,
  OriginRequestPolicyId: 'the local front hands every header and query parameter on',
  ViewerProtocolPolicy: TRANSPORT,
  Compress: TRANSPORT,
} as const;

function originOf(context: LocalContext, origin: Properties, where: string): HttpOrigin {
  const domain = origin.text('DomainName');
  const bucket = /^(.+?)\.s3\./.exec(domain)?.[1];
  if (bucket !== undefined) return { bucket };
  const api = context.http.apis.get(domain.split('.')[0]!);
  if (domain.includes('.execute-api.') && api) return { api };
  throw new Error(`${where}: the origin ${domain} is no bucket and no HTTP API of this template`);
}

function behaviorOf(
  context: LocalContext,
  resource: LocalResource,
  behavior: Properties,
  origins: ReadonlyMap<string, HttpOrigin>,
): Behavior {
  const target = behavior.text('TargetOriginId');
  const origin = origins.get(target);
  if (!origin) throw new Error(`${resource.where}: TargetOriginId ${target} is no origin of the distribution`);
  const policy = behavior.optionalText('ResponseHeadersPolicyId');
  const headers = policy === undefined ? {} : context.http.responseHeaders.get(policy);
  if (!headers) throw new Error(`${resource.where}: ResponseHeadersPolicyId ${policy} is no policy of this template`);
  const methods = behavior.texts('AllowedMethods');
  return {
    pathPattern: behavior.optionalText('PathPattern') ?? '*',
    origin,
    headers,
    methods: methods.length > 0 ? methods : ['GET', 'HEAD'],
  };
}

export const DISTRIBUTION: ResourceType = {
  type: 'AWS::CloudFront::Distribution',
  properties: {
    DistributionConfig: {
      Origins: {
        Id: true,
        DomainName: true,
        S3OriginConfig: 'the local front reads the bucket itself',
        OriginAccessControlId: 'the local front reads the bucket itself',
        CustomOriginConfig: TRANSPORT,
        ConnectionAttempts: TRANSPORT,
        ConnectionTimeout: TRANSPORT,
      },
      DefaultCacheBehavior: BEHAVIOR,
      CacheBehaviors: BEHAVIOR,
      DefaultRootObject: true,
      Enabled: true,
      Comment: 'for people only',
      HttpVersion: TRANSPORT,
      IPV6Enabled: TRANSPORT,
      PriceClass: TRANSPORT,
      ViewerCertificate: TRANSPORT,
    },
    Tags: TAGS,
  },
  create(context, resource) {
    const config = resource.properties.object('DistributionConfig');
    const id = localName(resource, 'Distribution');
    if (config.flag('Enabled')) {
      const origins = new Map(config.objects('Origins').map((origin) => [origin.text('Id'), originOf(context, origin, resource.where)]));
      const behaviors = [...config.objects('CacheBehaviors'), config.object('DefaultCacheBehavior')];
      context.http.distributions.push({
        rootObject: config.optionalText('DefaultRootObject') ?? '',
        behaviors: behaviors.map((behavior) => behaviorOf(context, resource, behavior, origins)),
      });
    }
    return { ref: id, attributes: { Id: id, DomainName: `${id.toLowerCase()}.cloudfront.net` } };
  },
};
