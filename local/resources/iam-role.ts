import type { PolicyDocument } from '../engines/iot/policy.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

/** A role has its effect where its credentials are asked for (STS): functions and rules may do everything here. */
export const IAM_ROLE: ResourceType = {
  type: 'AWS::IAM::Role',
  properties: {
    RoleName: true,
    Description: 'for people only',
    AssumeRolePolicyDocument: 'whoever may start this runtime may do everything in it; the template tests hold who may take a role',
    Policies: { PolicyName: 'for people only', PolicyDocument: true },
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties } = resource;
    const name = properties.optionalText('RoleName') ?? localName(resource, 'Role');
    const arn = `arn:aws:iam::${context.accountId}:role/${name}`;
    const policies = properties.objects('Policies').map((policy) => policy.object('PolicyDocument').values as unknown as PolicyDocument);
    context.sts.addRole(arn, policies);
    return { ref: name, attributes: { Arn: arn } };
  },
};
