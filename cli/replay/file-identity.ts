/** A file's identity: what makes the rows of a second replay the same rows. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../shared/user-error.ts';

export interface InputFile {
  /** As the person wrote it. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** First 16 hex digits of the SHA-256 of the bytes: session and boot of its rows. */
  readonly identity: string;
}

/** Reads a whole file. Throws UserError when it is not there or not readable. */
export async function readInputFile(path: string): Promise<InputFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UserError(missing ? `no such file: ${path}` : `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return { path, bytes, identity: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}
