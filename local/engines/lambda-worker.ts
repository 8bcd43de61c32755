/** Runs in the worker thread of a function: loads its module once, then answers one invocation at a time. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { dateOf, nowOf } from './instant.ts';
import { type ErrorPayload, errorPayload, type Invocation, type WorkerMessage, type WorkerStart } from './lambda-protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const host = parentPort;
if (host === null) throw new Error('lambda-worker.ts runs in a worker thread only');
const start: WorkerStart = workerData;
/** Limits are those of the machine's time. */
const realNow = Date.now;
if (start.instant !== undefined) globalThis.Date = dateOf(nowOf(start.instant));

function send(message: WorkerMessage): void {
  host?.postMessage(message);
}

function load(): Handler | ErrorPayload {
  const [file = '', exported = ''] = start.handler.split('.');
  const path = join(start.codeFolder, `${file}.cjs`);
  let module: Record<string, unknown>;
  try {
    module = createRequire(path)(path);
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    return isMissing ? { ...errorPayload(thrown), errorType: 'Runtime.ImportModuleError' } : errorPayload(thrown);
  }
  const handler = module[exported];
  if (typeof handler === 'function') return handler as Handler;
  return { errorType: 'Runtime.HandlerNotFound', errorMessage: `${start.handler} is undefined or not exported by ${path}`, trace: [] };
}

async function run(handler: Handler, { requestId, payload, functionArn, deadlineMs }: Invocation): Promise<WorkerMessage> {
  const context = {
    functionName: start.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(start.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${start.name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(deadlineMs - realNow(), 0),
  };
  try {
    const answer = JSON.stringify(await handler(JSON.parse(payload), context));
    return { kind: 'done', payload: answer ?? 'null' };
  } catch (thrown) {
    return { kind: 'failed', error: errorPayload(thrown) };
  }
}

const handler = load();
if (typeof handler === 'function') {
  host.on('message', async (invocation: Invocation) => send(await run(handler, invocation)));
  send({ kind: 'ready' });
} else {
  send({ kind: 'failed', error: handler });
}
