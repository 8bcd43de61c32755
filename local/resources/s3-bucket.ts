import { localName, type ResourceType, TAGS } from './resource-type.ts';

export const S3_BUCKET: ResourceType = {
  type: 'AWS::S3::Bucket',
  properties: {
    BucketName: true,
    BucketEncryption: 'nothing leaves this machine; the data folder is as protected as any file of its owner',
    PublicAccessBlockConfiguration: 'the local S3 answers to this machine only',
    OwnershipControls: 'there is one account',
    LifecycleConfiguration: 'objects stay until the data folder is removed',
    VersioningConfiguration: 'an object has its newest version only',
    LoggingConfiguration: 'no access log',
    Tags: TAGS,
  },
  async create(context, resource) {
    const name = resource.properties.optionalText('BucketName') ?? localName(resource, 'Bucket');
    await context.s3.createBucket(name);
    return {
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${context.region}.amazonaws.com`,
      },
    };
  },
};
