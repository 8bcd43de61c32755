/** Where registered partitions are kept: one small file a table, replaced as a whole. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GluePartition } from './catalog.ts';

export interface PartitionFiles {
  read(database: string, table: string): readonly GluePartition[];
  /** Kept when it returns: a process that is killed afterwards has lost nothing. */
  write(database: string, table: string, partitions: readonly GluePartition[]): void;
}

export function partitionFiles(folder: string): PartitionFiles {
  const fileOf = (database: string, table: string): string =>
    join(folder, `${encodeURIComponent(database)}.${encodeURIComponent(table)}.json`);
  return {
    read(database, table) {
      try {
        return JSON.parse(readFileSync(fileOf(database, table), 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw new Error(`cannot read ${fileOf(database, table)}`, { cause: error });
      }
    },
    write(database, table, partitions) {
      const file = fileOf(database, table);
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(partitions));
      renameSync(`${file}.new`, file);
    },
  };
}

/** For a runtime that keeps nothing. */
export function forgottenPartitions(): PartitionFiles {
  return { read: () => [], write: () => undefined };
}
