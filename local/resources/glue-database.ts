import type { ResourceType } from './resource-type.ts';

export const GLUE_DATABASE: ResourceType = {
  type: 'AWS::Glue::Database',
  properties: {
    CatalogId: 'there is one account',
    DatabaseInput: { Name: true, Description: true },
  },
  create(context, { properties }) {
    const input = properties.object('DatabaseInput');
    const name = input.text('Name');
    context.glue.createDatabase(name, input.optionalText('Description'));
    return { ref: name, attributes: {} };
  },
};
