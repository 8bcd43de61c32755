/** One hash over what an assembly is made from. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The files below `target` (or it alone), as paths relative to `root`, sorted; a missing one has none. */
function filesOf(root: string, target: string): string[] {
  const found = statSync(path.join(root, target), { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [target];
  const entries = readdirSync(path.join(root, target), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Hex hash over the names and contents of all files of `targets` (files or folders below `root`) and `more`. */
export function fingerprintOf(root: string, targets: readonly string[], more: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const file of targets.flatMap((target) => filesOf(root, target))) {
    const content = readFileSync(path.join(root, file));
    hash.update(`\n${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}
