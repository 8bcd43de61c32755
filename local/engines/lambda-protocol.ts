/** What a function's host and its worker thread say to each other. */

import type { Instant } from './instant.ts';

/** Given to the worker at its start. */
export interface WorkerStart {
  readonly name: string;
  /** Absolute. */
  readonly codeFolder: string;
  /** `file.export`, as in Lambda; the file is `<codeFolder>/file.cjs`. */
  readonly handler: string;
  readonly memoryMb: number;
  /** What its `Date` takes for the present. @default the machine's time */
  readonly instant?: Instant | undefined;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly functionArn: string;
  /** ms since the epoch. */
  readonly deadlineMs: number;
}

/** Lambda's form of an error, sent as the payload. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** `ready` once the module is loaded, then one `done` or `failed` an invocation; `failed` before `ready` when it cannot be loaded. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: ErrorPayload };

/** An error, or whatever else was thrown, as Lambda reports it. */
export function errorPayload(thrown: unknown): ErrorPayload {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}
