import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PartitionKey, TableDefinition } from '../lake.ts';

const FORMATS = {
  parquet: {
    inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  },
  json: {
    inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    serdeInfo: { serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
  },
} as const;

export interface LakeTableProps {
  readonly database: string;
  readonly bucket: Bucket;
  readonly definition: TableDefinition;
}

/** Athena's table over a folder of the data bucket. */
export class LakeTable extends Construct {
  constructor(scope: Construct, id: string, { database, bucket, definition }: LakeTableProps) {
    super(scope, id);
    const { name, description, folder, format, columns, partitionKeys } = definition;
    const location = `s3://${bucket.bucketName}/${folder}`;
    new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database,
      tableInput: {
        name,
        description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: partitionKeys.map(({ name, type, comment }) => ({ name, type, comment })),
        parameters: { EXTERNAL: 'TRUE', classification: format, ...projectionOf(location, partitionKeys) },
        storageDescriptor: {
          location: `${location}/`,
          columns: columns.map(([name, type]) => ({ name, type })),
          ...FORMATS[format],
        },
      },
    });
  }
}

/** Table properties of partitions that are computed; none where they are registered. */
function projectionOf(location: string, keys: readonly PartitionKey[]): Record<string, string> {
  const computed = keys.flatMap(({ name, projection }) =>
    Object.entries(projection ?? {}).map(([property, value]) => [`projection.${name}.${property}`, value] as const),
  );
  if (computed.length === 0) return {};
  return {
    'projection.enabled': 'true',
    ...Object.fromEntries(computed),
    'storage.location.template': `${location}/${keys.map(({ name }) => `${name}=\${${name}}/`).join('')}`,
  };
}
