import type { Properties } from './properties.ts';
import { localName, type ResourceType } from './resource-type.ts';

/** The headers a policy adds to every answer, by their names in lower case. What listens at `localHost` speaks without TLS. */
function headersOf(config: Properties, localHost: string): Record<string, string> {
  const security = config.optionalObject('SecurityHeadersConfig');
  const headers: Record<string, string | undefined> = {
    'content-security-policy': security
      ?.optionalObject('ContentSecurityPolicy')
      ?.text('ContentSecurityPolicy')
      .replaceAll(`wss://${localHost}`, `ws://${localHost}`),
    'x-content-type-options': security?.optionalObject('ContentTypeOptions') && 'nosniff',
    'x-frame-options': security?.optionalObject('FrameOptions')?.text('FrameOption'),
    'referrer-policy': security?.optionalObject('ReferrerPolicy')?.text('ReferrerPolicy'),
  };
  for (const item of config.optionalObject('CustomHeadersConfig')?.objects('Items') ?? []) {
    headers[item.text('Header').toLowerCase()] = item.text('Value');
  }
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const OVERRIDE = 'the local origins set none of these headers';

export const RESPONSE_HEADERS_POLICY: ResourceType = {
  type: 'AWS::CloudFront::ResponseHeadersPolicy',
  properties: {
    ResponseHeadersPolicyConfig: {
      Name: 'for people only',
      Comment: 'for people only',
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: true, Override: OVERRIDE },
        ContentTypeOptions: { Override: OVERRIDE },
        FrameOptions: { FrameOption: true, Override: OVERRIDE },
        ReferrerPolicy: { ReferrerPolicy: true, Override: OVERRIDE },
        StrictTransportSecurity: 'the local endpoint speaks plain HTTP',
        XSSProtection: 'no browser that Tidemark supports knows it',
      },
      CustomHeadersConfig: { Items: { Header: true, Value: true, Override: OVERRIDE } },
    },
  },
  create(context, resource) {
    const id = localName(resource, 'Headers');
    context.http.responseHeaders.set(
      id,
      headersOf(resource.properties.object('ResponseHeadersPolicyConfig'), new URL(context.pageUrl).host),
    );
    return { ref: id, attributes: { Id: id } };
  },
};
