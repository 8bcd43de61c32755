/** What every command does around its work: help, Ctrl-C, and one line for what a person can do something about. */
import { INTERRUPTED, UserError } from './user-error.ts';

export interface Command<Options> {
  /** Begins its error lines. */
  readonly name: string;
  readonly help: string;
  readonly parse: (args: readonly string[]) => Options | 'help';
  /** The first Ctrl-C aborts the signal; a second one ends the process at once. */
  readonly run: (options: Options, signal: AbortSignal) => Promise<void>;
}

/** Runs a command with the arguments of this process. What is no UserError is thrown. */
export async function runCommand<Options>({ name, help, parse, run }: Command<Options>): Promise<void> {
  try {
    const options = parse(process.argv.slice(2));
    if (options === 'help') {
      process.stdout.write(help);
      return;
    }
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
    await run(options as Options, interruption.signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = error.exitCode;
    // What was interrupted may still be waiting for an answer.
    if (error.exitCode === INTERRUPTED) process.exit();
  }
}
