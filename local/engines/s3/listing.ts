/** Walks a bucket's folder in the order of S3: by the bytes of the keys. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Order of two keys as S3 sorts them: by their UTF-8 bytes, which differs from the order of JavaScript strings beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Keys of the bucket in `folder` that begin with `prefix` and come behind `after`, in order. */
export async function* walkKeys(folder: string, prefix: string, after: string): AsyncGenerator<string> {
  yield* walk(folder, '', prefix, after);
}

async function* walk(folder: string, path: string, prefix: string, after: string): AsyncGenerator<string> {
  for (const { name, isFolder } of await entries(join(folder, path))) {
    const key = path + name;
    if (!isFolder) {
      if (key.startsWith(prefix) && compareKeys(key, after) > 0) yield key;
      continue;
    }
    const canHold = key.startsWith(prefix) || prefix.startsWith(key);
    const isPassed = compareKeys(key, after) <= 0 && !after.startsWith(key);
    if (canHold && !isPassed) yield* walk(folder, key, prefix, after);
  }
}

/** Folders carry a slash at the end of their name: that is how their keys sort among the others. */
async function entries(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  let found: Dirent[];
  try {
    found = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Its last object was deleted meanwhile.
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
  return found
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: entry.isDirectory() ? `${entry.name}/` : entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => compareKeys(a.name, b.name));
}
