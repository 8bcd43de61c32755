import type { ResourceType } from './resource-type.ts';

export const ATHENA_PREPARED_STATEMENT: ResourceType = {
  type: 'AWS::Athena::PreparedStatement',
  properties: { StatementName: true, WorkGroup: true, QueryStatement: true, Description: true },
  create(context, { properties, where }) {
    const name = properties.text('StatementName');
    const workGroup = properties.text('WorkGroup');
    try {
      context.athena.createPreparedStatement({
        name,
        workGroup,
        query: properties.text('QueryStatement'),
        description: properties.optionalText('Description'),
      });
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    return { ref: `${workGroup}/${name}`, attributes: {} };
  },
};
