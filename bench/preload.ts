/** Fills a stream of a data folder before any runtime opens it. */
import path from 'node:path';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { KinesisEngine } from '../local/engines/kinesis/engine.ts';
import type { Entry } from './input.ts';

const ENTRIES_AN_APPEND = 5_000;
/** As infra/config.ts has it by default. */
const DEFINITION = { shardCount: 1, retentionHours: 168 };

/** Appends all entries to the stream `name`; resolves when they are durable. */
export async function preload(dataFolder: string, name: string, entries: Iterable<Entry>): Promise<void> {
  const engine = new KinesisEngine({ clock: REAL_CLOCK, folder: path.join(dataFolder, 'kinesis') });
  try {
    const stream = await engine.createStream({ name, ...DEFINITION });
    let chunk: Entry[] = [];
    for (const entry of entries) {
      if (chunk.push(entry) < ENTRIES_AN_APPEND) continue;
      await stream.append(chunk);
      chunk = [];
    }
    if (chunk.length > 0) await stream.append(chunk);
  } finally {
    await engine.close();
  }
}
