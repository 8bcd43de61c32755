import type { TableInput } from '../engines/glue/catalog.ts';
import type { ResourceType } from './resource-type.ts';

export const GLUE_TABLE: ResourceType = {
  type: 'AWS::Glue::Table',
  properties: {
    CatalogId: 'there is one account',
    DatabaseName: true,
    // Kept as it is: the local Athena reads what it needs, and refuses in a query what it does not know.
    TableInput: true,
  },
  create(context, { properties, where }) {
    const input = properties.object('TableInput');
    const name = input.text('Name');
    const database = properties.text('DatabaseName');
    try {
      context.glue.createTable(database, input.values as unknown as TableInput);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    return { ref: name, attributes: {} };
  },
};
