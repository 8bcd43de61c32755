/** One execution of a machine: the library walks through the states, everything that takes time is done here. */
import type { Clock } from '#adapters/clock.ts';
import type { Json, JsonObject } from '../../template/json.ts';
import type { LocalClock } from '../local-clock.ts';
import { ClockHold } from './clock-hold.ts';
import { type Definition, graphsIn, type State } from './definition.ts';
import { data, type History, type LibraryEvent } from './history.ts';
import type { Handed } from './prepare.ts';
import { withRetry } from './retry.ts';
import { DATA_LIMIT_EXCEEDED, MAX_DATA_BYTES, TaskError, TIMEOUT } from './task-error.ts';
import { callResource, partsOf, type Services } from './tasks.ts';

type EndStatus = 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

export interface Outcome {
  readonly status: EndStatus;
  /** JSON; when it succeeded. */
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** The library's machine, which has the same states as `definition`, prepared. */
export interface LibraryMachine {
  run(input: Json, options: object): { abort(): void; readonly result: Promise<unknown>; readonly eventLogs: AsyncIterable<unknown> };
}

export interface ExecutionOptions {
  /** While it is loaded. */
  readonly machine: Promise<LibraryMachine>;
  readonly definition: Definition;
  readonly input: Json;
  /** The context object: `Started` is its `Execution`. */
  readonly context: object;
  readonly services: Services;
  readonly history: History;
  /** For waits, intervals of retries and the time-out of the execution; held while anything works. */
  readonly clock: LocalClock;
  /** For the time-outs of tasks: what they call lives in real time. */
  readonly wallClock: Clock;
  readonly random: () => number;
}

const EVENT_OF: Readonly<Record<EndStatus, string>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
};

export class Execution {
  /** Never rejects. */
  readonly ended: Promise<Outcome>;
  readonly #options: ExecutionOptions;
  readonly #hold: ClockHold;
  readonly #stopped = new AbortController();
  /** Names of the Map or Parallel that a state stands in, and of those that failed: what is left of them is not begun any more. */
  readonly #containers = new Map<string, string>();
  readonly #failed = new Set<string>();
  #outcome: Outcome | undefined;

  /** Begins at once. */
  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.#hold = new ClockHold(options.clock);
    this.ended = this.#run();
  }

  /** Ends it from outside; tasks that are running are given up. Nothing happens when it has ended. */
  stop(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#stopped.abort();
  }

  async #run(): Promise<Outcome> {
    const { definition, input, history, clock } = this.#options;
    history.ofExecution('ExecutionStarted', { executionStartedEventDetails: data('input', input) });
    const { TimeoutSeconds: timeoutS } = definition;
    const timeOut = (): void => this.stop({ status: 'TIMED_OUT', error: TIMEOUT });
    const cancelTimeout = timeoutS === undefined ? () => undefined : clock.after(timeoutS * 1000, timeOut);
    const result = await this.#walk().catch(failed);
    cancelTimeout();
    this.#outcome ??= result;
    history.ofExecution(EVENT_OF[this.#outcome.status], detailsOf(this.#outcome));
    // What was given up hears that it need not go on.
    this.#stopped.abort();
    this.#hold.end();
    return this.#outcome;
  }

  /** Rejects with what the library throws. */
  async #walk(): Promise<Outcome> {
    const { input, context } = this.#options;
    const machine = await this.#options.machine;
    const run = machine.run(input, { overrides: { taskResourceLocalHandlers: this.#handlers() }, context, noThrowOnAbort: true });
    this.#stopped.signal.addEventListener('abort', () => run.abort());
    if (this.#stopped.signal.aborted) run.abort();
    const told = this.#listen(run.eventLogs);
    try {
      return succeeded(await run.result);
    } finally {
      await told;
    }
  }

  async #listen(events: AsyncIterable<unknown>): Promise<void> {
    for await (const event of events as AsyncIterable<LibraryEvent>) {
      if (this.#stopped.signal.aborted) continue;
      this.#options.history.ofLibrary(event);
      const { type, state } = event;
      if (!state) continue;
      if (type === 'StateFailed') this.#failed.add(state.name);
      if (type === 'StateEntered') {
        this.#failed.delete(state.name);
        const tooLarge = tooLargeError(state.input);
        if (tooLarge) this.stop({ status: 'FAILED', error: tooLarge.name, cause: tooLarge.message });
      }
    }
  }

  /** By the name of the state, nested ones included. */
  #handlers(): Record<string, (handed: Json) => Promise<Json>> {
    const handlers: Record<string, (handed: Json) => Promise<Json>> = {};
    const add = (states: Definition['States'], container?: string): void => {
      for (const [name, state] of Object.entries(states)) {
        if (container !== undefined) this.#containers.set(name, container);
        if (state.Type === 'Task' || state.Type === 'Wait') {
          const handle = state.Type === 'Task' ? this.#runTask : this.#runWait;
          handlers[name] = (handed) => this.#hold.during(() => handle.call(this, name, state, handed as unknown as Handed));
        }
        for (const graph of graphsIn(state)) add((graph as unknown as Definition).States, name);
      }
    };
    add(this.#options.definition.States);
    return handlers;
  }

  async #runWait(name: string, state: State, { input, until }: Handed): Promise<Json> {
    await this.#begin(name);
    await this.#wait(waitMs(name, state, until, this.#options.clock.now()));
    return input;
  }

  async #runTask(name: string, state: State, { input, iteration }: Handed): Promise<Json> {
    await this.#begin(name);
    const { history, services, random } = this.#options;
    const resource = String(state['Resource']);
    const parts = partsOf(resource);
    const tell = (type: string, details: object): void => {
      if (this.#stopped.signal.aborted) return;
      history.ofTask(name, iteration, type, { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: { ...parts, ...details } });
    };
    const attempt = async (): Promise<Json> => {
      tell('TaskScheduled', { region: 'local', parameters: JSON.stringify(input) });
      tell('TaskStarted', {});
      try {
        const output = await this.#inTime(state, (signal) => callResource(resource, services, input as JsonObject, signal));
        const tooLarge = tooLargeError(output);
        if (tooLarge) throw tooLarge;
        tell('TaskSucceeded', data('output', output));
        return output;
      } catch (error) {
        const { name: errorName, message: cause } = error as Error;
        tell(errorName === TIMEOUT ? 'TaskTimedOut' : 'TaskFailed', { error: errorName, cause });
        throw error;
      }
    };
    return withRetry(state['Retry'], attempt, { wait: (ms) => this.#wait(ms), random });
  }

  /** Lets the library tell what led here. Throws when the execution, or the Map or Parallel of this state, has ended meanwhile. */
  async #begin(name: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stopped.signal.aborted || this.#failed.has(this.#containers.get(name) ?? ''))
      throw new TaskError('States.Runtime', 'given up', false);
  }

  async #wait(ms: number): Promise<void> {
    await this.#hold.wait(ms, this.#stopped.signal);
    if (this.#stopped.signal.aborted) throw new TaskError('States.Runtime', 'given up', false);
  }

  async #inTime(state: State, call: (signal: AbortSignal) => Promise<Json>): Promise<Json> {
    const { TimeoutSeconds: timeoutS } = state;
    if (typeof timeoutS !== 'number') return call(this.#stopped.signal);
    const late = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = this.#options.wallClock.after(timeoutS * 1000, () => {
      late.abort();
      reject(new TaskError(TIMEOUT, `the task took longer than ${timeoutS} s`));
    });
    try {
      return await Promise.race([call(AbortSignal.any([this.#stopped.signal, late.signal])), promise]);
    } finally {
      cancel();
    }
  }
}

function succeeded(output: unknown): Outcome {
  const tooLarge = tooLargeError(output as Json);
  return tooLarge
    ? { status: 'FAILED', error: tooLarge.name, cause: tooLarge.message }
    : { status: 'SUCCEEDED', output: JSON.stringify(output) };
}

/** What the library throws has the state's error as its cause; anything else is about the machine. */
function failed(error: Error): Outcome {
  if (!(error.cause instanceof Error)) return { status: 'FAILED', error: 'States.Runtime', cause: error.message };
  const { name, message } = error.cause;
  return { status: 'FAILED', error: name || undefined, cause: message || undefined };
}

function detailsOf({ status, output, error, cause }: Outcome): object {
  const name = `${EVENT_OF[status].charAt(0).toLowerCase()}${EVENT_OF[status].slice(1)}EventDetails`;
  return { [name]: status === 'SUCCEEDED' ? { output, outputDetails: { truncated: false } } : { error, cause } };
}

function tooLargeError(value: Json): TaskError | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= MAX_DATA_BYTES) return undefined;
  return new TaskError(DATA_LIMIT_EXCEEDED, `${bytes} bytes: an input or a result is at most ${MAX_DATA_BYTES} bytes long`, false);
}

function waitMs(name: string, state: State, until: Json | undefined, nowMs: number): number {
  const seconds = state['Seconds'] ?? (state['SecondsPath'] === undefined ? undefined : until);
  if (typeof seconds === 'number' && seconds >= 0) return seconds * 1000;
  const atMs = Date.parse(String(state['Timestamp'] ?? until));
  if (seconds !== undefined || Number.isNaN(atMs))
    throw new TaskError('States.Runtime', `state ${name} cannot wait for ${JSON.stringify(until)}`, false);
  return atMs - nowMs;
}
