/** The feed's process: a container that ends on SIGTERM, or a worker thread that ends when its parent says `stop`. */
import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { readFeedEnvironment } from './environment.ts';
import { kinesisPort } from './kinesis-port.ts';
import { startFeedSession } from './session.ts';
import { sessionId } from './session-id.ts';

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves when someone wants the feed to end. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    parentPort?.on('message', (message: unknown) => {
      if (message === 'stop') resolve();
    });
  });
}

async function main(): Promise<void> {
  const { stream, ...source } = readFeedEnvironment(process.env);
  const stop = stopRequested();
  const port = kinesisPort(stream);
  const session = startFeedSession({
    ...source,
    port,
    session: sessionId(Date.now(), randomBytes(4).toString('hex')),
    clock: REAL_CLOCK,
    random: Math.random,
    log,
  });
  await Promise.race([stop, session.failed]);
  await session.stop();
  port.close();
}

main().then(
  // Nothing is open any more: the process ends by itself, its last lines written.
  () => parentPort?.close(),
  (error: unknown) => {
    process.stderr.write(`feed: ${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
  },
);
