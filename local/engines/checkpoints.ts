/** How far an event-source mapping has got in each shard, kept over restarts. */
import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Checkpoints {
  /** Last position done with, by shard; a shard without one was never read. */
  load(): Record<string, string>;
  /** Resolves once the position would survive the process. */
  save(shardId: string, position: string): Promise<void>;
}

/** Checkpoints that end with the process. */
export function memoryCheckpoints(): Checkpoints {
  const positions: Record<string, string> = {};
  return {
    load: () => ({ ...positions }),
    async save(shardId, position) {
      positions[shardId] = position;
    },
  };
}

/**
 * Checkpoints in one small file that is replaced whole; saves that arrive while it is being written share the next write.
 * @throws Error naming the file when it is there but not readable as positions
 */
export function fileCheckpoints(path: string): Checkpoints {
  const positions = read(path);
  let writing: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function write(): Promise<void> {
    await writeFile(`${path}.new`, JSON.stringify(positions));
    await rename(`${path}.new`, path);
  }

  /** Runs after the write in progress, and becomes the write in progress. */
  async function writeNext(): Promise<void> {
    // Whether the earlier write failed is told to those who waited for it.
    await writing?.catch(() => undefined);
    writing = next;
    next = null;
    await write();
  }

  return {
    load: () => ({ ...positions }),
    save(shardId, position) {
      positions[shardId] = position;
      next ??= writeNext();
      return next;
    },
  };
}

function read(path: string): Record<string, string> {
  mkdirSync(dirname(path), { recursive: true });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: not a checkpoint file (${String(error)}); remove it to read the streams from their beginning`, {
      cause: error,
    });
  }
}
