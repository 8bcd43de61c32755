/** DynamoDB on a laptop: its engine in a worker thread, and the calls by which tables come into being. */
import { Worker } from 'node:worker_threads';

export interface DynamoDb {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** One call of the JSON protocol, e.g. `call('CreateTable', {...})`. Throws an Error whose name is AWS's error name. */
  call(operation: string, input: object): Promise<unknown>;
  stop(): Promise<void>;
}

const API_VERSION = 'DynamoDB_20120810';

type Message = { port: number } | { closed: true } | { failed: string };

/** Starts it; `folder` keeps the tables, null keeps them in memory. `onFailure` hears once of it dying later. */
export async function startDynamoDb(folder: string | null, onFailure: (error: Error) => void): Promise<DynamoDb> {
  const worker = new Worker(new URL('./dynamodb-worker.ts', import.meta.url), {
    workerData: { path: folder },
    // What it knows lies in SQLite: without a bound V8 would keep 100 MB of garbage.
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let stopping = false;
  let hasFailed = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (message: string): void => {
      const error = new Error(`the local DynamoDB stopped: ${message}`);
      reject(error);
      if (!stopping && !hasFailed) onFailure(error);
      hasFailed = true;
    };
    worker.on('message', (message: Message) => {
      if ('port' in message) resolve(message.port);
      if ('failed' in message) fail(message.failed);
    });
    worker.on('error', (error) => fail(String(error)));
    worker.on('exit', (code) => {
      if (!stopping) fail(`exit code ${code}`);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    async call(operation, input) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${API_VERSION}.${operation}` },
        body: JSON.stringify(input),
      });
      const body = (await response.json()) as { __type?: string; message?: string };
      if (response.ok) return body;
      const name = body.__type?.split('#')[1] ?? `HTTP ${response.status}`;
      throw Object.assign(new Error(body.message ?? name), { name });
    },
    async stop() {
      stopping = true;
      worker.postMessage('stop');
      await ended;
    },
  };
}
