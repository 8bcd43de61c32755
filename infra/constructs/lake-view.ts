import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { ColumnType, ViewDefinition } from '../lake.ts';
import { sqlText } from '../sql.ts';

/** Trino's names of Hive's types. It refuses a view whose query gives other types. */
const TRINO_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  bigint: 'bigint',
  int: 'integer',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp(3)',
  binary: 'varbinary',
  'array<string>': 'array(varchar)',
};

export interface LakeViewProps {
  readonly database: { readonly ref: string; readonly name: string };
  readonly definition: ViewDefinition;
}

/** A view that Athena knows from the moment of its deployment: written into the catalogue as Trino writes its own, without an owner. */
export class LakeView extends Construct {
  constructor(scope: Construct, id: string, { database, definition }: LakeViewProps) {
    super(scope, id);
    const { name, description, columns } = definition;
    const view = {
      originalSql: sqlText(`views/${name}`),
      catalog: 'awsdatacatalog',
      schema: database.name,
      columns: columns.map(([column, type]) => ({ name: column, type: TRINO_TYPES[type] })),
    };
    new CfnTable(this, 'View', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name,
        description,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        storageDescriptor: { columns: columns.map(([column, type]) => ({ name: column, type })) },
        viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString('base64')} */`,
        viewExpandedText: '/* Presto View */',
      },
    });
  }
}
