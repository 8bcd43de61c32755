/** What every S3 endpoint must do, seen through the stock SDK client. CONTRACT_S3_URL runs it against another endpoint. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { startS3Server } from '../../local/engines/s3/server.ts';

const remote = process.env['CONTRACT_S3_URL'];
const Bucket = `contract-${process.pid}`;
const MIB = 1024 * 1024;
let client: S3Client;
let endpoint: string;
let close: () => Promise<void>;

beforeAll(async () => {
  let stop = async (): Promise<void> => undefined;
  endpoint = remote ?? '';
  if (remote === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 's3-'));
    const server = await startS3Server(new S3Engine({ folder }), { port: 0 });
    endpoint = server.url;
    stop = async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    };
  }
  // No forcePathStyle: with an IP address the client must find the path style by itself, as unmodified functions do.
  client = new S3Client({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  await client.send(new CreateBucketCommand({ Bucket }));
  close = async () => {
    client.destroy();
    await stop();
  };
});

afterAll(() => close());

async function put(
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
): Promise<string> {
  return (await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))).ETag as string;
}

async function get(Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }));
  return Buffer.from((await Body?.transformToByteArray()) as Uint8Array);
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => error.name,
  );
}

function bytes(count: number, seed: number): Buffer {
  const target = Buffer.alloc(count);
  let state = seed;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    target[index] = state >>> 24;
  }
  return target;
}

function md5(data: Buffer): string {
  return `"${createHash('md5').update(data).digest('hex')}"`;
}

describe('an S3 endpoint', () => {
  it('gives back what was put, with its type, metadata, ETag and length', async () => {
    const data = bytes(100_000, 1);
    const etag = await put('dt=2026-01-01/hr=07/ключ a+b&c%20=.bin', data, {
      ContentType: 'application/x-test',
      Metadata: { lane: 'shard 7' },
      CacheControl: 'no-cache',
    });
    expect(etag).toBe(md5(data));
    expect(await get('dt=2026-01-01/hr=07/ключ a+b&c%20=.bin')).toEqual(data);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'dt=2026-01-01/hr=07/ключ a+b&c%20=.bin' }));
    expect(head).toMatchObject({
      ContentLength: 100_000,
      ETag: etag,
      ContentType: 'application/x-test',
      Metadata: { lane: 'shard 7' },
      CacheControl: 'no-cache',
    });
    expect(Math.abs((head.LastModified?.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('keeps an empty object', async () => {
    await put('empty', Buffer.alloc(0));
    expect(await get('empty')).toEqual(Buffer.alloc(0));
  });

  it('replaces an object', async () => {
    await put('replaced', 'first and longer');
    await put('replaced', 'second');
    expect((await get('replaced')).toString()).toBe('second');
  });

  it('takes a stream in chunks with a trailing checksum, byte for byte', async () => {
    const data = bytes(3 * MIB, 2);
    const pieces = Array.from({ length: 64 }, (_, index) => data.subarray((index * data.length) / 64, ((index + 1) * data.length) / 64));
    await put('streamed', Readable.from(pieces), { ContentLength: data.length });
    expect((await get('streamed')).equals(data)).toBe(true);
  });

  it('verifies CRC32, CRC32C, SHA1 and SHA256 and returns them', async () => {
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const) {
      await put(`checksum/${ChecksumAlgorithm}`, bytes(10_000, 3), { ChecksumAlgorithm });
      const response = await client.send(new GetObjectCommand({ Bucket, Key: `checksum/${ChecksumAlgorithm}`, ChecksumMode: 'ENABLED' }));
      expect(response[`Checksum${ChecksumAlgorithm}`]).toBeTypeOf('string');
      expect(Buffer.from((await response.Body?.transformToByteArray()) as Uint8Array)).toEqual(bytes(10_000, 3));
    }
  });

  it('refuses a body that does not match its checksum, and keeps nothing of it', async () => {
    expect(await failure(put('bad', 'data', { ChecksumCRC32: 'AAAAAA==' }))).toBe('BadDigest');
    expect(await failure(put('bad', 'data', { ChecksumSHA256: createHash('sha256').update('other').digest('base64') }))).toBe('BadDigest');
    expect(await failure(put('bad', 'data', { ContentMD5: createHash('md5').update('other').digest('base64') }))).toBe('BadDigest');
    expect(await failure(get('bad'))).toBe('NoSuchKey');
  });

  it('reads ranges from the beginning, the middle and the end', async () => {
    const data = bytes(1000, 4);
    await put('ranges', data);
    expect(await get('ranges', 'bytes=10-19')).toEqual(data.subarray(10, 20));
    expect(await get('ranges', 'bytes=990-')).toEqual(data.subarray(990));
    expect(await get('ranges', 'bytes=-8')).toEqual(data.subarray(992));
    expect(await get('ranges', 'bytes=900-5000')).toEqual(data.subarray(900));
    expect(await failure(get('ranges', 'bytes=1000-1001'))).toBe('InvalidRange');
    const { ContentRange } = await client.send(new GetObjectCommand({ Bucket, Key: 'ranges', Range: 'bytes=0-0' }));
    expect(ContentRange).toBe('bytes 0-0/1000');
  });

  it('creates only where nothing is with If-None-Match, one of many writers', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, writer) => failure(put('created', `writer ${writer}`, { IfNoneMatch: '*' }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed' || outcome === 'ConditionalRequestConflict')).toHaveLength(7);
    expect((await get('created')).toString()).toBe(`writer ${outcomes.indexOf('no error')}`);
  });

  it('replaces only the expected object with If-Match', async () => {
    const first = await put('swapped', 'first');
    const second = await put('swapped', 'second', { IfMatch: first });
    expect(await failure(put('swapped', 'third', { IfMatch: first }))).toBe('PreconditionFailed');
    expect((await get('swapped')).toString()).toBe('second');
    expect(await failure(put('absent', 'x', { IfMatch: second }))).toBe('NoSuchKey');
  });

  it('answers 304 for an object that the reader has', async () => {
    const etag = await put('cached', 'x');
    const error = await client.send(new GetObjectCommand({ Bucket, Key: 'cached', IfNoneMatch: etag })).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  it('deletes objects one by one and together, and is silent about absent ones', async () => {
    for (const key of ['gone/1', 'gone/2', 'gone/3']) await put(key, key);
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone/1' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone/1' }));
    const { Deleted, Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'gone/2' }, { Key: 'gone/3' }, { Key: 'gone/4' }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['gone/2', 'gone/3', 'gone/4']);
    expect(Errors ?? []).toEqual([]);
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'gone/' }));
    expect(KeyCount).toBe(0);
    expect(await failure(get('gone/2'))).toBe('NoSuchKey');
  });

  it('lists by bytes of the keys, page by page, and below a prefix', async () => {
    const keys = ['l/a', 'l/a-b', 'l/a/b', 'l/a0', 'l/b/1', 'l/b/2', 'l/b/c/3', 'l/\u{FF5E}', 'l/\u{1F600}', 'l/z & <x>'];
    for (const key of keys) if (key !== 'l/a') await put(key, key);
    const expected = keys.filter((key) => key !== 'l/a').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', MaxKeys: 2, ContinuationToken }));
      expect(page.Contents?.length).toBe(page.KeyCount);
      found.push(...(page.Contents ?? []).map(({ Key }) => Key as string));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(found).toEqual(expected);
    const some = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/b/', StartAfter: 'l/b/1' }));
    expect(some.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
      ['l/b/2', 5],
      ['l/b/c/3', 7],
    ]);
    const partial = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/a' }));
    expect(partial.Contents?.map(({ Key }) => Key)).toEqual(['l/a-b', 'l/a/b', 'l/a0']);
  });

  it('groups keys by a delimiter, each group once over all pages', async () => {
    for (const key of ['d/x', 'd/2026/a', 'd/2026/b', 'd/2027/a', 'd/y']) await put(key, 'x');
    const all = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'd/', Delimiter: '/' }));
    expect(all.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['d/2026/', 'd/2027/']);
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(['d/x', 'd/y']);
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'd/', Delimiter: '/', MaxKeys: 1, ContinuationToken }));
      seen.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix as string),
        ...(page.Contents ?? []).map(({ Key }) => Key as string),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(['d/2026/', 'd/2027/', 'd/x', 'd/y']);
  });

  it('puts the parts of a multipart upload together, and shows nothing before', async () => {
    const Key = 'multipart';
    const parts = [bytes(5 * MIB, 5), bytes(5 * MIB, 6), bytes(1234, 7)];
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/x-parts' }));
    const uploaded = await Promise.all(
      parts.map((Body, index) => client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body }))),
    );
    expect(await failure(get(Key))).toBe('NoSuchKey');
    const Parts = uploaded.map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
    const complete = (list: typeof Parts): Promise<string> =>
      failure(client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: list } })));
    expect(await complete([...Parts].reverse())).toBe('InvalidPartOrder');
    expect(await complete([{ ETag: md5(Buffer.from('x')), PartNumber: 1 }])).toBe('InvalidPart');
    expect(await complete(Parts)).toBe('no error');
    expect((await get(Key)).equals(Buffer.concat(parts))).toBe(true);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    const digests = parts.map((part) => createHash('md5').update(part).digest());
    expect(head.ETag).toBe(`"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-3"`);
    expect(head.ContentType).toBe('text/x-parts');
  });

  it('forgets an aborted multipart upload and refuses small parts', async () => {
    const Key = 'aborted';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const [one, two] = await Promise.all(
      [1, 2].map((PartNumber) => client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'small' }))),
    );
    const Parts = [
      { ETag: one?.ETag, PartNumber: 1 },
      { ETag: two?.ETag, PartNumber: 2 },
    ];
    const complete = (): Promise<string> =>
      failure(client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } })));
    expect(await complete()).toBe('EntityTooSmall');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await complete()).toBe('NoSuchUpload');
    expect(await failure(get(Key))).toBe('NoSuchKey');
  });

  it('names what does not exist as S3 does', async () => {
    const missing = `missing-${process.pid}`;
    expect(await failure(get('nothing'))).toBe('NoSuchKey');
    expect(await failure(client.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).toBe('NotFound');
    expect(await failure(client.send(new PutObjectCommand({ Bucket: missing, Key: 'k', Body: 'x' })))).toBe('NoSuchBucket');
    expect(await failure(client.send(new ListObjectsV2Command({ Bucket: missing })))).toBe('NoSuchBucket');
    expect(await failure(client.send(new HeadBucketCommand({ Bucket: missing })))).toBe('NotFound');
    expect(await failure(client.send(new HeadBucketCommand({ Bucket })))).toBe('no error');
    expect(await failure(put('x'.repeat(1025), 'x'))).toBe('KeyTooLongError');
  });

  it('refuses a request without a signature', async () => {
    expect((await fetch(`${endpoint}/${Bucket}/cached`)).status).toBe(403);
  });

  it('keeps nothing of a body that breaks off', async () => {
    const { hostname, port } = new URL(endpoint);
    const socket = connect(Number(port), hostname);
    const head = [
      `PUT /${Bucket}/broken-off HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Authorization: AWS4-HMAC-SHA256 x',
      'Content-Length: 1000',
      'Expect: 100-continue',
      '',
      '',
    ];
    await new Promise<void>((resolve) => {
      socket.once('data', () => socket.write('only this', () => socket.destroy()));
      socket.once('close', () => resolve());
      socket.write(head.join('\r\n'));
    });
    expect(await failure(get('broken-off'))).toBe('NoSuchKey');
  });
});
