/** The DynamoDB API on the wire: AWS JSON 1.0 over HTTP/1.1. Signatures are not checked: it listens on the loopback only. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../aws-error.ts';
import type { DynamoEngine } from './engine.ts';
import { ConditionFailed } from './errors.ts';
import { OPERATIONS } from './operations.ts';
import { StorageError } from './store.ts';

export interface DynamoServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Stops listening and cuts every connection. Leaves the engine open. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const TARGET_PREFIX = 'DynamoDB_20120810.';
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Longer than any client keeps an idle connection in its pool, so that none is cut under a request that is being sent. */
const KEEP_ALIVE_MS = 120_000;
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/**
 * Serves the engine on a free port of 127.0.0.1. What the requests of one turn of the event loop wrote is committed together, and answered after that.
 * `onFailure` hears once of storage that fails (a full disk): what was written since the last commit has no answer and gets none.
 */
export async function startDynamoServer(engine: DynamoEngine, onFailure: (error: unknown) => void): Promise<DynamoServer> {
  let waiting: (() => void)[] = [];
  let hasFailed = false;
  const fail = (error: unknown): void => {
    hasFailed = true;
    onFailure(error);
  };
  const commit = (): void => {
    if (hasFailed) return;
    const answers = waiting;
    waiting = [];
    try {
      engine.commit();
      for (const answer of answers) answer();
    } catch (error) {
      fail(error);
    }
  };
  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    if (hasFailed) return;
    try {
      const result = run(engine, String(request.headers['x-amz-target'] ?? ''), body);
      // What others wrote and did not commit may be in this answer as well.
      if (!engine.isWriting) send(response, result);
      else if (waiting.push(() => send(response, result)) === 1) setImmediate(commit);
    } catch (error) {
      fail(error);
    }
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    if (request.headers.origin !== undefined || !LOOPBACK_HOST.test(request.headers.host ?? '')) {
      response.writeHead(403).end('This endpoint answers to programs on 127.0.0.1 only.\n');
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      if (bytes <= MAX_BODY_BYTES) answer(request, response, (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString());
      else send(response, errorAnswer(new AwsError('SerializationException', `a request is at most ${MAX_BODY_BYTES} bytes long`, 413)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Throws only what is no answer: storage that fails. */
function run(engine: DynamoEngine, target: string, body: string): Answer {
  try {
    const operation = target.startsWith(TARGET_PREFIX) ? OPERATIONS.get(target.slice(TARGET_PREFIX.length)) : undefined;
    if (operation === undefined)
      throw new AwsError('UnknownOperationException', `the local DynamoDB does not know the operation '${target}'`);
    return { status: 200, text: operation(engine, parsed(body)) };
  } catch (error) {
    if (error instanceof AwsError) return errorAnswer(error);
    if (error instanceof StorageError) throw error;
    return errorAnswer(new AwsError('InternalServerError', String(error), 500));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AwsError('SerializationException', `not JSON: ${String(error)}`);
  }
}

function errorAnswer(error: AwsError): Answer {
  const namespace = error.code === 'ValidationException' ? 'com.amazon.coral.validate' : 'com.amazonaws.dynamodb.v20120810';
  const item = error instanceof ConditionFailed && error.item ? { Item: error.item } : {};
  return { status: error.statusCode, text: JSON.stringify({ __type: `${namespace}#${error.code}`, message: error.message, ...item }) };
}

function send(response: ServerResponse, { status, text }: Answer): void {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  };
  response.writeHead(status, headers).end(text);
}
