import { Aws } from 'aws-cdk-lib';
import { CfnPreparedStatement, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PREPARED_STATEMENTS } from '../lake.ts';
import { sqlText } from '../sql.ts';

/** A query that would read more is stopped: at 5 USD a TB this is half a dollar. */
const SCANNED_BYTES_CUTOFF = 100e9;

export interface QueryWorkgroupProps {
  readonly name: string;
  readonly bucket: Bucket;
  /** Folder of the bucket that takes the results, without a slash at its end. */
  readonly resultFolder: string;
}

/** The Athena workgroup, and what the API asks in it. Its limits bind every query, whatever a client says. */
export class QueryWorkgroup extends Construct {
  constructor(scope: Construct, id: string, { name, bucket, resultFolder }: QueryWorkgroupProps) {
    super(scope, id);
    const workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name,
      description: 'Queries of Tidemark: batch, API and analysis',
      // It holds a history of queries, which is no data.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: SCANNED_BYTES_CUTOFF,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/${resultFolder}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
    for (const [statementId, { name: statementName, description }] of Object.entries(PREPARED_STATEMENTS)) {
      new CfnPreparedStatement(this, statementId, {
        statementName,
        description,
        workGroup: workgroup.ref,
        queryStatement: sqlText(statementName.replaceAll('_', '-')),
      });
    }
  }
}
