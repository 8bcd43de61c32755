/** A runtime as a process of its own: it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');
const ENTRY = join(import.meta.dirname, 'runtime-process.ts');
/** `ulimit -f` of a POSIX shell counts these. */
const LIMIT_BLOCK_BYTES = 512;

export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<Exit>;
  isRunning(): boolean;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<Exit>;
  /** What it has said on stderr so far, line by line. */
  said(): string[];
}

export interface ChildRuntime extends Child {
  readonly url: string;
}

/** Starts a runtime on `folder`; no file it writes may become longer than `mostFileBytes`. Rejects, with what it said, when it ends instead. */
export async function startChildRuntime(folder: string, mostFileBytes?: number): Promise<ChildRuntime> {
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', ENTRY, folder];
  const process_ =
    mostFileBytes === undefined
      ? spawn(command[0]!, command.slice(1), { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `ulimit -f ${Math.floor(mostFileBytes / LIMIT_BLOCK_BYTES)}; exec "$0" "$@"`, ...command], {
          cwd: ROOT,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
  const ready = new Promise<string>((told) => createInterface({ input: process_.stdout! }).once('line', told));
  const child = childOf(process_);
  const url = await Promise.race([ready, child.ended.then(({ stderr }) => Promise.reject(new Error(`the runtime ended: ${stderr}`)))]);
  return { ...child, url };
}

function childOf(child: ChildProcess): Child {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let running = true;
  const ended = new Promise<Exit>((resolveExit) => {
    child.once('close', (code) => {
      running = false;
      resolveExit({ code, stdout, stderr });
    });
  });
  return {
    ended,
    isRunning: () => running,
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
    said: () => stderr.split('\n').filter((line) => line !== ''),
  };
}
