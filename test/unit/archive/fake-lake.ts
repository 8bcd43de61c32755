/** A bucket and an archive index in memory, whose failures the test decides. */
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import type { ArchiveIndexRow, Reached } from '#adapters/archive-index.ts';
import type { ArchivePorts } from '../../../functions/archive/archive-batch.ts';

export interface FakeLake {
  readonly ports: ArchivePorts;
  readonly objects: Map<string, Uint8Array>;
  readonly index: ArchiveIndexRow[];
  readonly reached: Reached[];
  /** What was written, in order. */
  readonly calls: string[];
}

interface Failures {
  readonly failObject?: (key: string) => boolean;
  readonly failIndex?: (row: ArchiveIndexRow) => boolean;
}

export function fakeLake({ failObject = () => false, failIndex = () => false }: Failures = {}): FakeLake {
  const objects = new Map<string, Uint8Array>();
  const index: ArchiveIndexRow[] = [];
  const reached: Reached[] = [];
  const calls: string[] = [];
  const ports: ArchivePorts = {
    objects: {
      async put(key, body) {
        calls.push(`object ${key}`);
        if (failObject(key)) throw new Error(`no object ${key}`);
        objects.set(key, body);
      },
    },
    index: {
      async write(_stream, rows, lanes) {
        calls.push(`index ${rows.map(({ key }) => key).join(' ')}`);
        for (const row of rows) if (failIndex(row)) throw new Error(`no row ${row.key}`);
        index.push(...rows);
        reached.push(...lanes);
      },
    },
  };
  return { ports, objects, index, reached, calls };
}

/** The rows of an object, read by hyparquet. */
export function rowsOf(lake: FakeLake, key: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({
    file: lake.objects.get(key)!.slice().buffer,
    utf8: false,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
}
