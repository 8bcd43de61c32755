import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** First arrival day that a query may see. */
const FIRST_DAY = '2024-01-01';

export interface RawTableProps {
  readonly database: string;
  readonly bucket: Bucket;
  readonly source: 'trades' | 'readings';
  /** The source's own columns (name, type): between the times and the place of a row. */
  readonly columns: readonly (readonly [name: string, type: string])[];
}

/** Athena's table over what archive writes of one source. Partitions (arrival day and hour) are computed, never registered. */
export class RawTable extends Construct {
  constructor(scope: Construct, id: string, props: RawTableProps) {
    super(scope, id);
    const location = `s3://${props.bucket.bucketName}/raw/${props.source}`;
    const columns = [
      ['event_id', 'string'],
      ['event_ms', 'bigint'],
      ['event_time', 'timestamp'],
      ['ingest_ms', 'bigint'],
      ['ingest_time', 'timestamp'],
      ['event_day', 'string'],
      ...props.columns,
      ['lane', 'string'],
      ['position', 'string'],
      ['object', 'string'],
    ] as const;
    new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: props.database,
      tableInput: {
        name: `raw_${props.source}`,
        description: `Every record of ${props.source} as it arrived, at least once; duplicates share their event_id`,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [
          { name: 'dt', type: 'date', comment: 'arrival day, UTC' },
          { name: 'hr', type: 'int', comment: 'arrival hour, UTC' },
        ],
        parameters: {
          EXTERNAL: 'TRUE',
          classification: 'parquet',
          'projection.enabled': 'true',
          'projection.dt.type': 'date',
          'projection.dt.format': 'yyyy-MM-dd',
          'projection.dt.range': `${FIRST_DAY},NOW`,
          'projection.dt.interval': '1',
          'projection.dt.interval.unit': 'DAYS',
          'projection.hr.type': 'integer',
          'projection.hr.range': '0,23',
          'projection.hr.digits': '2',
          'storage.location.template': `${location}/dt=\${dt}/hr=\${hr}/`,
        },
        storageDescriptor: {
          location: `${location}/`,
          columns: columns.map(([name, type]) => ({ name, type })),
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    });
  }
}
