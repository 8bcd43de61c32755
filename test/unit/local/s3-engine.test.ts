import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeAwsChunked } from '../../../local/engines/s3/aws-chunked.ts';
import { crc32c } from '../../../local/engines/s3/checksum.ts';
import { S3Engine } from '../../../local/engines/s3/engine.ts';
import { startS3Server } from '../../../local/engines/s3/server.ts';

let folder: string;
let engine: S3Engine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 's3-'));
  engine = new S3Engine({ folder: join(folder, 's3') });
  await engine.createBucket('data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function text(key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await engine.getObject('data', key)).body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function everyFile(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

describe('an object', () => {
  it('lies literally at its key, and nothing else lies in the bucket', async () => {
    await engine.putObject('data', 'raw/trades/dt=2026-01-01/a.parquet', Buffer.from('rows'));
    expect(readFileSync(join(folder, 's3/data/raw/trades/dt=2026-01-01/a.parquet'), 'utf8')).toBe('rows');
    expect(readdirSync(join(folder, 's3/data'), { recursive: true }).sort()).toEqual([
      'raw',
      'raw/trades',
      'raw/trades/dt=2026-01-01',
      'raw/trades/dt=2026-01-01/a.parquet',
    ]);
  });

  it('is visible only whole: its file appears after the last byte', async () => {
    const seen: boolean[] = [];
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one');
      seen.push(existsSync(join(folder, 's3/data/slow')));
      yield Buffer.from('two');
      seen.push(existsSync(join(folder, 's3/data/slow')));
    }
    await engine.putObject('data', 'slow', body());
    expect(seen).toEqual([false, false]);
    expect(await text('slow')).toBe('onetwo');
  });

  it('whose writer fails leaves nothing behind, and the earlier one stays', async () => {
    await engine.putObject('data', 'kept', Buffer.from('before'));
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('connection lost');
    }
    await expect(engine.putObject('data', 'kept', body())).rejects.toThrow('connection lost');
    expect(await text('kept')).toBe('before');
    expect(readdirSync(join(folder, 's3/.temporary'))).toEqual([]);
  });

  it('that another program wrote into the folder is an object too, and its stale metadata is not believed', async () => {
    await engine.putObject('data', 'a', Buffer.from('first'), { contentType: 'text/plain' });
    rmSync(join(folder, 's3/data/a'));
    writeFileSync(join(folder, 's3/data/a'), 'second, by another program');
    const info = await engine.headObject('data', 'a');
    expect(info).toMatchObject({ size: 26, headers: { contentType: 'binary/octet-stream' } });
    await expect(engine.putObject('data', 'a', Buffer.from('x'), { ifMatch: '"8b04d5e3775d298e78455efc5ca404d5"' })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
  });

  it('keeps its metadata over a restart', async () => {
    await engine.putObject('data', 'a', Buffer.from('x'), { contentType: 'text/html', metadata: { lane: 'one' } });
    const before = await engine.headObject('data', 'a');
    engine = new S3Engine({ folder: join(folder, 's3') });
    expect(await engine.headObject('data', 'a')).toEqual(before);
  });

  it('takes its empty folders along when it is deleted, but never its bucket', async () => {
    await engine.putObject('data', 'a/b/c', Buffer.from('x'));
    await engine.putObject('data', 'a/d', Buffer.from('x'));
    await engine.deleteObject('data', 'a/b/c');
    expect(readdirSync(join(folder, 's3/data/a'))).toEqual(['d']);
    await engine.deleteObject('data', 'a/d');
    expect(readdirSync(join(folder, 's3/data'))).toEqual([]);
    expect(readdirSync(join(folder, 's3/.metadata/data'))).toEqual([]);
  });

  it('cannot be the folder of others: the second one is refused and changes nothing', async () => {
    await engine.putObject('data', 'a/b', Buffer.from('x'));
    await engine.putObject('data', 'f', Buffer.from('file'));
    await expect(engine.putObject('data', 'a', Buffer.from('x'))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(engine.putObject('data', 'f/g', Buffer.from('x'))).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await text('f')).toBe('file');
    await expect(engine.headObject('data', 'a')).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(engine.headObject('data', 'f/g')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('a key', () => {
  const outside = [
    '../x',
    'a/../../x',
    '..',
    '.',
    'a/./b',
    'a//b',
    '/a',
    'a/',
    '',
    'a\\..\\b',
    'a\0b',
    '../s3/data2/x',
    '.temporary/../../x',
  ];

  it('never leaves the folder of its bucket', async () => {
    mkdirSync(join(folder, 's3/data2'));
    const before = everyFile();
    for (const key of outside) {
      await expect(engine.putObject('data', key, Buffer.from('x')), key).rejects.toMatchObject({ code: 'InvalidArgument' });
      await expect(engine.headObject('data', key), key).rejects.toMatchObject({ code: 'InvalidArgument' });
      await expect(engine.deleteObject('data', key), key).rejects.toMatchObject({ code: 'InvalidArgument' });
    }
    for (const bucket of ['..', '.metadata', '.temporary', 'a/b', '../x', 'UPPER', 'xy']) {
      await expect(engine.putObject(bucket, 'x', Buffer.from('x')), bucket).rejects.toMatchObject({ code: 'InvalidBucketName' });
      await expect(engine.createBucket(bucket), bucket).rejects.toMatchObject({ code: 'InvalidBucketName' });
    }
    expect(everyFile()).toEqual(before);
  });

  it('never leaves it through the wire either, however it is written', async () => {
    writeFileSync(join(folder, 'secret'), 'secret');
    const server = await startS3Server(engine, { port: 0 });
    const { port } = new URL(server.url);
    for (const path of [
      '/data/../../secret',
      '/data/%2e%2e/%2e%2e/secret',
      '/data/..%2f..%2fsecret',
      '/%2e%2e/secret',
      '/../secret',
      '/data/%00',
      '/data/%zz',
    ]) {
      const status = await new Promise<number>((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, path, headers: { authorization: 'x' } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.once('error', reject);
        sent.end();
      });
      expect(status, path).toBe(400);
    }
    await server.close();
  });

  it('is refused under a name that is not the loopback', async () => {
    const server = await startS3Server(engine, { port: 0 });
    const { port } = new URL(server.url);
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, path: '/data/x', headers: { authorization: 'x', host: 'evil.example' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.once('error', reject);
      sent.end();
    });
    expect(status).toBe(403);
    await server.close();
  });
});

describe('a request that is refused in the middle of its body', () => {
  it('still gets its answer, and the connection serves the next one', async () => {
    const server = await startS3Server(engine, { port: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, headers: Record<string, string>, body: Buffer): Promise<string> =>
      new Promise((resolve, reject) => {
        const sent = request(`${server.url}/data/x`, { agent, method, headers: { authorization: 'x', ...headers } }, async (response) => {
          let answer = '';
          for await (const chunk of response) answer += chunk;
          resolve(`${response.statusCode} ${answer}`);
        });
        sent.once('error', reject);
        sent.end(body);
      });
    const chunked = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    expect(await send('PUT', chunked, Buffer.alloc(8 * 1024 * 1024, 'no chunk header\r\n'))).toMatch(
      /^400 .*<Code>InvalidChunkSizeError</s,
    );
    expect(await send('GET', {}, Buffer.alloc(0))).toMatch(/^404 .*<Code>NoSuchKey</s);
    agent.destroy();
    await server.close();
  });
});

describe('CRC-32C', () => {
  it('agrees with the published check value, also in pieces', () => {
    const data = Buffer.from('123456789');
    expect(crc32c(data)).toBe(0xe3069283);
    expect(crc32c(data.subarray(4), crc32c(data.subarray(0, 4)))).toBe(0xe3069283);
  });
});

describe('an aws-chunked body', () => {
  const framed = 'a;chunk-signature=00\r\n0123456789\r\n3\r\nabc\r\n0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n';

  async function decode(body: string, pieceBytes: number): Promise<{ text: string; trailers: Map<string, string> }> {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < body.length; at += pieceBytes) yield Buffer.from(body.slice(at, at + pieceBytes));
    }
    const trailers = new Map<string, string>();
    let decoded = '';
    for await (const chunk of decodeAwsChunked(pieces(), trailers)) decoded += Buffer.from(chunk).toString();
    return { text: decoded, trailers };
  }

  it('is the same however the network cut it', async () => {
    for (let pieceBytes = 1; pieceBytes <= framed.length; pieceBytes++) {
      expect(await decode(framed, pieceBytes)).toEqual({ text: '0123456789abc', trailers: new Map([['x-amz-checksum-crc32', 'AAAA']]) });
    }
  });

  it('that ends early or is framed wrongly is refused', async () => {
    for (let length = 0; length < framed.length; length++)
      await expect(decode(framed.slice(0, length), 7)).rejects.toMatchObject({ code: 'IncompleteBody' });
    await expect(decode('xyz\r\n', 7)).rejects.toMatchObject({ code: 'InvalidChunkSizeError' });
    await expect(decode('2\r\nabc\r\n0\r\n\r\n', 7)).rejects.toMatchObject({ code: 'InvalidChunkSizeError' });
  });
});
