import { type ResourceType, TAGS } from './resource-type.ts';

export const ATHENA_WORKGROUP: ResourceType = {
  type: 'AWS::Athena::WorkGroup',
  properties: {
    Name: true,
    Description: true,
    State: true,
    RecursiveDeleteOption: 'nothing is deleted',
    Tags: TAGS,
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: true,
      PublishCloudWatchMetricsEnabled: 'no metrics service runs here',
      EngineVersion: 'DuckDB takes the place of every version',
      ResultConfiguration: {
        OutputLocation: true,
        EncryptionConfiguration: 'nothing leaves this machine',
        ExpectedBucketOwner: 'there is one account',
      },
    },
  },
  create(context, { properties, where }) {
    const name = properties.text('Name');
    const configuration = properties.optionalObject('WorkGroupConfiguration');
    try {
      context.athena.createWorkGroup({
        name,
        description: properties.optionalText('Description'),
        isEnabled: properties.optionalText('State') !== 'DISABLED',
        outputLocation: configuration?.optionalObject('ResultConfiguration')?.optionalText('OutputLocation'),
        // CloudFormation's default.
        isEnforced:
          configuration?.values['EnforceWorkGroupConfiguration'] === undefined || configuration.flag('EnforceWorkGroupConfiguration'),
        cutoffBytes: configuration?.optionalNumber('BytesScannedCutoffPerQuery'),
      });
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    return { ref: name, attributes: {} };
  },
};
