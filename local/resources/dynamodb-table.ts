import type { JsonObject } from '../template/json.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

interface TableShape {
  readonly KeySchema: unknown;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string; readonly KeySchema: unknown; readonly Projection: unknown }[];
}

/** What of a table cannot change while its data stays. */
function shapeOf(table: TableShape): string {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection,
  }));
  return JSON.stringify([table.KeySchema, indexes.sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1))], (_key, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value,
  );
}

export const DYNAMODB_TABLE: ResourceType = {
  type: 'AWS::DynamoDB::Table',
  properties: {
    TableName: true,
    KeySchema: true,
    AttributeDefinitions: true,
    GlobalSecondaryIndexes: true,
    BillingMode: 'locally a table has no capacity to bill or to exceed',
    TimeToLiveSpecification: 'expired items stay; AWS promises no moment of removal either, so readers filter them in any case',
    PointInTimeRecoverySpecification: 'a backup is a copy of the data folder',
    SSESpecification: 'nothing leaves this machine',
    DeletionProtectionEnabled: 'the local runtime never deletes a table',
    ContributorInsightsSpecification: 'no metrics service here',
    Tags: TAGS,
  },
  async create(context, resource) {
    const { properties, where } = resource;
    const name = properties.optionalText('TableName') ?? localName(resource, 'Table');
    const shape = {
      KeySchema: properties.list('KeySchema'),
      ...(properties.values['GlobalSecondaryIndexes'] !== undefined && {
        GlobalSecondaryIndexes: properties.objects('GlobalSecondaryIndexes').map((index) => ({
          IndexName: index.text('IndexName'),
          KeySchema: index.list('KeySchema'),
          Projection: index.object('Projection').values,
        })),
      }),
    };
    try {
      await context.dynamodb.call('CreateTable', {
        TableName: name,
        AttributeDefinitions: properties.list('AttributeDefinitions'),
        BillingMode: 'PAY_PER_REQUEST',
        ...shape,
      });
    } catch (error) {
      if ((error as Error).name !== 'ResourceInUseException') throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
      const { Table: found } = (await context.dynamodb.call('DescribeTable', { TableName: name })) as { Table: TableShape & JsonObject };
      if (shapeOf(found) !== shapeOf(shape as unknown as TableShape)) {
        throw new Error(
          `${where}: the table ${name} in the data folder was created with other keys or indexes; start on another folder with --data`,
        );
      }
    }
    return { ref: name, attributes: { Arn: `arn:aws:dynamodb:${context.region}:${context.accountId}:table/${name}` } };
  },
};
