/** Where an object lies: literally at `<bucket>/<key>`, so that other programs read the bucket as a folder. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_KEY_BYTES = 1024;
/** What common file systems allow for one name. */
const MAX_SEGMENT_BYTES = 255;

/** @throws AwsError InvalidBucketName */
export function checkBucketName(name: string): void {
  if (!BUCKET_NAME.test(name) || name.includes('..')) {
    throw new AwsError(
      'InvalidBucketName',
      `The specified bucket is not valid: '${name.slice(0, 100)}' must be 3 to 63 of a-z, 0-9, '.' and '-'.`,
    );
  }
}

/**
 * The folders and the file name of a key.
 * @throws AwsError for a key that S3 refuses (KeyTooLongError), or that cannot be a path below its bucket (InvalidArgument)
 */
export function keySegments(key: string): string[] {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new AwsError('KeyTooLongError', `Your key is too long: ${Buffer.byteLength(key)} bytes, at most ${MAX_KEY_BYTES}.`);
  const segments = key.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..' || segment.includes('\\') || segment.includes('\0')) {
      throw new AwsError(
        'InvalidArgument',
        `Key '${key}' cannot be stored as a file: empty, '.' and '..' segments, backslashes and NUL are not supported here.`,
      );
    }
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
      throw new AwsError(
        'KeyTooLongError',
        `Key '${key.slice(0, 100)}…' has a segment of ${Buffer.byteLength(segment)} bytes; a file name holds at most ${MAX_SEGMENT_BYTES}.`,
      );
    }
  }
  return segments;
}

/** Name of the file that keeps an object's metadata: flat, and of one length whatever the key. */
export function metadataPath(folder: string, bucket: string, key: string): string {
  return join(folder, METADATA_FOLDER, bucket, `${createHash('sha256').update(key).digest('hex')}.json`);
}

/** Names no bucket can have. */
export const METADATA_FOLDER = '.metadata';
export const TEMPORARY_FOLDER = '.temporary';
export const UPLOADS_FOLDER = '.uploads';
