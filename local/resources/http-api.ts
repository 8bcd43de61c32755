/** The four parts of an HTTP API (API Gateway v2): each adds what it declares to the API it belongs to. */
import type { HttpApi, LocalContext } from './context.ts';
import type { LocalResource } from './resource-type.ts';
import { type ResourceType, TAGS } from './resource-type.ts';

const NO_LIMITS = 'the local endpoint throttles nobody';

function apiOf(context: LocalContext, resource: LocalResource): HttpApi {
  const id = resource.properties.text('ApiId');
  const api = context.http.apis.get(id);
  if (!api) throw new Error(`${resource.where}: ApiId ${id} is no HTTP API of this template`);
  return api;
}

/** Ids as API Gateway makes them: lower case letters and digits. */
function plainId(logicalId: string): string {
  return logicalId.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export const HTTP_API: ResourceType = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: {
    Name: 'for people only',
    Description: 'for people only',
    ProtocolType: true,
    DisableExecuteApiEndpoint: 'the local endpoint is the only one',
    Tags: TAGS,
  },
  create(context, resource) {
    const protocol = resource.properties.text('ProtocolType');
    if (protocol !== 'HTTP') throw new Error(`${resource.where}: ProtocolType ${protocol} is not run locally, only HTTP is`);
    const id = plainId(resource.logicalId);
    context.http.apis.set(id, { id, integrations: new Map(), routes: [], hasStage: false });
    const host = `${id}.execute-api.${context.region}.amazonaws.com`;
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: `https://${host}` } };
  },
};

export const HTTP_API_STAGE: ResourceType = {
  type: 'AWS::ApiGatewayV2::Stage',
  properties: {
    ApiId: true,
    StageName: true,
    AutoDeploy: 'changes of a running template do not exist here',
    AccessLogSettings: 'no access log',
    DefaultRouteSettings: NO_LIMITS,
    Description: 'for people only',
    Tags: TAGS,
  },
  create(context, resource) {
    const name = resource.properties.text('StageName');
    if (name !== '$default') throw new Error(`${resource.where}: StageName ${name} is not run locally, only $default is`);
    apiOf(context, resource).hasStage = true;
    return { ref: name, attributes: {} };
  },
};

export const HTTP_API_INTEGRATION: ResourceType = {
  type: 'AWS::ApiGatewayV2::Integration',
  properties: {
    ApiId: true,
    IntegrationType: true,
    IntegrationUri: true,
    PayloadFormatVersion: true,
    TimeoutInMillis: "the function's own timeout ends the request",
    Description: 'for people only',
  },
  create(context, resource) {
    const { properties, where, logicalId } = resource;
    const kind = `${properties.text('IntegrationType')} ${properties.text('PayloadFormatVersion')}`;
    if (kind !== 'AWS_PROXY 2.0') throw new Error(`${where}: the integration ${kind} is not run locally, only AWS_PROXY 2.0 is`);
    const uri = properties.text('IntegrationUri');
    const target = context.functions.find(uri);
    if (!target) throw new Error(`${where}: IntegrationUri ${uri} is no function of this template`);
    const id = plainId(logicalId);
    apiOf(context, resource).integrations.set(id, target);
    return { ref: id, attributes: { IntegrationId: id } };
  },
};

export const HTTP_API_ROUTE: ResourceType = {
  type: 'AWS::ApiGatewayV2::Route',
  properties: {
    ApiId: true,
    RouteKey: true,
    Target: true,
    AuthorizationType: 'whoever reaches the loopback address is the owner of the machine',
    AuthorizationScopes: 'as AuthorizationType',
    AuthorizerId: 'as AuthorizationType',
    OperationName: 'for people only',
  },
  create(context, resource) {
    const { properties, where } = resource;
    const api = apiOf(context, resource);
    const target = properties.text('Target');
    const integration = api.integrations.get(target.replace(/^integrations\//, ''));
    if (!integration) throw new Error(`${where}: Target ${target} is no integration of its API`);
    const routeKey = properties.text('RouteKey');
    api.routes.push({ routeKey, integration });
    return { ref: plainId(resource.logicalId), attributes: { RouteId: plainId(resource.logicalId) } };
  },
};
