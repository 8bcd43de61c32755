import type { KinesisStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { MappingSettings } from '../../../local/engines/event-source-mapping.ts';
import type { SourceStream } from '../../../local/engines/shard-consumer.ts';
import { numbers, Rig, SHARD, START_MS, SUCCESS } from './mapping-rig.ts';

describe('an event', () => {
  it('is what Lambda hands to a function, field by field', async () => {
    const rig = await new Rig().open();
    const [sequenceNumber] = await rig.put('{"a":"ü"}');
    rig.mapping.start();
    await rig.settle();
    expect(JSON.parse(rig.payloads[0] as string)).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: 'IBM',
            sequenceNumber,
            data: Buffer.from('{"a":"ü"}').toString('base64'),
            approximateArrivalTimestamp: START_MS / 1000,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `${SHARD}:${sequenceNumber}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: 'arn:aws:iam::000000000000:role/speed',
          awsRegion: 'us-east-1',
          eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/trades',
        },
      ],
    });
    await rig.mapping.stop();
  });

  it('carries any partition key and any bytes', async () => {
    const rig = await new Rig().open();
    const data = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const partitionKey = 'quote " backslash \\ newline \n ключ 😀';
    await rig.stream.append([{ partitionKey, data }]);
    rig.mapping.start();
    await rig.settle();
    const [record] = (JSON.parse(rig.payloads[0] as string) as KinesisStreamEvent).Records;
    expect(record?.kinesis.partitionKey).toBe(partitionKey);
    expect(Buffer.from(record?.kinesis.data as string, 'base64')).toEqual(data);
    await rig.mapping.stop();
  });
});

describe('batches', () => {
  it('hold at most the batch size, in order, every record once', async () => {
    const rig = await new Rig({ batchSize: 10 }).open();
    const sequence = await rig.put(...numbers(0, 25));
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([numbers(0, 10), numbers(10, 20), numbers(20, 25)]);
    expect(rig.position).toBe(sequence[24]);
    await rig.mapping.stop();
  });

  it('without a window go at once with whatever is there', async () => {
    const rig = await new Rig().open();
    rig.mapping.start();
    for (const text of ['a', 'b']) {
      await rig.put(text);
      await rig.settle();
    }
    expect(rig.deliveries).toEqual([['a'], ['b']]);
    expect(rig.clock.nextDueMs).toBeNull();
    await rig.mapping.stop();
  });

  it('miss no append that happens while the shard is being read', async () => {
    const rig = await new Rig().open();
    const { stream } = rig;
    let finishRead: () => void = () => undefined;
    const slow: SourceStream = {
      arn: stream.arn,
      shardIds: () => stream.shardIds(),
      head: () => stream.head(),
      onAppend: (listener) => stream.onAppend(listener),
      async read(...at) {
        const found = await stream.read(...at);
        await new Promise<void>((resolve) => {
          finishRead = resolve;
        });
        return found;
      },
    };
    rig.renew(slow);
    rig.mapping.start();
    await rig.settle();
    await rig.put('meanwhile');
    await rig.until(() => {
      finishRead();
      return rig.deliveries.length === 1;
    });
    const stopped = rig.mapping.stop();
    await rig.settle();
    finishRead();
    await stopped;
  });

  it('with a window wait for its end, or until they are full', async () => {
    const rig = await new Rig({ maximumBatchingWindowMs: 10_000, batchSize: 5 }).open();
    rig.mapping.start();
    await rig.put('0');
    await rig.settle();
    rig.clock.advance(9_999);
    await rig.put('1');
    await rig.settle();
    expect(rig.deliveries).toEqual([]);
    rig.clock.advance(1);
    await rig.settle();
    expect(rig.deliveries).toEqual([['0', '1']]);
    await rig.put(...numbers(2, 8));
    await rig.settle();
    expect(rig.deliveries).toEqual([['0', '1'], numbers(2, 7)]);
    rig.clock.advance(10_000);
    await rig.settle();
    expect(rig.deliveries.at(-1)).toEqual(['7']);
    await rig.mapping.stop();
  });

  it('never make a payload of more than 6 MiB', async () => {
    const rig = await new Rig({ batchSize: 1000 }).open();
    const large = 'x'.repeat(1_000_000);
    await rig.put(...Array.from({ length: 11 }, () => large));
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries.map((texts) => texts.length)).toEqual([4, 4, 3]);
    expect(Math.max(...rig.payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(6 * 1024 * 1024);
    await rig.mapping.stop();
  });

  it('of a shard follow one another, while shards do not wait for each other', async () => {
    const rig = await new Rig({ batchSize: 1 }).open(2);
    const running = new Map<string, number>();
    const release: (() => void)[] = [];
    rig.answer = async (_, event) => {
      const shardId = event.Records[0]?.eventID.split(':')[0] as string;
      running.set(shardId, (running.get(shardId) ?? 0) + 1);
      await new Promise<void>((resolve) => release.push(resolve));
      running.set(shardId, (running.get(shardId) as number) - 1);
      return SUCCESS;
    };
    await rig.stream.append(Array.from({ length: 20 }, (_, index) => ({ partitionKey: `key-${index}`, data: Buffer.from('x') })));
    rig.mapping.start();
    let handled = 0;
    while (handled < 20) {
      await rig.settle();
      expect([...running.values()].every((count) => count <= 1)).toBe(true);
      if (handled === 0) expect([...running.values()]).toEqual([1, 1]);
      handled += release.length;
      for (const next of release.splice(0)) next();
    }
    await rig.mapping.stop();
    expect(rig.deliveries).toHaveLength(20);
  });
});

describe('the settings', () => {
  it('are refused out of the ranges of AWS, naming the setting', async () => {
    const wrong: Partial<MappingSettings>[] = [
      { batchSize: 0 },
      { batchSize: 10_001 },
      { maximumBatchingWindowMs: -1 },
      { maximumBatchingWindowMs: 300_001 },
      { maximumRetryAttempts: -2 },
      { maximumRetryAttempts: 10_001 },
      { maximumRecordAgeMs: 59_999 },
      { maximumRecordAgeMs: 604_800_001 },
    ];
    for (const settings of wrong) await expect(new Rig(settings).open()).rejects.toThrow(Object.keys(settings)[0]);
  });
});
