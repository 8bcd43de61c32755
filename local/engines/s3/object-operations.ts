/** The operations on an object, from request to response. */
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import { readBody, type WireRequest, type WireResponse } from '../wire-server.ts';
import type { WrittenBody } from './body.ts';
import { type ByteRange, etagMatches, type S3Engine } from './engine.ts';
import type { ObjectInfo } from './metadata.ts';
import { abortUpload, completeUpload, createUpload, uploadPart } from './multipart.ts';
import { type Address, header, objectHeaders, requestBody, writeConditions } from './request.ts';
import { xmlDocument, xmlElements, xmlText } from './xml.ts';

const MAX_COMPLETE_BYTES = 2 * 1024 * 1024;

export async function putObject(
  engine: S3Engine,
  { bucket, key, query }: Address,
  request: WireRequest,
  response: WireResponse,
): Promise<void> {
  if (header(request, 'x-amz-copy-source') !== undefined) throw new AwsError('NotImplemented', 'CopyObject is not supported here', 501);
  const { body, claims } = requestBody(request);
  const uploadId = query.get('uploadId');
  const written =
    uploadId === null
      ? await engine.putObject(bucket, key, body, { ...objectHeaders(request), ...writeConditions(request), ...claims })
      : await uploadPart(engine, { bucket, key, uploadId }, Number(query.get('partNumber')), body, claims);
  setChecksums(response, written.checksums);
  response.setHeader('etag', written.etag);
  response.end();
}

/** GET and HEAD. */
export async function getObject(engine: S3Engine, { bucket, key }: Address, request: WireRequest, response: WireResponse): Promise<void> {
  const { info, range, body } = await engine.getObject(bucket, key, header(request, 'range'));
  try {
    const unchanged = header(request, 'if-none-match');
    const expected = header(request, 'if-match');
    if (expected !== undefined && !etagMatches(expected, info))
      throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    setObjectHeaders(response, info);
    if (unchanged !== undefined && etagMatches(unchanged, info)) {
      response.statusCode = 304;
      response.end();
      return;
    }
    setRange(response, info, range);
    if (range === null && header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') setChecksums(response, info.checksums);
    if (request.method === 'HEAD') response.end();
    else await pipeline(body, response as NodeJS.WritableStream);
  } finally {
    body.destroy();
  }
}

function setObjectHeaders(response: WireResponse, info: ObjectInfo): void {
  const { contentType, cacheControl, contentEncoding, contentDisposition, metadata } = info.headers;
  response.setHeader('etag', info.etag);
  response.setHeader('last-modified', new Date(info.lastModifiedMs).toUTCString());
  response.setHeader('accept-ranges', 'bytes');
  const optional = {
    'content-type': contentType,
    'cache-control': cacheControl,
    'content-encoding': contentEncoding,
    'content-disposition': contentDisposition,
  };
  for (const [name, value] of Object.entries(optional)) if (value !== undefined) response.setHeader(name, value);
  for (const [name, value] of Object.entries(metadata ?? {})) response.setHeader(`x-amz-meta-${name}`, value);
}

function setRange(response: WireResponse, info: ObjectInfo, range: ByteRange | null): void {
  response.setHeader('content-length', String(range === null ? info.size : range.last - range.first + 1));
  if (range === null) return;
  response.statusCode = 206;
  response.setHeader('content-range', `bytes ${range.first}-${range.last}/${info.size}`);
}

function setChecksums(response: WireResponse, checksums: WrittenBody['checksums']): void {
  for (const [name, value] of Object.entries(checksums)) response.setHeader(`x-amz-checksum-${name}`, value);
}

/** CreateMultipartUpload and CompleteMultipartUpload; answers with the XML. */
export async function postObject(engine: S3Engine, { bucket, key, query }: Address, request: WireRequest): Promise<string> {
  if (query.has('uploads')) {
    const UploadId = createUpload(engine, bucket, key, objectHeaders(request));
    return xmlDocument('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
  }
  const uploadId = query.get('uploadId');
  if (uploadId === null) throw new AwsError('NotImplemented', 'of POST on a key, only the multipart operations are supported here', 501);
  const document = (await readBody(request, MAX_COMPLETE_BYTES))?.toString() ?? '';
  const parts = xmlElements(document, 'Part').map((part) => ({
    number: Number(xmlText(part, 'PartNumber')),
    etag: xmlText(part, 'ETag') ?? '',
  }));
  const ETag = await completeUpload(engine, { bucket, key, uploadId }, parts, writeConditions(request));
  return xmlDocument('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag });
}

/** DeleteObject and AbortMultipartUpload. */
export async function deleteObject(engine: S3Engine, { bucket, key, query }: Address): Promise<void> {
  const uploadId = query.get('uploadId');
  if (uploadId === null) await engine.deleteObject(bucket, key);
  else abortUpload(engine, { bucket, key, uploadId });
}
