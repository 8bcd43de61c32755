/** A service that speaks AWS JSON: the operation in X-Amz-Target, input and answer as JSON. Signatures are not checked: it listens on the loopback only. */
import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import { readBody, startWireServer, type WireRequest, type WireResponse, type WireServer } from './wire-server.ts';

export interface JsonService {
  /** How messages name it, like `the local Glue`. */
  readonly name: string;
  /** Of AWS JSON. @default '1.1' */
  readonly version?: '1.0' | '1.1';
  /** What stands before the operation in X-Amz-Target, with its dot. */
  readonly targetPrefix: string;
  readonly maxBodyBytes: number;
  /** The operation of a name, from its input to its answer; undefined for one that is not run here. Errors are AwsErrors. */
  readonly operation: (name: string) => ((input: unknown) => object | Promise<object>) | undefined;
}

/** Serves it on 127.0.0.1; port 0 takes a free one. */
export function startJsonServer(service: JsonService, port: number): Promise<WireServer> {
  const contentType = `application/x-amz-json-${service.version ?? '1.1'}`;
  return startWireServer(port, async (request, response) => {
    try {
      send(response, contentType, 200, await run(service, request));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
      send(response, contentType, known.statusCode, { __type: known.code, message: known.message });
    }
  });
}

async function run({ name, targetPrefix, maxBodyBytes, operation }: JsonService, request: WireRequest): Promise<object> {
  const body = await readBody(request, maxBodyBytes);
  const target = String(request.headers['x-amz-target'] ?? '');
  const found = target.startsWith(targetPrefix) ? operation(target.slice(targetPrefix.length)) : undefined;
  if (found === undefined) throw new AwsError('UnknownOperationException', `unknown operation '${target}' of ${name}`);
  if (body === null) throw new AwsError('SerializationException', `a request is at most ${maxBodyBytes} bytes long`, 413);
  let input: unknown;
  try {
    input = JSON.parse(body.toString());
  } catch (error) {
    throw new AwsError('SerializationException', `not JSON: ${String(error)}`);
  }
  return found(input);
}

function send(response: WireResponse, contentType: string, status: number, content: object): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('x-amzn-requestid', randomUUID());
  response.end(JSON.stringify(content));
}
