import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3ObjectStore } from '#adapters/object-store.ts';

const ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };

/** Stops each command of a client before it is sent, keeps its input, and answers or fails as told. */
function intercept(client: S3Client, error?: Error): object[] {
  const inputs: object[] = [];
  const middleware = () => async (args: { input: object }) => {
    inputs.push(args.input);
    if (error) throw error;
    return { output: { $metadata: {} }, response: {} };
  };
  client.middlewareStack.add(middleware, { step: 'initialize' });
  return inputs;
}

describe('object store', () => {
  it('puts the whole object under its key', async () => {
    const client = new S3Client(ACCESS);
    const inputs = intercept(client);
    await s3ObjectStore(client, 'data').put('raw/x.parquet', new Uint8Array([1, 2]));
    expect(inputs).toEqual([
      { Bucket: 'data', Key: 'raw/x.parquet', Body: new Uint8Array([1, 2]), ContentType: 'application/vnd.apache.parquet' },
    ]);
  });

  it('fails when the bucket fails', async () => {
    const client = new S3Client(ACCESS);
    intercept(client, new Error('SlowDown'));
    await expect(s3ObjectStore(client, 'data').put('x', new Uint8Array())).rejects.toThrow('SlowDown');
  });
});
