/** Worker thread of dynamodb.ts: the local DynamoDB on a free port of 127.0.0.1, its data in memory or in a folder. */
import { parentPort, workerData } from 'node:worker_threads';
import { DynamoEngine } from '../engines/dynamodb/engine.ts';
import { startDynamoServer } from '../engines/dynamodb/server.ts';

const { path } = workerData as { path: string | null };

/** Nothing more is answered: what was not committed was not acknowledged either. */
function fail(error: unknown): void {
  parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

try {
  const engine = new DynamoEngine(path, () => Date.now());
  const server = await startDynamoServer(engine, fail);
  parentPort?.on('message', async () => {
    try {
      await server.close();
      engine.close();
      parentPort?.postMessage({ closed: true });
      parentPort?.close();
    } catch (error) {
      fail(error);
    }
  });
  parentPort?.postMessage({ port: Number(new URL(server.url).port) });
} catch (error) {
  fail(error);
}
