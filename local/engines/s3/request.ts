/** What an S3 request says, taken apart: path-style address, query and the headers about a body. */
import { AwsError } from '../aws-error.ts';
import type { WireRequest } from '../wire-server.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { Body, BodyClaims } from './body.ts';
import { CHECKSUM_NAMES, type ChecksumName } from './checksum.ts';
import type { WriteConditions } from './engine.ts';
import type { ObjectHeaders } from './metadata.ts';

export interface Address {
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** The path is taken as it was sent: a URL parser would resolve `..` before anybody could refuse it. */
export function parseAddress(url: string): Address {
  const [path = '', query = ''] = splitOnce(url, '?');
  const [bucket = '', key = ''] = splitOnce(path.replace(/^\//, ''), '/');
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key), query: new URLSearchParams(query) };
  } catch {
    throw new AwsError('InvalidURI', `Couldn't parse the specified URI: ${path}`);
  }
}

export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** Signatures are not checked, but a request without any is refused as S3 refuses it: no web page can send one across sites. */
export function isSigned(request: WireRequest, query: URLSearchParams): boolean {
  return header(request, 'authorization') !== undefined || query.has('X-Amz-Signature');
}

export function writeConditions(request: WireRequest): WriteConditions {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') };
}

const METADATA_PREFIX = 'x-amz-meta-';

export function objectHeaders(request: WireRequest): ObjectHeaders {
  const metadata = Object.keys(request.headers).filter((name) => name.startsWith(METADATA_PREFIX));
  const contentEncoding = header(request, 'content-encoding')
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',');
  return {
    contentType: header(request, 'content-type'),
    cacheControl: header(request, 'cache-control'),
    contentEncoding: contentEncoding === '' ? undefined : contentEncoding,
    contentDisposition: header(request, 'content-disposition'),
    metadata: Object.fromEntries(metadata.map((name) => [name.slice(METADATA_PREFIX.length), header(request, name) as string])),
  };
}

const CHECKSUM_PREFIX = 'x-amz-checksum-';
const NOT_CHECKSUMS = new Set(['algorithm', 'mode', 'type']);

/** The body without its framing, and what its sender claims about it. */
export function requestBody(request: WireRequest): { body: Body; claims: BodyClaims } {
  const digest = header(request, 'x-amz-content-sha256') ?? '';
  const isChunked = digest.startsWith('STREAMING-');
  const trailers = new Map<string, string>();
  const announced = (header(request, 'x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const names = [...Object.keys(request.headers), ...announced]
    .filter((name) => name.startsWith(CHECKSUM_PREFIX))
    .map((name) => name.slice(CHECKSUM_PREFIX.length));
  const compute = [...new Set(names)].filter((name) => !NOT_CHECKSUMS.has(name)).map(knownChecksum);
  const decodedLength = header(request, 'x-amz-decoded-content-length');
  // Not destroyed when its reader gives up: that would cut the connection before the error has been sent.
  const raw: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  return {
    body: isChunked ? decodeAwsChunked(raw, trailers) : raw,
    claims: {
      compute,
      checksums: () => claimed(request, trailers, compute),
      md5: header(request, 'content-md5'),
      sha256Hex: /^[0-9a-f]{64}$/.test(digest) ? digest : undefined,
      size: isChunked && decodedLength !== undefined ? Number(decodedLength) : undefined,
    },
  };
}

function claimed(
  request: WireRequest,
  trailers: ReadonlyMap<string, string>,
  names: readonly ChecksumName[],
): Partial<Record<ChecksumName, string>> {
  const found: Partial<Record<ChecksumName, string>> = {};
  for (const name of names) {
    const value = header(request, CHECKSUM_PREFIX + name) ?? trailers.get(CHECKSUM_PREFIX + name);
    if (value === undefined) throw new AwsError('MalformedTrailerError', `The announced trailer ${CHECKSUM_PREFIX}${name} did not come.`);
    found[name] = value;
  }
  return found;
}

function knownChecksum(name: string): ChecksumName {
  const known = CHECKSUM_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new AwsError('NotImplemented', `checksum ${name} is not supported here; ${CHECKSUM_NAMES.join(', ')} are`, 501);
  return known;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
