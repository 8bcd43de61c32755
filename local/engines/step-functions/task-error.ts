/** An error of a task as a machine sees it: `name` is what `ErrorEquals` compares, `message` becomes `Cause`. */
export class TaskError extends Error {
  /** Read by the library: false passes all catchers by. */
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, isCatchable = true) {
    super(cause);
    this.name = name;
    this.isCatchable = isCatchable;
  }
}

export const TIMEOUT = 'States.Timeout';
export const DATA_LIMIT_EXCEEDED = 'States.DataLimitExceeded';
/** Step Functions' limit of any input, output and result. */
export const MAX_DATA_BYTES = 256 * 1024;
/** What the wildcards never stand for. */
const TERMINAL = new Set(['States.Runtime', DATA_LIMIT_EXCEEDED]);

/** Whether one of `ErrorEquals` stands for an error of this name, wildcards included. */
export function matches(errorEquals: readonly string[], errorName: string): boolean {
  return errorEquals.some((expected) => {
    if (expected === errorName) return true;
    if (TERMINAL.has(errorName)) return false;
    return expected === 'States.ALL' || (expected === 'States.TaskFailed' && errorName !== TIMEOUT);
  });
}
