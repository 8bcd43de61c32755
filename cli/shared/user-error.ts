/** A mistake or a situation that the person at the terminal can do something about: shown as one line, without a stack. */
export class UserError extends Error {
  /** What the command exits with. */
  readonly exitCode: number;

  constructor(message: string, options: { cause?: unknown; exitCode?: number } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Exit code of a command that was interrupted. */
export const INTERRUPTED = 130;

/** An option or argument that is not understood: exit code 2. */
export class UsageError extends UserError {
  constructor(message: string) {
    super(`${message} (--help shows how)`, { exitCode: 2 });
  }
}

/** Runs `work`; what it throws becomes a UserError that begins with `what`, its cause kept. */
export function explained<Result>(what: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new UserError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** The message of anything that was thrown; a failed connection names its reason instead of "fetch failed". */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? messageOf(error.cause) : '';
  const own = error.message || ('code' in error ? String(error.code) : error.name);
  return cause === '' || own.includes(cause) ? own : `${own} (${cause})`;
}
