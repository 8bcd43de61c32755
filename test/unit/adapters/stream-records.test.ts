import type { KinesisClient, PutRecordsCommandInput } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { putAll } from '#adapters/stream-records.ts';

/** A stream that refuses what `refuses` says, call by call, and keeps the rest. */
function fakeStream(refuses: (text: string, call: number) => boolean) {
  const taken: string[] = [];
  const sizes: number[] = [];
  const send = async ({ input }: { input: PutRecordsCommandInput }) => {
    sizes.push(input.Records!.length);
    return {
      Records: input.Records!.map(({ Data }) => {
        const text = Buffer.from(Data!).toString();
        if (refuses(text, sizes.length)) return { ErrorCode: 'ProvisionedThroughputExceededException' };
        taken.push(text);
        return { SequenceNumber: '1' };
      }),
    };
  };
  return { client: { send } as unknown as KinesisClient, taken, sizes };
}

const records = (count: number) => Array.from({ length: count }, (_, index) => ({ partitionKey: 'k', data: `r${index}` }));

describe('putting records', () => {
  it('sends at most 500 a request, all of them once', async () => {
    const { client, taken, sizes } = fakeStream(() => false);
    await putAll(client, 's', records(1001));
    expect(sizes).toEqual([500, 500, 1]);
    expect(taken).toEqual(records(1001).map(({ data }) => data));
  });

  it('sends again only what was refused', async () => {
    const { client, taken, sizes } = fakeStream((text, call) => text === 'r1' && call < 3);
    await putAll(client, 's', records(3));
    expect([sizes, taken]).toEqual([
      [3, 1, 1],
      ['r0', 'r2', 'r1'],
    ]);
  });

  it('fails, naming stream, number and reason, when some are refused five times', async () => {
    const { client, sizes } = fakeStream((text) => text === 'r0');
    await expect(putAll(client, 'alerts', records(2))).rejects.toThrow(
      'alerts refused 1 records 5 times: ProvisionedThroughputExceededException',
    );
    expect(sizes).toHaveLength(5);
  });

  it('sends nothing for nothing', async () => {
    const { client, sizes } = fakeStream(() => false);
    await putAll(client, 's', []);
    expect(sizes).toEqual([]);
  });
});
