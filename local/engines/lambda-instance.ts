/** One execution environment of a function: a worker thread that runs one invocation at a time, or none any more. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { Worker } from 'node:worker_threads';
import { type ErrorPayload, errorPayload, type Invocation, type WorkerMessage, type WorkerStart } from './lambda-protocol.ts';

export interface InstanceSettings extends WorkerStart {
  /** All that the worker's process.env holds. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLog: (line: string) => void;
}

export type InstanceResult = { readonly payload: string } | { readonly error: ErrorPayload };

/** Lambda's time for loading a module, beside the function's own timeout. */
const INIT_TIMEOUT_MS = 10_000;
const BOOTSTRAP = new URL('./lambda-worker.ts', import.meta.url);

/** A third of V8's own bound: several functions share the process, and the garbage each may keep adds up. */
const YOUNG_GENERATION_MB = 16;

export class LambdaInstance {
  readonly #settings: InstanceSettings;
  readonly #worker: Worker;
  #settle: ((result: InstanceResult | null) => void) | null = null;
  #onReady: (() => void) | null = null;
  #isReady = false;
  #isDead = false;
  /** Resolves once the thread has ended. */
  readonly ended: Promise<void>;

  constructor(settings: InstanceSettings) {
    const { name, codeFolder, handler, memoryMb, instant, environment } = settings;
    this.#settings = settings;
    this.#worker = new Worker(BOOTSTRAP, {
      name,
      workerData: { name, codeFolder, handler, memoryMb, instant } satisfies WorkerStart,
      env: { ...environment },
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) forwardLines(stream, settings.onLog);
    this.#worker.on('message', (message: WorkerMessage) => this.#onMessage(message));
    this.#worker.on('error', (error: Error) => this.#die(crashPayload(error)));
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#die({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: exit status ${code}` });
        resolve();
      });
    });
  }

  /** Whether it can take no invocation any more. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs one invocation; null when the instance was stopped under it. */
  async invoke(invocation: Omit<Invocation, 'deadlineMs'>): Promise<InstanceResult | null> {
    const { timeoutMs } = this.#settings;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const limit = (ms: number, message: string): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          this.#die({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${invocation.requestId} Error: ${message}` });
          void this.stop();
        }, ms);
      };
      this.#settle = (result) => {
        clearTimeout(timer);
        this.#settle = null;
        this.#onReady = null;
        resolve(result);
      };
      const send = (): void => {
        limit(timeoutMs, `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
        this.#worker.postMessage({ ...invocation, deadlineMs: Date.now() + timeoutMs } satisfies Invocation);
      };
      if (this.#isReady) send();
      else {
        this.#onReady = send;
        limit(INIT_TIMEOUT_MS, `Init timed out after ${(INIT_TIMEOUT_MS / 1000).toFixed(2)} seconds`);
      }
    });
  }

  #onMessage(message: WorkerMessage): void {
    if (message.kind === 'ready') {
      this.#isReady = true;
      this.#onReady?.();
    } else if (message.kind === 'done') {
      this.#settle?.({ payload: message.payload });
    } else if (this.#isReady) {
      this.#settle?.({ error: message.error });
    } else {
      this.#die(message.error);
      void this.stop();
    }
  }

  #die(error: ErrorPayload): void {
    if (!this.#isDead && this.#settle === null)
      this.#settings.onLog(`${this.#settings.name} ended between invocations: ${JSON.stringify(error)}`);
    this.#isDead = true;
    this.#settle?.({ error });
  }

  /** Ends the thread at once, whatever it is doing. */
  async stop(): Promise<void> {
    this.#isDead = true;
    this.#settle?.(null);
    await this.#worker.terminate();
    await this.ended;
  }
}

function crashPayload(error: Error): ErrorPayload {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return errorPayload(error);
  return { errorType: 'Runtime.OutOfMemory', errorMessage: `Runtime exited with error: signal: killed (${error.message})` };
}

/** Hands on whole lines, and what is left at the end. */
function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
  });
}
