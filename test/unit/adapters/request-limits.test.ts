import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { requestLimits } from '#adapters/request-limits.ts';

describe('request limits', () => {
  it('end an attempt that gets no answer, and the client tries again', async () => {
    let calls = 0;
    const server = createServer((request, response) => {
      calls++;
      // The first call is taken and never answered: the service hangs.
      if (calls > 1) request.resume().once('end', () => response.end());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
      requestHandler: requestLimits(200),
    });
    try {
      await client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Buffer.from('x') }));
      expect(calls).toBe(2);
    } finally {
      client.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  }, 10_000);
});
