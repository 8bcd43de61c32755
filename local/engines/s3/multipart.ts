/** Multipart uploads: parts lie outside the buckets until they are put together. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import { type Body, type BodyClaims, type WrittenBody, writeBody } from './body.ts';
import type { S3Engine, WriteConditions } from './engine.ts';
import type { ObjectHeaders } from './metadata.ts';
import { keySegments, UPLOADS_FOLDER } from './object-path.ts';

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
}

export interface CompletedPart {
  readonly number: number;
  readonly etag: string;
}

const MAX_PART_NUMBER = 10_000;
const MIN_PART_BYTES = 5 * 1024 * 1024;
const UPLOAD_FILE = 'upload.json';
const UPLOAD_ID = /^[0-9a-f-]{36}$/;

/** Answers with the upload id. */
export function createUpload(engine: S3Engine, bucket: string, key: string, headers: ObjectHeaders): string {
  engine.bucketFolder(bucket);
  keySegments(key);
  const id = randomUUID();
  const folder = join(engine.folder, UPLOADS_FOLDER, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, UPLOAD_FILE), JSON.stringify({ bucket, key, headers } satisfies Upload));
  return id;
}

/** Keeps a part, in place of an earlier one of its number. */
export async function uploadPart(
  engine: S3Engine,
  at: UploadAt,
  number: number,
  body: Body,
  claims: BodyClaims,
): Promise<{ etag: string } & WrittenBody> {
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw new AwsError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive: ${number}`);
  }
  const { folder } = openUpload(engine, at);
  return engine.withTemporaryFile(async (temporary) => {
    const written = await writeBody(temporary, body, claims);
    const earlier = partFile(folder, number);
    renameSync(temporary, join(folder, `${number}-${written.md5Hex}`));
    if (earlier !== null && earlier.md5Hex !== written.md5Hex) rmSync(earlier.path);
    return { etag: `"${written.md5Hex}"`, ...written };
  });
}

/** Puts the named parts together and makes them the object; answers with its ETag. */
export async function completeUpload(
  engine: S3Engine,
  at: UploadAt,
  parts: readonly CompletedPart[],
  conditions: WriteConditions,
): Promise<string> {
  const { folder, upload } = openUpload(engine, at);
  if (parts.length === 0) throw new AwsError('MalformedXML', 'An upload is completed by at least one part');
  if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1] as CompletedPart).number)) {
    throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  const files = parts.map(({ number, etag }, index) => {
    const file = partFile(folder, number);
    if (file === null || file.md5Hex !== etag.replaceAll('"', ''))
      throw new AwsError('InvalidPart', `Part ${number} with ETag ${etag} was not uploaded.`);
    const bytes = statSync(file.path).size;
    if (index < parts.length - 1 && bytes < MIN_PART_BYTES)
      throw new AwsError('EntityTooSmall', `Part ${number} has ${bytes} bytes; all but the last need ${MIN_PART_BYTES}.`);
    return file;
  });
  const whole = createHash('md5').update(Buffer.concat(files.map(({ md5Hex }) => Buffer.from(md5Hex, 'hex'))));
  const etag = `"${whole.digest('hex')}-${files.length}"`;
  await engine.withTemporaryFile(async (temporary) => {
    await writeBody(temporary, concatenated(files.map(({ path }) => path)));
    engine.publish(temporary, at.bucket, at.key, { etag, headers: upload.headers, checksums: {} }, conditions);
  });
  rmSync(folder, { recursive: true });
  return etag;
}

export function abortUpload(engine: S3Engine, at: UploadAt): void {
  rmSync(openUpload(engine, at).folder, { recursive: true });
}

/** Which upload a request means. */
export interface UploadAt {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

function openUpload(engine: S3Engine, { bucket, key, uploadId }: UploadAt): { folder: string; upload: Upload } {
  const folder = join(engine.folder, UPLOADS_FOLDER, uploadId);
  if (UPLOAD_ID.test(uploadId) && existsSync(join(folder, UPLOAD_FILE))) {
    const upload: Upload = JSON.parse(readFileSync(join(folder, UPLOAD_FILE), 'utf8'));
    if (upload.bucket === bucket && upload.key === key) return { folder, upload };
  }
  throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist: it may have been aborted or completed.', 404);
}

function partFile(folder: string, number: number): { path: string; md5Hex: string } | null {
  const name = readdirSync(folder).find((file) => file.startsWith(`${number}-`));
  return name === undefined ? null : { path: join(folder, name), md5Hex: name.slice(name.indexOf('-') + 1) };
}

async function* concatenated(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path);
}
