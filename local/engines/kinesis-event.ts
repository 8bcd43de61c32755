/** The event that Lambda hands to a function for records of a stream, written as text: parts are prepared once and joined for each delivery. */
import type { KinesisRecord } from './kinesis/frame.ts';

export interface PreparedRecord {
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
  /** Its element of `Records`, JSON. */
  readonly json: string;
  /** Length of `json` in UTF-8. */
  readonly bytes: number;
}

const OPENING = '{"Records":[';
const CLOSING = ']}';
/** Bytes around the elements of `Records`. */
export const EVENT_OVERHEAD_BYTES = OPENING.length + CLOSING.length;

/** A function that writes the elements for records of one shard. */
export function recordWriter(streamArn: string, shardId: string, roleArn: string): (record: KinesisRecord) => PreparedRecord {
  const region = streamArn.split(':')[3] ?? '';
  const constant = {
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: roleArn,
    awsRegion: region,
    eventSourceARN: streamArn,
  };
  const ending = `,${JSON.stringify(constant).slice(1)}`;
  return ({ sequenceNumber, partitionKey, data, arrivalMs }) => {
    const key = JSON.stringify(partitionKey);
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
    const json = `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":${key},"sequenceNumber":"${sequenceNumber}","data":"${base64}","approximateArrivalTimestamp":${arrivalMs / 1000}},"eventID":"${shardId}:${sequenceNumber}"${ending}`;
    return { sequenceNumber, arrivalMs, json, bytes: json.length + Buffer.byteLength(key) - key.length };
  };
}

/** The whole event. */
export function kinesisEvent(records: readonly PreparedRecord[]): string {
  return OPENING + records.map(({ json }) => json).join(',') + CLOSING;
}
