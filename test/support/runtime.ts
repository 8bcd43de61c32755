/** A whole local Tidemark in a temporary data folder, and the command-line tools against it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { startTidemark, type Tidemark } from '../../local/runtime/start.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface Summary {
  readonly received: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: Record<string, number>;
  readonly quality: Record<string, number>;
  readonly seconds: number;
  readonly events_per_second: number;
}

export interface RunningTidemark {
  readonly tidemark: Tidemark;
  readonly folder: string;
  /** The `data` of an API route; a list is read to its last page. */
  get<T>(path: string): Promise<T>;
  /** `npm run replay -- ARGS --url … --json`. */
  replay(...args: string[]): Promise<Summary>;
  stop(): Promise<void>;
}

/** Starts a runtime without simulated sources unless `simulate` says so; the archive waits 1 s for a batch, not 10. */
export async function startForTest({
  simulate = false,
  config = {},
}: {
  simulate?: boolean;
  config?: object;
} = {}): Promise<RunningTidemark> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-e2e-'));
  const tidemark = await startTidemark({
    port: 0,
    dataFolder: folder,
    seed: 1,
    sensorCount: 5,
    simulate,
    config: { archive: { batchingWindowSeconds: 1 }, ...config },
    log: () => {},
  });
  return {
    tidemark,
    folder,
    get: (path) => readApi(tidemark.url, path),
    async replay(...args) {
      const { stdout } = await run(process.execPath, ['cli/replay.ts', ...args, '--url', tidemark.url, '--json'], {
        cwd: ROOT,
        maxBuffer: 1 << 24,
      });
      return JSON.parse(stdout);
    },
    async stop() {
      await tidemark.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The `data` of a route of the API at `url`; a list is read to its last page. Throws with the answer when it is an error. */
export async function readApi<T>(url: string, path: string): Promise<T> {
  const rows: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await fetch(`${url}/v1/${path}${cursor ? `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : ''}`);
    const body = (await answer.json()) as { data: unknown; next_cursor?: string | null };
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
    if (!Array.isArray(body.data)) return body.data as T;
    rows.push(...body.data);
    cursor = body.next_cursor ?? null;
  }
  return rows as T;
}

/** Asks DuckDB; objects of the data bucket lie below `s3/data` of the data folder. */
export async function queryParquet(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
