import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow, type RoleFunction } from './role-function.ts';

export interface StreamConsumerProps {
  readonly consumer: RoleFunction;
  readonly stream: Stream;
  /** Receives what could not be processed, whole, under `aws/lambda/<mapping>/…` (Lambda fixes the key). */
  readonly failedRecords: Bucket;
  /** Most records of one invocation, 1 to 10,000. */
  readonly batchSize: number;
  /** How long a batch may gather, 0 to 300 s. */
  readonly batchingWindowSeconds: number;
  /** Attempts after the first before a batch goes to `failedRecords`, 0 to 10,000; splitting a batch uses up none. */
  readonly retryAttempts: number;
  /** A record that is older goes to `failedRecords`, 60 s to the stream's retention. */
  readonly recordAgeSeconds: number;
}

/** A function reads a stream from its oldest record on; what it cannot process is split down to the guilty record and kept. */
export class StreamConsumer extends Construct {
  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id);
    const { consumer, stream, failedRecords } = props;
    consumer.allow(
      allow(
        ['kinesis:DescribeStream', 'kinesis:DescribeStreamSummary', 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
        [stream.streamArn],
      ),
    );
    consumer.allow(allow(['s3:ListBucket'], [failedRecords.bucketArn]));
    consumer.allow(allow(['s3:PutObject'], [failedRecords.arnForObjects('aws/lambda/*')]));
    new CfnEventSourceMapping(this, 'Mapping', {
      functionName: consumer.function.functionName,
      eventSourceArn: stream.streamArn,
      enabled: true,
      // LATEST would miss what arrives while the mapping is being created or changed.
      startingPosition: 'TRIM_HORIZON',
      batchSize: props.batchSize,
      maximumBatchingWindowInSeconds: props.batchingWindowSeconds,
      // More would process a shard's batches at the same time: the order of a key's records is that of its shard.
      parallelizationFactor: 1,
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: props.retryAttempts,
      maximumRecordAgeInSeconds: props.recordAgeSeconds,
      destinationConfig: { onFailure: { destination: failedRecords.bucketArn } },
    });
  }
}
