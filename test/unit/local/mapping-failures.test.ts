import { describe, expect, it } from 'vitest';
import { memoryCheckpoints } from '../../../local/engines/checkpoints.ts';
import { ERROR, failing, numbers, Rig, SHARD, START_MS, SUCCESS } from './mapping-rig.ts';

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
