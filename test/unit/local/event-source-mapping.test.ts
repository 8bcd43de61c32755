import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { type Checkpoints, fileCheckpoints, memoryCheckpoints } from '../../../local/engines/checkpoints.ts';
import { EventSourceMapping, type MappingSettings } from '../../../local/engines/event-source-mapping.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import type { KinesisStream } from '../../../local/engines/kinesis/stream.ts';
import type { InvokeResult } from '../../../local/engines/lambda-function.ts';
import type { SourceStream } from '../../../local/engines/shard-consumer.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const SHARD = 'shardId-000000000000';
const START_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 123);
const DEFAULTS: MappingSettings = {
  batchSize: 100,
  maximumBatchingWindowMs: 0,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeMs: -1,
  reportBatchItemFailures: false,
  startingPosition: 'TRIM_HORIZON',
};
const SUCCESS: InvokeResult = { payload: 'null' };
const ERROR: InvokeResult = { functionError: 'Unhandled', payload: '{"errorType":"Error","errorMessage":"no"}' };

/** A mapping over a stream in memory whose function is the test's. */
class Rig {
  readonly clock = new ManualClock(START_MS);
  readonly checkpoints: Checkpoints;
  readonly settings: MappingSettings;
  stream!: KinesisStream;
  mapping!: EventSourceMapping;
  /** The texts of each delivery. */
  readonly deliveries: string[][] = [];
  readonly payloads: string[] = [];
  readonly givenUp: Record<string, unknown>[] = [];
  readonly errors: unknown[] = [];
  /** The function: gets the texts and the event, and answers. */
  answer: (texts: string[], event: KinesisStreamEvent) => InvokeResult | Promise<InvokeResult> = () => SUCCESS;
  onFailure: (record: object) => Promise<void> = async (record) => {
    this.givenUp.push(record as Record<string, unknown>);
  };

  constructor(settings: Partial<MappingSettings> = {}, checkpoints: Checkpoints = memoryCheckpoints()) {
    this.settings = { ...DEFAULTS, ...settings };
    this.checkpoints = checkpoints;
  }

  async open(shardCount = 1): Promise<this> {
    this.stream = await new KinesisEngine({ clock: this.clock, folder: null }).createStream({
      name: 'trades',
      shardCount,
      retentionHours: 168,
    });
    this.renew();
    return this;
  }

  /** A mapping as after a restart of the process: it knows what the checkpoints know. */
  renew(stream: SourceStream = this.stream): void {
    const { clock, settings, checkpoints } = this;
    this.mapping = new EventSourceMapping({
      ...{ id: 'mapping-1', functionName: 'speed', stream, clock, settings, checkpoints },
      invoke: async (payload) => {
        const event: KinesisStreamEvent = JSON.parse(payload);
        const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
        this.payloads.push(payload);
        this.deliveries.push(texts);
        return this.answer(texts, event);
      },
      onFailure: (record) => this.onFailure(record),
      onError: (error) => this.errors.push(error),
    });
  }

  async put(...texts: string[]): Promise<string[]> {
    const appended = await this.stream.append(texts.map((text) => ({ partitionKey: 'IBM', data: Buffer.from(text) })));
    return appended.map(({ sequenceNumber }) => sequenceNumber);
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate);
  }

  /** Lets time pass, from one due instant to the next, until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      await this.settle();
      if (condition()) return;
      const dueMs = this.clock.nextDueMs;
      if (dueMs !== null) this.clock.advance(dueMs - this.clock.now());
    }
  }

  get position(): string | null {
    return this.mapping.progress()[SHARD] ?? null;
  }

  /** The records in the destination, as texts. */
  givenUpTexts(): string[][] {
    return this.givenUp.map(({ payload }) =>
      (JSON.parse(payload as string) as KinesisStreamEvent).Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
    );
  }
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

/** A response naming the records with these texts, in this order. */
function failing(event: KinesisStreamEvent, ...texts: string[]): InvokeResult {
  const named = texts.flatMap((text) => event.Records.filter(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString() === text));
  return { payload: JSON.stringify({ batchItemFailures: named.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) }) };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-'));
  folders.push(folder);
  return folder;
}

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

describe('a failing function', () => {
  it('gets the whole batch again until it succeeds, after a growing pause, and the shard waits', async () => {
    const rig = await new Rig({ batchSize: 3 }).open();
    const attemptsMs: number[] = [];
    rig.answer = (texts) => {
      if (texts[0] === '0') attemptsMs.push(rig.clock.now());
      return attemptsMs.length <= 4 ? ERROR : SUCCESS;
    };
    await rig.put(...numbers(0, 5));
    rig.mapping.start();
    await rig.until(() => rig.deliveries.length === 6);
    expect(rig.deliveries).toEqual([...Array.from({ length: 5 }, () => numbers(0, 3)), numbers(3, 5)]);
    expect(attemptsMs.map((ms, index) => ms - (attemptsMs[index - 1] ?? ms))).toEqual([0, 100, 200, 400, 800]);
    await rig.mapping.stop();
  });

  it('is given up after the retries, and the destination gets the invocation record with the payload', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 2 }).open();
    rig.answer = (texts) => (texts.includes('poison') ? ERROR : SUCCESS);
    const sequence = await rig.put('a', 'poison', 'b');
    rig.mapping.start();
    await rig.until(() => rig.givenUp.length === 1);
    await rig.put('c');
    await rig.settle();
    expect(rig.deliveries).toEqual([...Array.from({ length: 3 }, () => ['a', 'poison', 'b']), ['c']]);
    expect(rig.givenUp).toEqual([
      {
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:speed',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 3,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: new Date(START_MS + 300).toISOString(),
        KinesisBatchInfo: {
          shardId: SHARD,
          startSequenceNumber: sequence[0],
          endSequenceNumber: sequence[2],
          approximateArrivalOfFirstRecord: new Date(START_MS).toISOString(),
          approximateArrivalOfLastRecord: new Date(START_MS).toISOString(),
          batchSize: 3,
          streamArn: rig.stream.arn,
        },
        payload: rig.payloads[0],
      },
    ]);
    await rig.mapping.stop();
  });

  it('with bisecting loses exactly the poison, wherever it is, and splitting consumes no retry', async () => {
    for (let poison = 0; poison < 9; poison++) {
      const rig = await new Rig({ maximumRetryAttempts: 1, bisectBatchOnFunctionError: true }).open();
      const done: string[] = [];
      rig.answer = (texts) => {
        if (texts.includes(String(poison))) return ERROR;
        done.push(...texts);
        return SUCCESS;
      };
      const sequence = await rig.put(...numbers(0, 9));
      rig.mapping.start();
      await rig.until(() => rig.position === sequence[8]);
      expect(rig.givenUpTexts()).toEqual([[String(poison)]]);
      expect(done).toEqual(numbers(0, 9).filter((text) => text !== String(poison)));
      expect(rig.deliveries.filter((texts) => texts.length === 1 && texts[0] === String(poison))).toHaveLength(2);
      await rig.mapping.stop();
    }
  });

  it('with bisecting works through the halves in order', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0, bisectBatchOnFunctionError: true }).open();
    rig.answer = (texts) => (texts.includes('2') ? ERROR : SUCCESS);
    await rig.put(...numbers(0, 5));
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([['0', '1', '2', '3', '4'], ['0', '1', '2'], ['0', '1'], ['2'], ['3', '4']]);
    await rig.mapping.stop();
  });

  it('gives up records older than allowed without another delivery, and goes on with the younger ones', async () => {
    const rig = await new Rig({ maximumRecordAgeMs: 60_000 }).open();
    rig.answer = (texts) => (texts.includes('old') ? ERROR : SUCCESS);
    await rig.put('old', 'old too');
    rig.clock.advance(30_000);
    await rig.put('young');
    rig.mapping.start();
    await rig.until(() => rig.givenUp.length === 1);
    await rig.settle();
    expect(rig.givenUpTexts()).toEqual([['old', 'old too']]);
    expect(rig.givenUp[0]).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } });
    expect(rig.deliveries.at(-1)).toEqual(['young']);
    expect(rig.deliveries.slice(0, -1).every((texts) => texts.length === 3)).toBe(true);
    await rig.mapping.stop();
  });

  it('that cannot be invoked at all is tried again without consuming retries', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0, bisectBatchOnFunctionError: true }).open();
    rig.answer = () => {
      if (rig.deliveries.length <= 20) throw new Error('throttled');
      return SUCCESS;
    };
    const sequence = await rig.put('a', 'b');
    rig.mapping.start();
    await rig.until(() => rig.position === sequence[1]);
    expect(rig.deliveries).toEqual(Array.from({ length: 21 }, () => ['a', 'b']));
    expect(rig.givenUp).toEqual([]);
    expect(rig.errors).toHaveLength(20);
    await rig.mapping.stop();
  });
});

describe('a partial failure', () => {
  it('is done with up to the lowest named record; everything from there comes again', async () => {
    const rig = await new Rig({ reportBatchItemFailures: true }).open();
    const sequence = await rig.put(...numbers(0, 6));
    rig.answer = (_, event) => (rig.deliveries.length === 1 ? failing(event, '4', '2', '3') : SUCCESS);
    rig.mapping.start();
    await rig.until(() => rig.deliveries.length === 2);
    expect(rig.deliveries).toEqual([numbers(0, 6), numbers(2, 6)]);
    await rig.settle();
    expect(rig.position).toBe(sequence[5]);
    await rig.mapping.stop();
  });

  it('remembers what is done with before the rest is delivered again', async () => {
    const rig = await new Rig({ reportBatchItemFailures: true, bisectBatchOnFunctionError: true }).open();
    const sequence = await rig.put(...numbers(0, 4));
    const seen: (string | undefined)[] = [];
    rig.answer = (texts, event) => {
      seen.push(rig.checkpoints.load()[SHARD]);
      return texts.includes('0') ? failing(event, '2') : SUCCESS;
    };
    rig.mapping.start();
    await rig.settle();
    expect(seen).toEqual([undefined, sequence[1]]);
    await rig.mapping.stop();
  });

  it('with bisecting isolates one poison record that the function always names', async () => {
    for (let poison = 0; poison < 7; poison++) {
      const rig = await new Rig({ reportBatchItemFailures: true, bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 }).open();
      rig.answer = (_, event) => failing(event, String(poison));
      const sequence = await rig.put(...numbers(0, 7));
      rig.mapping.start();
      await rig.until(() => rig.position === sequence[6]);
      expect(rig.givenUpTexts()).toEqual([[String(poison)]]);
      expect(rig.givenUp[0]).toMatchObject({ responseContext: { functionError: null } });
      await rig.mapping.stop();
    }
  });

  it('without bisecting gives up the named record and what follows it in the batch once the retries are used up', async () => {
    const rig = await new Rig({ reportBatchItemFailures: true, maximumRetryAttempts: 1 }).open();
    rig.answer = (_, event) => failing(event, '2');
    await rig.put(...numbers(0, 5));
    rig.mapping.start();
    await rig.until(() => rig.givenUp.length === 1);
    expect(rig.deliveries).toEqual([numbers(0, 5), numbers(2, 5)]);
    expect(rig.givenUpTexts()).toEqual([numbers(2, 5)]);
    await rig.mapping.stop();
  });

  it('is success for every form of an empty answer', async () => {
    for (const payload of ['null', '', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}', '{"other":1}']) {
      const rig = await new Rig({ reportBatchItemFailures: true, maximumRetryAttempts: 0 }).open();
      rig.answer = () => ({ payload });
      const sequence = await rig.put('a', 'b');
      rig.mapping.start();
      await rig.settle();
      expect([payload, rig.position, rig.givenUp]).toEqual([payload, sequence[1], []]);
      await rig.mapping.stop();
    }
  });

  it('in a bad shape fails the whole batch', async () => {
    const shapes = [
      '{"batchItemFailures":[{"itemIdentifier":""}]}',
      '{"batchItemFailures":[{"itemIdentifier":null}]}',
      '{"batchItemFailures":[{"itemId":"1"}]}',
      '{"batchItemFailures":[{"itemIdentifier":"123"}]}',
      '{"batchItemFailures":[null]}',
      '{"batchItemFailures":"all"}',
      '"done"',
      '[]',
      'not JSON',
    ];
    for (const payload of shapes) {
      const rig = await new Rig({ reportBatchItemFailures: true, maximumRetryAttempts: 0 }).open();
      rig.answer = () => ({ payload });
      await rig.put('a', 'b');
      rig.mapping.start();
      await rig.settle();
      expect([payload, rig.givenUpTexts()]).toEqual([payload, [['a', 'b']]]);
      await rig.mapping.stop();
    }
  });

  it('means nothing to a mapping that does not ask for it', async () => {
    const rig = await new Rig().open();
    rig.answer = (_, event) => failing(event, 'a');
    const [sequence] = await rig.put('a');
    rig.mapping.start();
    await rig.settle();
    expect(rig.position).toBe(sequence);
    await rig.mapping.stop();
  });
});

describe('a destination or checkpoint that fails', () => {
  it('is tried again until it works: no record is dropped for it', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0 }).open();
    let refusals = 3;
    rig.answer = (texts) => (texts.includes('poison') ? ERROR : SUCCESS);
    rig.onFailure = async (record) => {
      if (refusals-- > 0) throw new Error('destination is down');
      rig.givenUp.push(record as Record<string, unknown>);
    };
    await rig.put('poison');
    rig.mapping.start();
    await rig.settle();
    expect(rig.position).toBeNull();
    await rig.until(() => rig.givenUp.length === 1);
    await rig.put('next');
    await rig.settle();
    expect(rig.deliveries).toEqual([['poison'], ['next']]);
    expect(rig.errors).toHaveLength(3);
    await rig.mapping.stop();
  });

  it('that fails until the mapping stops leaves the records for the next start', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0 }).open();
    rig.answer = () => ERROR;
    rig.onFailure = () => Promise.reject(new Error('destination is down'));
    await rig.put('poison');
    rig.mapping.start();
    await rig.until(() => rig.errors.length === 1);
    await rig.mapping.stop();
    expect(rig.checkpoints.load()).toEqual({});
    expect(rig.position).toBeNull();
  });

  it('holds the shard while the checkpoint cannot be kept', async () => {
    let refusals = 2;
    const kept = memoryCheckpoints();
    const rig = await new Rig(
      { batchSize: 1 },
      {
        load: kept.load,
        async save(shardId, position) {
          if (refusals-- > 0) throw new Error('disk full');
          await kept.save(shardId, position);
        },
      },
    ).open();
    await rig.put('a', 'b');
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([['a']]);
    expect(rig.position).toBeNull();
    await rig.until(() => rig.deliveries.length === 2);
    await rig.mapping.stop();
  });
});

describe('stopping and starting again', () => {
  it('lets the batch in flight end, remembers it, and begins no other', async () => {
    const rig = await new Rig({ batchSize: 2 }).open();
    let finish: (result: InvokeResult) => void = () => undefined;
    rig.answer = () => new Promise((resolve) => (finish = resolve));
    const sequence = await rig.put(...numbers(0, 5));
    rig.mapping.start();
    await rig.settle();
    let hasStopped = false;
    const stopped = rig.mapping.stop().then(() => (hasStopped = true));
    await rig.settle();
    expect(hasStopped).toBe(false);
    finish(SUCCESS);
    await stopped;
    expect(rig.deliveries).toEqual([['0', '1']]);
    expect(rig.checkpoints.load()).toEqual({ [SHARD]: sequence[1] });
  });

  it('goes on behind the checkpoint, and delivers again what was not remembered', async () => {
    const rig = await new Rig({ batchSize: 2 }).open();
    await rig.put(...numbers(0, 4));
    rig.answer = (texts) => (texts.includes('2') ? new Promise<InvokeResult>(() => undefined) : SUCCESS);
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([
      ['0', '1'],
      ['2', '3'],
    ]);
    // The process dies here, in the middle of the second batch.
    rig.renew();
    rig.answer = () => SUCCESS;
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries.slice(2)).toEqual([['2', '3']]);
    await rig.mapping.stop();
  });

  it('gives up nothing because an invocation was ended by the stop', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0 }).open();
    let fail: () => void = () => undefined;
    rig.answer = () => new Promise((resolve) => (fail = () => resolve(ERROR)));
    await rig.put('a');
    rig.mapping.start();
    await rig.settle();
    const stopped = rig.mapping.stop();
    fail();
    await stopped;
    expect(rig.givenUp).toEqual([]);
    expect(rig.checkpoints.load()).toEqual({});
  });

  it('ends at once in a pause between retries or in a batching window', async () => {
    const retrying = await new Rig().open();
    retrying.answer = () => ERROR;
    await retrying.put('a');
    retrying.mapping.start();
    await retrying.settle();
    await retrying.mapping.stop();
    expect(retrying.deliveries).toHaveLength(1);
    const waiting = await new Rig({ maximumBatchingWindowMs: 60_000 }).open();
    await waiting.put('a');
    waiting.mapping.start();
    await waiting.settle();
    await waiting.mapping.stop();
    expect(waiting.deliveries).toEqual([]);
    expect(waiting.clock.nextDueMs).toBeNull();
  });

  it('from LATEST skips what was there before the first start, and misses nothing after it', async () => {
    const rig = await new Rig({ startingPosition: 'LATEST' }).open();
    await rig.put('before');
    rig.mapping.start();
    await rig.settle();
    await rig.mapping.stop();
    await rig.put('while it was down');
    rig.renew();
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([['while it was down']]);
    await rig.mapping.stop();
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

describe('checkpoints in a file', () => {
  it('are there after a restart, and many saves share few writes', async () => {
    const path = join(temporaryFolder(), 'deep', 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    const saves = numbers(0, 500).map((position) => checkpoints.save(position.endsWith('7') ? 'b' : 'a', position));
    await saves[0];
    await Promise.all(saves);
    expect(fileCheckpoints(path).load()).toEqual({ a: '499', b: '497' });
    expect(new Set(saves).size).toBeLessThan(5);
  });

  it('are on the disk when their save has resolved', async () => {
    const path = join(temporaryFolder(), 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    for (const position of numbers(0, 20)) {
      const first = checkpoints.save('a', position);
      const second = checkpoints.save('b', position);
      await Promise.all([first, second]);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: position, b: position });
    }
  });

  it('tell when they cannot be written, and recover', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'sub', 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    rmSync(join(folder, 'sub'), { recursive: true });
    await expect(checkpoints.save('a', '1')).rejects.toThrow('ENOENT');
    fileCheckpoints(path);
    await checkpoints.save('a', '2');
    expect(fileCheckpoints(path).load()).toEqual({ a: '2' });
  });

  it('that are no checkpoints are an error naming the file', () => {
    const path = join(temporaryFolder(), 'checkpoints.json');
    writeFileSync(path, '{"a":');
    expect(() => fileCheckpoints(path)).toThrow(path);
  });
});
