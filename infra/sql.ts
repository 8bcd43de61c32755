/** The texts in sql/, as the catalogue carries them: without comments, since Athena limits their length. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '..', 'sql');

/** One statement, by its file's name below sql/ without ending. Comments are lines of their own in these files. */
export function sqlText(name: string): string {
  const lines = readFileSync(path.join(FOLDER, `${name}.sql`), 'utf8').split('\n');
  return lines
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n')
    .trim();
}
