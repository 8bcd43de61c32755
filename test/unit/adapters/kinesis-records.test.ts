import type { KinesisStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { sourceRecords, streamNameOf } from '#adapters/kinesis-records.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/readings';

function event(overrides: { eventID?: string; seconds?: number; data?: string } = {}): KinesisStreamEvent {
  return {
    Records: [
      {
        awsRegion: 'us-east-1',
        eventID: overrides.eventID ?? 'shardId-000000000003:49590338271490256608559692538361571095921575989136588898',
        eventName: 'aws:kinesis:record',
        eventSource: 'aws:kinesis',
        eventSourceARN: ARN,
        eventVersion: '1.0',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/archive',
        kinesis: {
          approximateArrivalTimestamp: overrides.seconds ?? 1545084650.987,
          data: overrides.data ?? Buffer.from([0, 255, 254, 65]).toString('base64'),
          kinesisSchemaVersion: '1.0',
          partitionKey: 'dev-1',
          sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
        },
      },
    ],
  };
}

describe('Kinesis event records', () => {
  it('carry shard, sequence number, key, exact bytes and arrival', () => {
    const [record] = sourceRecords(event());
    expect(record).toMatchObject({
      lane: 'shardId-000000000003',
      position: '49590338271490256608559692538361571095921575989136588898',
      key: 'dev-1',
      arrivalMs: 1545084650987,
    });
    expect([...record!.bytes]).toEqual([0, 255, 254, 65]);
  });

  it('have an arrival of whole milliseconds, also where seconds times 1000 is not whole', () => {
    // 1790000000.001 * 1000 and its neighbours are not all integers in IEEE doubles.
    for (let ms = 0; ms < 1000; ms += 1) {
      const whole = 1_790_000_000_000 + ms;
      expect(sourceRecords(event({ seconds: whole / 1000 }))[0]!.arrivalMs).toBe(whole);
    }
  });

  it('may be empty', () => {
    expect(sourceRecords(event({ data: '' }))[0]!.bytes.length).toBe(0);
  });

  it('fail without a shard in the event id', () => {
    expect(() => sourceRecords(event({ eventID: '4959' }))).toThrow(/names no shard/);
  });
});

describe('stream name of an event source', () => {
  it('is what follows stream/', () => {
    expect(streamNameOf(ARN)).toBe('readings');
    expect(streamNameOf('arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a.b_c-1')).toBe('a.b_c-1');
  });

  it('fails for anything that is no Kinesis stream', () => {
    expect(() => streamNameOf('arn:aws:sqs:us-east-1:000000000000:queue')).toThrow(/"arn:aws:sqs/);
    expect(() => streamNameOf(`${ARN}/consumer/x:1`)).toThrow(/not the ARN/);
  });
});
