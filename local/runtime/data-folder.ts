/** The folder that holds a runtime's whole state, taken by at most one runtime at a time. */
import { linkSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** False when everything is gone after `release`. */
  readonly persistent: boolean;
  /** Reads a small JSON document of the folder; undefined when there is none. */
  readJson(name: string): unknown;
  /** Replaces a small JSON document as a whole. */
  writeJson(name: string, content: unknown): void;
  remove(name: string): void;
  /** Lets the folder go; a temporary one is removed. */
  release(): void;
}

const LOCK = 'lock';
/** Locks of this process: a lock file with our own process id that is not among them is left over from an earlier life of the id. */
const held = new Set<string>();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that holds the lock, or undefined when the lock is left over from one that is gone. */
function holderOf(lock: string): number | undefined {
  const pid = Number(readFileSync(lock, 'utf8'));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (pid === process.pid) return held.has(lock) ? pid : undefined;
  return isAlive(pid) ? pid : undefined;
}

/** Creates the lock with its content in one step (a link), so that no one ever reads half a lock. False when there is one already. */
function tryLink(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the folder's lock; the answer lets it go. */
function takeLock(folder: string): () => void {
  const lock = path.join(folder, LOCK);
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!tryLink(own, lock)) {
      let holder: number | undefined;
      try {
        holder = holderOf(lock);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        throw error;
      }
      if (holder !== undefined) {
        throw new Error(`the data folder ${folder} is in use by process ${holder}: stop that one, or choose another folder with --data`);
      }
      // Of several that find the same leftover, the rename succeeds for one; the others find no file and try again.
      const leftover = `${own}.leftover`;
      try {
        renameSync(lock, leftover);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        continue;
      }
      // Between our look and the rename another may have taken over and put its own lock there: that one goes back.
      if (holderOf(leftover) !== undefined) tryLink(leftover, lock);
      rmSync(leftover);
    }
  } finally {
    rmSync(own, { force: true });
  }
  held.add(lock);
  return () => {
    held.delete(lock);
    rmSync(lock, { force: true });
  };
}

/**
 * Takes `folder` (created when needed), or a new temporary one for null.
 * Throws when a living process holds it, naming its process id.
 */
export function openDataFolder(folder: string | null): DataFolder {
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const home = realpathSync(folder ?? mkdtempSync(path.join(tmpdir(), 'tidemark-')));
  const unlock = takeLock(home);
  const file = (name: string): string => path.join(home, name);
  return {
    path: home,
    persistent: folder !== null,
    readJson(name) {
      try {
        return JSON.parse(readFileSync(file(name), 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new Error(`cannot read ${file(name)}`, { cause: error });
      }
    },
    writeJson(name, content) {
      writeFileSync(`${file(name)}.new`, `${JSON.stringify(content, null, 2)}\n`);
      renameSync(`${file(name)}.new`, file(name));
    },
    remove(name) {
      rmSync(file(name), { force: true });
    },
    release() {
      unlock();
      if (folder === null) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
