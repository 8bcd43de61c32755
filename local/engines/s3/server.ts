/** The S3 API on the wire, path style. Listens on the loopback only; signatures must be there but are not checked. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { startWireServer, type WireRequest, type WireResponse, type WireServer } from '../wire-server.ts';
import { deleteObjects, listObjects } from './bucket-operations.ts';
import type { S3Engine } from './engine.ts';
import { deleteObject, getObject, postObject, putObject } from './object-operations.ts';
import { type Address, isSigned, parseAddress } from './request.ts';
import { xmlDocument } from './xml.ts';

/** Query names that the operations here understand, or that change nothing. */
const KNOWN_QUERY = new Set([
  ...['list-type', 'prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type', 'fetch-owner'],
  ...['delete', 'uploads', 'uploadId', 'partNumber', 'x-id'],
]);

/** Serves the engine on 127.0.0.1; port 0 takes a free one. */
export function startS3Server(engine: S3Engine, { port }: { port: number }): Promise<WireServer> {
  return startWireServer(port, async (request, response) => {
    response.setHeader('x-amz-request-id', randomUUID());
    try {
      await route(engine, parseAddress(request.url ?? ''), request, response);
    } catch (error) {
      sendError(request, response, error);
    }
  });
}

async function route(engine: S3Engine, address: Address, request: WireRequest, response: WireResponse): Promise<void> {
  const { bucket, key, query } = address;
  if (!isSigned(request, query)) throw new AwsError('AccessDenied', 'Access Denied: the request carries no signature', 403);
  for (const name of query.keys()) {
    if (!KNOWN_QUERY.has(name) && !name.startsWith('X-Amz-'))
      throw new AwsError('NotImplemented', `query parameter '${name}' is not supported here`, 501);
  }
  switch (`${request.method} ${key === '' ? 'bucket' : 'object'}`) {
    case 'PUT object':
      return putObject(engine, address, request, response);
    case 'GET object':
    case 'HEAD object':
      return getObject(engine, address, request, response);
    case 'POST object':
      return sendXml(response, 200, await postObject(engine, address, request));
    case 'DELETE object':
      await deleteObject(engine, address);
      response.statusCode = 204;
      response.end();
      return;
    case 'PUT bucket':
      await engine.createBucket(bucket);
      response.end();
      return;
    case 'HEAD bucket':
      engine.bucketFolder(bucket);
      response.end();
      return;
    case 'GET bucket':
      if (query.get('list-type') !== '2')
        throw new AwsError('NotImplemented', 'of GET on a bucket, only ListObjectsV2 is supported here', 501);
      return sendXml(response, 200, await listObjects(engine, address));
    case 'POST bucket':
      if (!query.has('delete')) throw new AwsError('NotImplemented', 'of POST on a bucket, only DeleteObjects is supported here', 501);
      return sendXml(response, 200, await deleteObjects(engine, address, request));
    default:
      throw new AwsError('MethodNotAllowed', `${request.method} is not supported here`, 405);
  }
}

function sendXml(response: WireResponse, status: number, document: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/xml');
  response.end(document);
}

function sendError(request: WireRequest, response: WireResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof AwsError ? error : new AwsError('InternalError', String(error), 500);
  // The rest of a refused body is read and thrown away, so that the client gets to see the answer.
  request.resume();
  response.removeHeader('content-length');
  if (request.method === 'HEAD') {
    response.statusCode = known.statusCode;
    response.end();
    return;
  }
  sendXml(response, known.statusCode, xmlDocument('Error', { Code: known.code, Message: known.message, Resource: request.url }));
}
