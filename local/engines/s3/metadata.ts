/** What S3 keeps beside an object's bytes, in a file of its own. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChecksumName } from './checksum.ts';

/** What the writer of an object said about it. */
export interface ObjectHeaders {
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  /** Without the `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly headers: ObjectHeaders;
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** What is stored: it holds only for the very file it was written for. */
export interface StoredMetadata {
  readonly key: string;
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly checksums: Partial<Record<ChecksumName, string>>;
  readonly file: { readonly inode: number; readonly size: number; readonly modifiedMs: number };
}

const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

/** Everything about the object in the file at `path`, or null when there is none. A file that nobody put through S3 is an object too. */
export function objectInfo(path: string, metadataFile: string, key: string): ObjectInfo | null {
  const stats = statFile(path);
  if (stats === null) return null;
  const stored = readStored(metadataFile);
  const isOfThisFile =
    stored !== null && stored.file.inode === stats.ino && stored.file.size === stats.size && stored.file.modifiedMs === stats.mtimeMs;
  const about = isOfThisFile ? stored : { etag: etagOf(path), headers: { contentType: DEFAULT_CONTENT_TYPE }, checksums: {} };
  return { key, size: stats.size, etag: about.etag, lastModifiedMs: stats.mtimeMs, headers: about.headers, checksums: about.checksums };
}

/** Keeps the metadata of the file at `path`. A crash before it leaves the object whole, with the default content type. */
export function storeMetadata(path: string, metadataFile: string, about: Omit<StoredMetadata, 'file'>): void {
  const stats = statSync(path);
  const stored: StoredMetadata = {
    ...about,
    headers: { ...about.headers, contentType: about.headers.contentType ?? DEFAULT_CONTENT_TYPE },
    file: { inode: stats.ino, size: stats.size, modifiedMs: stats.mtimeMs },
  };
  mkdirSync(dirname(metadataFile), { recursive: true });
  writeFileSync(`${metadataFile}.new`, JSON.stringify(stored));
  renameSync(`${metadataFile}.new`, metadataFile);
}

export function removeMetadata(metadataFile: string): void {
  rmSync(metadataFile, { force: true });
}

/** The file's stats, null when there is no file of that name (a folder is none). */
export function statFile(path: string): Stats | null {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function readStored(path: string): StoredMetadata | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Absent or cut off by a crash: the object itself says all that matters.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function etagOf(path: string): string {
  return `"${createHash('md5').update(readFileSync(path)).digest('hex')}"`;
}
