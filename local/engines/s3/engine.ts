/** S3 without the wire: objects are files at `<folder>/<bucket>/<key>`, so that DuckDB and people read a bucket as a folder. */
import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, openSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import { type Body, type BodyClaims, type WrittenBody, writeBody } from './body.ts';
import { compareKeys, walkKeys } from './listing.ts';
import { type ObjectHeaders, type ObjectInfo, objectInfo, removeMetadata, storeMetadata } from './metadata.ts';
import { checkBucketName, keySegments, METADATA_FOLDER, metadataPath, TEMPORARY_FOLDER } from './object-path.ts';

/** When a write may take place. */
export interface WriteConditions {
  /** Only over the object with this ETag. */
  readonly ifMatch?: string | undefined;
  /** `*`: only where there is no object. */
  readonly ifNoneMatch?: string | undefined;
}

export interface PutOptions extends ObjectHeaders, WriteConditions, BodyClaims {}

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface ListOptions {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Only keys and common prefixes behind this one. */
  readonly startAfter?: string;
  /** @default 1000 */
  readonly maxKeys?: number;
}

export interface Listing {
  readonly objects: readonly ObjectInfo[];
  readonly commonPrefixes: readonly string[];
  /** What to give as `startAfter` for the next page; null on the last one. */
  readonly nextAfter: string | null;
}

const MAX_KEYS = 1000;

export class S3Engine {
  readonly folder: string;

  /** Creates the folder; half-written objects of an earlier process are removed. */
  constructor({ folder }: { folder: string }) {
    this.folder = folder;
    rmSync(join(folder, TEMPORARY_FOLDER), { recursive: true, force: true });
    mkdirSync(join(folder, TEMPORARY_FOLDER), { recursive: true });
  }

  /** Rejects with InvalidBucketName; a bucket that exists already stays as it is. */
  async createBucket(name: string): Promise<void> {
    checkBucketName(name);
    mkdirSync(join(this.folder, name), { recursive: true });
    mkdirSync(join(this.folder, METADATA_FOLDER, name), { recursive: true });
  }

  /** @throws AwsError NoSuchBucket */
  bucketFolder(bucket: string): string {
    checkBucketName(bucket);
    const folder = join(this.folder, bucket);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new AwsError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
    }
    return folder;
  }

  /** Resolves once the object is visible, whole. Rejects with AWS's error, and then nothing has changed. */
  async putObject(bucket: string, key: string, body: Body, options: PutOptions = {}): Promise<{ etag: string } & WrittenBody> {
    this.#pathOf(bucket, key);
    return this.withTemporaryFile(async (temporary) => {
      const written = await writeBody(temporary, body, options);
      const etag = `"${written.md5Hex}"`;
      this.publish(temporary, bucket, key, { etag, headers: headersOf(options), checksums: written.checksums }, options);
      return { etag, ...written };
    });
  }

  /** Calls `work` with a name for a file in the same file system as the buckets; it is gone afterwards. */
  async withTemporaryFile<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
    const path = join(this.folder, TEMPORARY_FOLDER, randomUUID());
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Makes a finished file the object, if the conditions hold: in one turn of the event loop, so that of two writers one sees the other. */
  publish(
    file: string,
    bucket: string,
    key: string,
    about: Pick<ObjectInfo, 'etag' | 'headers' | 'checksums'>,
    conditions: WriteConditions,
  ): void {
    const path = this.#pathOf(bucket, key);
    const metadataFile = metadataPath(this.folder, bucket, key);
    checkWrite(conditions, () => objectInfo(path, metadataFile, key), key);
    try {
      mkdirSync(dirname(path), { recursive: true });
      renameSync(file, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTDIR' && code !== 'EEXIST' && code !== 'EISDIR' && code !== 'ENOTEMPTY') throw error;
      throw new AwsError(
        'InvalidArgument',
        `Key '${key}' collides with another object's: here a key cannot be both an object and the folder of others.`,
        409,
      );
    }
    storeMetadata(path, metadataFile, { key, ...about });
  }

  /** Rejects with NoSuchKey or NoSuchBucket. */
  async headObject(bucket: string, key: string): Promise<ObjectInfo> {
    return this.#find(bucket, key);
  }

  /** The object as it is now: a later write changes nothing of what `body` yields. It must be read or destroyed. Rejects with NoSuchKey, NoSuchBucket or InvalidRange. */
  async getObject(bucket: string, key: string, range?: string): Promise<{ info: ObjectInfo; range: ByteRange | null; body: Readable }> {
    const info = this.#find(bucket, key);
    const bytes = range === undefined ? null : parseRange(range, info.size);
    const path = this.#pathOf(bucket, key);
    const body = createReadStream(path, { fd: openSync(path, 'r'), ...(bytes === null ? {} : { start: bytes.first, end: bytes.last }) });
    return { info, range: bytes, body };
  }

  #find(bucket: string, key: string): ObjectInfo {
    const info = objectInfo(this.#pathOf(bucket, key), metadataPath(this.folder, bucket, key), key);
    if (info === null) throw noSuchKey(key);
    return info;
  }

  /** Removes the object; one that is not there is no error. */
  async deleteObject(bucket: string, key: string): Promise<void> {
    const root = this.bucketFolder(bucket);
    const path = this.#pathOf(bucket, key);
    const metadataFile = metadataPath(this.folder, bucket, key);
    if (objectInfo(path, metadataFile, key) === null) return;
    rmSync(path);
    removeMetadata(metadataFile);
    for (let folder = dirname(path); folder !== root; folder = dirname(folder)) if (!removeIfEmpty(folder)) break;
  }

  async listObjects(bucket: string, options: ListOptions = {}): Promise<Listing> {
    const root = this.bucketFolder(bucket);
    const { prefix = '', delimiter = '', startAfter = '', maxKeys = MAX_KEYS } = options;
    const objects: ObjectInfo[] = [];
    const commonPrefixes: string[] = [];
    let last = startAfter;
    for await (const key of walkKeys(root, prefix, startAfter)) {
      const common = commonPrefix(key, prefix, delimiter);
      if (common !== null && (common === commonPrefixes.at(-1) || compareKeys(common, startAfter) <= 0)) continue;
      const info = common === null ? objectInfo(this.#pathOf(bucket, key), metadataPath(this.folder, bucket, key), key) : null;
      if (common === null && info === null) continue;
      if (objects.length + commonPrefixes.length >= maxKeys) return { objects, commonPrefixes, nextAfter: last };
      if (common !== null) commonPrefixes.push(common);
      if (info !== null) objects.push(info);
      last = common ?? key;
    }
    return { objects, commonPrefixes, nextAfter: null };
  }

  #pathOf(bucket: string, key: string): string {
    return join(this.bucketFolder(bucket), ...keySegments(key));
  }
}

function headersOf({ contentType, cacheControl, contentEncoding, contentDisposition, metadata }: ObjectHeaders): ObjectHeaders {
  return { contentType, cacheControl, contentEncoding, contentDisposition, metadata };
}

function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', `The specified key does not exist: ${key}`, 404);
}

function checkWrite({ ifMatch, ifNoneMatch }: WriteConditions, current: () => ObjectInfo | null, key: string): void {
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw new AwsError('NotImplemented', `If-None-Match of a write must be *, not ${ifNoneMatch}`, 501);
  const existing = current();
  if (ifMatch !== undefined && existing === null) throw noSuchKey(key);
  const holds = (ifNoneMatch === undefined || existing === null) && (ifMatch === undefined || etagMatches(ifMatch, existing as ObjectInfo));
  if (!holds) throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}

/** Whether one of the ETags in a header, quoted or not, or `*`, is the object's. */
export function etagMatches(header: string, { etag }: ObjectInfo): boolean {
  return header.split(',').some((part) => part.trim() === '*' || part.trim().replaceAll('"', '') === etag.replaceAll('"', ''));
}

/** Null for what S3 ignores: several ranges, and forms it does not know. */
function parseRange(header: string, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, from = '', to = ''] = match ?? [];
  if (match === null || (from === '' && to === '') || (from !== '' && to !== '' && Number(to) < Number(from))) return null;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last)
    throw new AwsError('InvalidRange', `The requested range ${header} is not satisfiable: the object has ${size} bytes`, 416);
  return { first, last };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | null {
  if (delimiter === '') return null;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? null : key.slice(0, end + delimiter.length);
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}
