/** The Kinesis API on the wire: AWS JSON 1.1 over HTTP/1.1 and HTTP/2. Signatures are not checked: it listens on the loopback only. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { readBody, startWireServer, type WireRequest, type WireResponse, type WireServer } from '../wire-server.ts';
import type { KinesisEngine } from './engine.ts';
import { asInput } from './input.ts';
import { OPERATIONS } from './operations.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'Kinesis_20131202.';
/** 10 MiB of data in base64, 500 keys and the JSON around them. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Serves the engine on 127.0.0.1; port 0 takes a free one. Closing the server leaves the engine open. */
export function startKinesisServer(engine: KinesisEngine, { port }: { port: number }): Promise<WireServer> {
  return startWireServer(port, async (request, response) => {
    try {
      send(response, 200, await run(engine, request));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
      send(response, known.statusCode, { __type: known.code, message: known.message });
    }
  });
}

async function run(engine: KinesisEngine, request: WireRequest): Promise<object> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.startsWith(TARGET_PREFIX) ? OPERATIONS.get(target.slice(TARGET_PREFIX.length)) : undefined;
  if (operation === undefined) throw new AwsError('UnknownOperationException', `unknown operation '${target}'`);
  if (body === null) throw new AwsError('SerializationException', `a request is at most ${MAX_BODY_BYTES} bytes long`, 413);
  let input: unknown;
  try {
    input = JSON.parse(body.toString());
  } catch (error) {
    throw new AwsError('SerializationException', `not JSON: ${String(error)}`);
  }
  return operation(engine, asInput(input));
}

function send(response: WireResponse, status: number, content: object): void {
  response.statusCode = status;
  response.setHeader('content-type', CONTENT_TYPE);
  response.setHeader('x-amzn-requestid', randomUUID());
  response.end(JSON.stringify(content));
}
