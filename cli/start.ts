/** `npm start`: the whole of Tidemark on this machine, until Ctrl-C. */
import type { Tidemark } from '../local/runtime/start.ts';
import { messageOf, UserError } from './shared/user-error.ts';
import { HELP, parseOptions, type StartOptions } from './start/options.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);

/** Resolves at the first signal to stop. Its handlers are gone then: a second Ctrl-C ends the process at once. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const onSignal = (): void => {
      for (const signal of signals) process.removeListener(signal, onSignal);
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const giveUp = new AbortController();
  const stop = stopRequested().then(() => giveUp.abort());
  const tidemark = await startUnless(giveUp.signal, options);
  if (!tidemark) return;
  process.stdout.write(`Tidemark is ready: ${tidemark.url}\n`);
  const failure = await Promise.race([stop, tidemark.failed]);
  log(failure ? `tidemark: ${failure.message.split('\n')[0]}` : 'stopping ... (Ctrl-C once more ends it at once)');
  await tidemark.stop();
  if (failure) throw new UserError('stopped; what was acknowledged is kept, and the next start goes on from there');
}

/** Undefined when it was given up before it was ready. */
async function startUnless(signal: AbortSignal, options: StartOptions): Promise<Tidemark | undefined> {
  try {
    // Only now: help and mistakes are answered without loading the runtime.
    const { startTidemark } = await import('../local/runtime/start.ts');
    return await startTidemark({ ...options, log, signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

try {
  await main();
} catch (error) {
  log(`tidemark: ${messageOf(error)}`);
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
}
