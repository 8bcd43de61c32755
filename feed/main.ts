/** The feed's process: a container that ends on SIGTERM, or a worker thread that ends when its parent says `stop`. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { readFeedEnvironment } from './environment.ts';
import { kinesisPort } from './kinesis-port.ts';
import { dynamoLeaseStore } from './lease-store.ts';
import { runFeed } from './run.ts';
import { sessionId } from './session-id.ts';
import { dynamoSymbolStore } from './symbol-store.ts';

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Aborts when someone wants the feed to end. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  parentPort?.on('message', (message: unknown) => {
    if (message === 'stop') stop();
  });
  return controller.signal;
}

async function main(): Promise<void> {
  const { stream, leaseTable, ...source } = readFeedEnvironment(process.env);
  const signal = stopSignal();
  const port = kinesisPort(stream);
  const store = dynamoLeaseStore(leaseTable);
  const symbolStore = dynamoSymbolStore(leaseTable);
  await runFeed({
    ...source,
    port,
    store,
    symbolStore,
    signal,
    holder: hostname(),
    newSession: () => sessionId(Date.now(), randomBytes(4).toString('hex')),
    clock: REAL_CLOCK,
    random: Math.random,
    log,
  });
  port.close();
  store.close();
  symbolStore.close();
}

main().then(
  // Nothing is open any more: the process ends by itself, its last lines written.
  () => parentPort?.close(),
  (error: unknown) => {
    process.stderr.write(`feed: ${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
  },
);
