import { Aws } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RESULT_FOLDER } from '../lake.ts';
import type { DataStack } from '../stacks/data.ts';
import { allow } from './role-function.ts';

export interface LakeQueries {
  /** Tables and views that the queries name, and those that these views are made of. */
  readonly tables: readonly string[];
  /** Folders of the data bucket that the tables lie in, without a slash at their ends. */
  readonly folders: readonly string[];
}

/** What who runs prepared statements of the workgroup needs: Athena reads catalogue and bucket, and writes results, with the caller's permissions. */
export function mayQuery(data: DataStack, { tables, folders }: LakeQueries): PolicyStatement[] {
  const { bucket, databaseName, workgroupName } = data;
  const arn = (service: string, resource: string) => `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
  return [
    allow(
      [
        'athena:GetPreparedStatement',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      [arn('athena', `workgroup/${workgroupName}`)],
    ),
    allow(
      ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable'],
      [
        arn('glue', 'catalog'),
        arn('glue', `database/${databaseName}`),
        ...tables.map((table) => arn('glue', `table/${databaseName}/${table}`)),
      ],
    ),
    allow(['s3:GetBucketLocation', 's3:ListBucket'], [bucket.bucketArn]),
    allow(
      ['s3:GetObject'],
      folders.map((folder) => bucket.arnForObjects(`${folder}/*`)),
    ),
    allow(['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'], [bucket.arnForObjects(`${RESULT_FOLDER}/*`)]),
  ];
}
