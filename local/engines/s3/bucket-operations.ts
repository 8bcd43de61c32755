/** The operations on a bucket. */
import { AwsError } from '../aws-error.ts';
import { readBody, type WireRequest } from '../wire-server.ts';
import type { S3Engine } from './engine.ts';
import type { Address } from './request.ts';
import { type XmlContent, xmlDocument, xmlElements, xmlText } from './xml.ts';

const MAX_KEYS = 1000;
const MAX_DELETE_BYTES = 2 * 1024 * 1024;

/** The XML of ListObjectsV2. */
export async function listObjects(engine: S3Engine, { bucket, query }: Address): Promise<string> {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const maxKeys = Math.min(countParameter(query.get('max-keys')), MAX_KEYS);
  const startAfter = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const { objects, commonPrefixes, nextAfter } = await engine.listObjects(bucket, { prefix, delimiter, startAfter, maxKeys });
  const isUrl = query.get('encoding-type') === 'url';
  const encode = (text: string): string => (isUrl ? encodeURIComponent(text).replaceAll('%2F', '/') : text);
  return xmlDocument('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? null : encode(delimiter),
    MaxKeys: maxKeys,
    KeyCount: objects.length + commonPrefixes.length,
    EncodingType: isUrl ? 'url' : null,
    IsTruncated: nextAfter !== null && maxKeys > 0,
    ContinuationToken: token,
    NextContinuationToken: nextAfter === null || maxKeys === 0 ? null : Buffer.from(nextAfter).toString('base64url'),
    StartAfter: query.get('start-after') === null ? null : encode(query.get('start-after') as string),
    Contents: objects.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.lastModifiedMs).toISOString(),
      ETag: object.etag,
      Size: object.size,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  });
}

function countParameter(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (!/^\d{1,9}$/.test(text)) throw new AwsError('InvalidArgument', `max-keys must be an integer from 0 to 2147483647: ${text}`);
  return Number(text);
}

/** Removes the keys that the request's XML names, and answers with what became of each. */
export async function deleteObjects(engine: S3Engine, { bucket }: Address, request: WireRequest): Promise<string> {
  engine.bucketFolder(bucket);
  const body = await readBody(request, MAX_DELETE_BYTES);
  const document = body?.toString() ?? '';
  const keys = xmlElements(document, 'Object').map((object) => xmlText(object, 'Key'));
  if (keys.length < 1 || keys.length > MAX_KEYS || keys.includes(undefined)) {
    throw new AwsError('MalformedXML', `DeleteObjects takes 1 to ${MAX_KEYS} objects with a key each, not ${keys.length}`);
  }
  const isQuiet = xmlText(document, 'Quiet') === 'true';
  const deleted: XmlContent[] = [];
  const errors: XmlContent[] = [];
  for (const key of keys as string[]) {
    try {
      await engine.deleteObject(bucket, key);
      if (!isQuiet) deleted.push({ Key: key });
    } catch (error) {
      errors.push({ Key: key, Code: error instanceof AwsError ? error.code : 'InternalError', Message: String(error) });
    }
  }
  return xmlDocument('DeleteResult', { Deleted: deleted, Error: errors });
}
