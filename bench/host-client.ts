/** Starts and stops the process that runs Tidemark, in a data folder of its own, and asks it what it costs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RuntimeDescription } from '../local/runtime/start.ts';
import type { HostMessage, HostOptions, HostRequest, Usage } from './host-protocol.ts';
import { preciseNowMs } from './machine.ts';

const HOST = path.join(import.meta.dirname, 'host.ts');
/** As the script `start` of package.json runs it: the younger garbage is collected, the less memory a runtime needs. */
export const NODE_OPTIONS_OF_START = ['--max-semi-space-size=8', '--max-old-space-size=1024'];

export interface Host {
  readonly runtime: RuntimeDescription;
  /** When its process was started and when it was ready, ms since the epoch. */
  readonly startedAtMs: number;
  readonly readyAtMs: number;
  usage(): Promise<Usage>;
}

/** Calls `work` with a fresh temporary folder that is gone afterwards. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidemark-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function nextMessage(child: ChildProcess): Promise<HostMessage> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the process that runs Tidemark ended with exit code ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as HostMessage);
    });
  });
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = nextMessage(child);
  child.send('usage' satisfies HostRequest);
  const message = await answer;
  if (message.kind !== 'usage') throw new Error(`asked for its usage, the host answered ${message.kind}`);
  return message.usage;
}

/** Runs Tidemark while `work` lasts. Throws what kept it from starting, or what `work` throws. */
export async function withHost<Result>(options: HostOptions, work: (host: Host) => Promise<Result>): Promise<Result> {
  const { FINNHUB_TOKEN: _realMarket, ...inherited } = process.env;
  const env = { MALLOC_ARENA_MAX: '2', ...inherited };
  const startedAtMs = preciseNowMs();
  const execArgv = [...process.execArgv, '--disable-warning=ExperimentalWarning', ...NODE_OPTIONS_OF_START];
  const child = fork(HOST, [JSON.stringify(options)], { env, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  try {
    const message = await nextMessage(child);
    if (message.kind === 'failed') throw new Error(`Tidemark did not start: ${message.message}`);
    if (message.kind !== 'ready') throw new Error(`the host began with ${message.kind}`);
    return await work({ runtime: message.runtime, startedAtMs, readyAtMs: message.atMs, usage: () => usageOf(child) });
  } finally {
    // One that has just ended by itself cannot be told any more: that must not hide why.
    if (child.connected) child.send('stop' satisfies HostRequest, () => undefined);
    await exited;
  }
}
