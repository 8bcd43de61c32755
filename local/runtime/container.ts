/** Runs a container's program in a worker thread, and again when it ends, as ECS does with the task of a service. */
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { Clock } from '#adapters/clock.ts';

export interface Container {
  /** Asks the program to end (a message `stop`: signals reach no worker thread), and ends it after the grace time. */
  stop(): Promise<void>;
}

export interface ContainerOptions {
  /** The program: a CommonJS bundle. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** One line the program wrote. */
  readonly onLog: (line: string) => void;
  /** What ended the program although it was not asked to. */
  readonly onFailure: (message: string) => void;
}

/** ECS gives 30 s by default; here Ctrl-C ends everything within 2 s. */
const STOP_GRACE_MS = 800;
const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 30_000;

/** Starts the program; one that ends by itself is started again after 1 s, 2 s, 4 s … at most 30 s. */
export function startContainer(options: ContainerOptions): Container {
  const { clock } = options;
  let stopping = false;
  let restartMs = FIRST_RESTART_MS;
  let cancelRestart: (() => void) | undefined;
  let worker: Worker | undefined;
  let ended: Promise<void> = Promise.resolve();

  const run = (): void => {
    const started = new Worker(options.entry, { env: options.environment, stdout: true, stderr: true });
    worker = started;
    for (const stream of [started.stdout, started.stderr]) createInterface({ input: stream }).on('line', options.onLog);
    let failure: string | undefined;
    started.on('error', (error) => {
      failure = error instanceof Error ? error.message : String(error);
    });
    ended = new Promise((resolve) => {
      started.once('exit', (code) => {
        resolve();
        if (stopping) return;
        options.onFailure(failure ?? `it ended with exit code ${code}`);
        cancelRestart = clock.after(restartMs, run);
        restartMs = Math.min(restartMs * 2, LONGEST_RESTART_MS);
      });
    });
  };
  run();

  return {
    async stop() {
      stopping = true;
      cancelRestart?.();
      worker?.postMessage('stop');
      const cancelKill = clock.after(STOP_GRACE_MS, () => void worker?.terminate());
      await ended;
      cancelKill();
    },
  };
}
