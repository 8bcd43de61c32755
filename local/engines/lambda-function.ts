/** A Lambda function: its code runs unmodified in worker threads, with Lambda's limits and error forms. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { AwsError } from './aws-error.ts';
import type { Instant } from './instant.ts';
import { LambdaInstance } from './lambda-instance.ts';

/** What an invocation answered; `payload` is JSON in both cases. */
export type InvokeResult = { readonly payload: string } | { readonly functionError: 'Unhandled' | 'Handled'; readonly payload: string };

export interface LambdaFunctionOptions {
  readonly name: string;
  /** Folder of the bundle. */
  readonly codeFolder: string;
  /** `index.handler` means the export `handler` of `<codeFolder>/index.cjs`. */
  readonly handler: string;
  /** All that the function sees of process.env. */
  readonly environment: Readonly<Record<string, string>>;
  /** 1 … 900,000. */
  readonly timeoutMs: number;
  /** 128 … 10,240: the limit of the heap. */
  readonly memoryMb: number;
  /** Called for each line that the function writes to stdout or stderr, and for what ends it outside an invocation. */
  readonly onLog: (line: string) => void;
  /** Invocations at a time; more wait for their turn. @default 8 */
  readonly maximumConcurrency?: number;
  /** What the code's `Date` takes for the present; limits stay in the machine's time. @default the machine's time */
  readonly instant?: Instant | undefined;
  /** @default that of us-east-1 and account 000000000000 */
  readonly arn?: string;
}

/** Lambda's limits of a synchronous request and its response. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
const MAX_RESPONSE_BYTES = MAX_REQUEST_BYTES;
const DEFAULT_CONCURRENCY = 8;

export class LambdaFunction {
  readonly name: string;
  readonly #options: LambdaFunctionOptions;
  readonly #arn: string;
  #environment: Readonly<Record<string, string>>;
  #idle: LambdaInstance[] = [];
  /** Those of the present environment; others end when they are done. */
  #current = new Set<LambdaInstance>();
  readonly #all = new Set<LambdaInstance>();
  #waiting: (() => void)[] = [];
  #running = 0;
  #isStopped = false;

  constructor(options: LambdaFunctionOptions) {
    this.name = options.name;
    this.#options = { ...options, codeFolder: resolve(options.codeFolder) };
    this.#arn = options.arn ?? `arn:aws:lambda:us-east-1:000000000000:function:${options.name}`;
    this.#environment = options.environment;
  }

  /**
   * Runs the handler. Whatever the code does (throws, exits, hangs, runs out of memory) is a result with `functionError`.
   * Rejects when it was not run to an end: RequestTooLargeException above 6 MB, ServiceException when the function is stopped.
   */
  async invoke(payload: string): Promise<InvokeResult> {
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_REQUEST_BYTES) {
      throw new AwsError(
        'RequestTooLargeException',
        `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation: ${bytes} bytes`,
        413,
      );
    }
    if (this.#isStopped) throw this.#stopped();
    if (!this.#tookTurn()) await this.#nextTurn();
    const instance = this.#take();
    try {
      const result = await instance.invoke({ requestId: randomUUID(), payload, functionArn: this.#arn });
      if (result === null) throw this.#stopped();
      if ('error' in result) return unhandled(result.error);
      return checkResponse(result.payload);
    } finally {
      this.#giveBack(instance);
      this.#endTurn();
    }
  }

  #tookTurn(): boolean {
    if (this.#running >= (this.#options.maximumConcurrency ?? DEFAULT_CONCURRENCY)) return false;
    this.#running++;
    return true;
  }

  async #nextTurn(): Promise<void> {
    await new Promise<void>((ready) => {
      this.#waiting.push(ready);
    });
    if (this.#isStopped) throw this.#stopped();
  }

  /** Hands the turn to whoever waits longest. */
  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  /** A waiting instance, the most recently used first, or a new one. */
  #take(): LambdaInstance {
    for (;;) {
      const instance = this.#idle.pop();
      if (instance === undefined) return this.#start();
      if (!instance.isDead) return instance;
    }
  }

  #start(): LambdaInstance {
    const instance = new LambdaInstance({ ...this.#options, environment: this.#environment });
    this.#all.add(instance);
    this.#current.add(instance);
    void instance.ended.then(() => {
      this.#all.delete(instance);
      this.#current.delete(instance);
    });
    return instance;
  }

  #giveBack(instance: LambdaInstance): void {
    if (!instance.isDead && this.#current.has(instance)) this.#idle.push(instance);
    else void instance.stop();
  }

  /** Invocations that begin from now on see the new environment, in fresh instances; those running end in the old one. */
  async reconfigure(environment: Readonly<Record<string, string>>): Promise<void> {
    this.#environment = environment;
    const idle = this.#idle;
    this.#idle = [];
    this.#current = new Set();
    await Promise.all(idle.map((instance) => instance.stop()));
  }

  /** Ends every instance at once; what was running or waiting rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#idle = [];
    for (const ready of this.#waiting.splice(0)) ready();
    await Promise.all([...this.#all].map((instance) => instance.stop()));
  }

  #stopped(): AwsError {
    return new AwsError('ServiceException', `function ${this.name} was stopped`, 500);
  }
}

function unhandled(error: object): InvokeResult {
  return { functionError: 'Unhandled', payload: JSON.stringify(error) };
}

function checkResponse(payload: string): InvokeResult {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= MAX_RESPONSE_BYTES) return { payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes): ${bytes} bytes`;
  return unhandled({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
}
