import { authorizerOf, type PolicyDocument } from '../engines/iot/policy.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

export const IOT_POLICY: ResourceType = {
  type: 'AWS::IoT::Policy',
  properties: { PolicyName: true, PolicyDocument: true, Tags: TAGS },
  create(context, resource) {
    const name = resource.properties.optionalText('PolicyName') ?? localName(resource, 'Policy');
    const document = resource.properties.object('PolicyDocument').values as unknown as PolicyDocument;
    try {
      // A policy that is not understood is refused now, not at the first connection.
      authorizerOf([document], name);
    } catch (error) {
      throw new Error(`${resource.where}: ${(error as Error).message}`, { cause: error });
    }
    context.iot.policies.push(document);
    return { ref: name, attributes: { Arn: `arn:aws:iot:${context.region}:${context.accountId}:policy/${name}`, Id: name } };
  },
};
