import { localName, type ResourceType, TAGS } from './resource-type.ts';

export const IOT_POLICY: ResourceType = {
  type: 'AWS::IoT::Policy',
  properties: { PolicyName: true, PolicyDocument: true, Tags: TAGS },
  create(context, resource) {
    const name = resource.properties.optionalText('PolicyName') ?? localName(resource, 'Policy');
    context.iot.policies.push(resource.properties.object('PolicyDocument').values);
    return { ref: name, attributes: { Arn: `arn:aws:iot:${context.region}:${context.accountId}:policy/${name}`, Id: name } };
  },
};
