/** Two ways to count the same: what was sent, and what tables, streams and files hold. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { getJson } from '../cli/shared/local-api.ts';
import type { SourceName } from '../functions/domain/settings.ts';
import type { Sum } from './scenario.ts';

interface Counted {
  readonly received: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly late: Readonly<Record<string, number>>;
  readonly quarantined: Readonly<Record<string, number>>;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What the speed layer made of `sent` events: every one received, in exactly one bucket, and each applied. */
export async function speedSums(api: string, source: SourceName, sent: number): Promise<Sum[]> {
  const { data } = (await getJson(`${api}/v1/pipeline`)) as { data: { sources: Record<SourceName, Counted> } };
  const { received, applied, duplicate, late, quarantined } = data.sources[source];
  const buckets = applied + duplicate + total(late) + total(quarantined);
  return [
    { name: `${source} received by speed`, expected: sent, found: received },
    { name: `${source} in one bucket each`, expected: received, found: buckets },
    { name: `${source} applied`, expected: sent, found: applied },
  ];
}

/** Rows in the archive's files. */
export function archiveSum(dataFolder: string, source: SourceName, sent: number): Sum {
  const folder = path.join(dataFolder, 's3');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.parquet') && file.split(path.sep).slice(1, 3).join('/') === `raw/${source}`,
  );
  const rows = files.map((file) => {
    const bytes = readFileSync(path.join(folder, file));
    return Number(parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)).num_rows);
  });
  return { name: `${source} archived as rows`, expected: sent, found: rows.reduce((sum, count) => sum + count, 0) };
}

/** Transitions the alarms went through, by the API: what must be readable in the stream `alerts`, each once. */
export async function transitionsOf(api: string, rule: string): Promise<number> {
  let transitions = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await getJson(`${api}/v1/alarms?limit=1000${after}`)) as {
      data: { rule: string; revision: number }[];
      next_cursor: string | null;
    };
    for (const alarm of page.data) if (alarm.rule === rule) transitions += alarm.revision;
    cursor = page.next_cursor;
  }
  return transitions;
}
