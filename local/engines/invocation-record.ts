/** What an on-failure destination gets about records that were given up: the S3 form, which carries the event itself. */
import { createHash } from 'node:crypto';
import { kinesisEvent, type PreparedRecord } from './kinesis-event.ts';

export interface GivenUp {
  readonly mappingId: string;
  readonly functionName: string;
  readonly streamArn: string;
  readonly shardId: string;
  /** At least one, in the order of the shard. */
  readonly records: readonly PreparedRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often they were handed to the function. */
  readonly invokeCount: number;
  /** Null where the function answered, naming failed records. */
  readonly functionError: string | null;
  /** ms since the epoch. */
  readonly nowMs: number;
}

/** The invocation record. Its request id follows from what was given up, so that giving the same up again after a crash is recognisable. */
export function invocationRecord(given: GivenUp): object {
  const first = given.records[0] as PreparedRecord;
  const last = given.records.at(-1) as PreparedRecord;
  const [, partition, , region, account] = given.streamArn.split(':');
  return {
    requestContext: {
      requestId: uuidOf(`${given.mappingId} ${given.shardId} ${first.sequenceNumber} ${last.sequenceNumber}`),
      functionArn: `arn:${partition}:lambda:${region}:${account}:function:${given.functionName}`,
      condition: given.condition,
      approximateInvokeCount: given.invokeCount,
    },
    ...(given.invokeCount === 0
      ? {}
      : { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: given.functionError } }),
    version: '1.0',
    timestamp: new Date(given.nowMs).toISOString(),
    KinesisBatchInfo: {
      shardId: given.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivalMs).toISOString(),
      batchSize: given.records.length,
      streamArn: given.streamArn,
    },
    payload: kinesisEvent(given.records),
  };
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
