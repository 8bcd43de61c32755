import { localName, type ResourceType, TAGS } from './resource-type.ts';

/** The one secret of Tidemark is the market's token: it comes from the person's own environment, or stands for the simulated market. */
const SIMULATED_TOKEN = 'simulated';

export const SECRET: ResourceType = {
  type: 'AWS::SecretsManager::Secret',
  properties: {
    Name: true,
    Description: 'for people only',
    GenerateSecretString: 'the value comes from FINNHUB_TOKEN',
    KmsKeyId: 'kept in memory only',
    Tags: TAGS,
  },
  create(context, resource) {
    const name = resource.properties.optionalText('Name') ?? localName(resource, 'Secret');
    const arn = `arn:aws:secretsmanager:${context.region}:${context.accountId}:secret:${name}`;
    context.secrets.set(arn, context.sources.finnhubToken ?? SIMULATED_TOKEN);
    return { ref: arn, attributes: { Id: arn } };
  },
};
