/** An S3 bucket on the local engine, in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { startS3Server } from '../../local/engines/s3/server.ts';

export interface Bucket {
  readonly name: string;
  readonly client: S3Client;
  /** All keys, ascending. */
  keys(prefix?: string): Promise<string[]>;
  text(key: string): Promise<string>;
  close(): Promise<void>;
}

export async function startBucket(name = 'data'): Promise<Bucket> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-s3-'));
  const server = await startS3Server(new S3Engine({ folder }), { port: 0 });
  const client = new S3Client({ endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  return {
    name,
    client,
    async keys(prefix = '') {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: prefix }));
      return Contents.map(({ Key }) => Key!);
    },
    async text(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
      return Body!.transformToString();
    },
    async close() {
      client.destroy();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
