/** The Kinesis event of an event-source mapping, as source records: what follows never learns which transport carried them. */

import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { SourceRecord } from '#domain/events.ts';

/** The stream's name in an event source ARN (`arn:…:stream/NAME`). Throws when the ARN names no stream. */
export function streamNameOf(eventSourceArn: string): string {
  const name = /^arn:[^:]*:kinesis:[^:]*:[^:]*:stream\/([A-Za-z0-9_.-]{1,128})$/.exec(eventSourceArn)?.[1];
  if (name === undefined)
    throw new Error(`event source "${eventSourceArn}" is not the ARN of a Kinesis stream (arn:…:kinesis:…:stream/NAME)`);
  return name;
}

/** The records of an event in their order. A lane is a shard, a position its sequence number. Throws when a record names no shard. */
export function sourceRecords(event: KinesisStreamEvent): SourceRecord[] {
  return event.Records.map(sourceRecord);
}

function sourceRecord({ eventID, kinesis }: KinesisStreamRecord): SourceRecord {
  const laneEnd = eventID.length - kinesis.sequenceNumber.length - 1;
  if (laneEnd < 1 || !eventID.endsWith(`:${kinesis.sequenceNumber}`))
    throw new Error(`record ${kinesis.sequenceNumber} has the event id "${eventID}", which names no shard (SHARD:POSITION)`);
  return {
    lane: eventID.slice(0, laneEnd),
    position: kinesis.sequenceNumber,
    key: kinesis.partitionKey,
    bytes: Buffer.from(kinesis.data, 'base64'),
    // Lambda gives seconds with a fraction; the product with 1000 is not always whole.
    arrivalMs: Math.round(kinesis.approximateArrivalTimestamp * 1000),
  };
}

/** Which of the named streams a stream is: `{trades: 'Data-Trades1', …}` and 'Data-Trades1' give 'trades'. Throws when it is none of them. */
export function roleOfStream<Role extends string>(streamName: string, streams: Readonly<Record<Role, string>>): Role {
  const role = (Object.keys(streams) as Role[]).find((candidate) => streams[candidate] === streamName);
  if (role === undefined) throw new Error(`stream ${streamName} is none of ${Object.values(streams).join(', ')}`);
  return role;
}
