import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import type { KinesisRecord } from '../../../local/engines/kinesis/frame.ts';
import { decodeIterator, encodeIterator } from '../../../local/engines/kinesis/shard-iterator.ts';
import type { KinesisStream } from '../../../local/engines/kinesis/stream.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const SHARD = 'shardId-000000000000';
const ALL = { records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const HOUR_MS = 3_600_000;
const WRITER = fileURLToPath(new URL('./kinesis-writer.ts', import.meta.url));

let folder: string;
let clock: ManualClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-'));
  clock = new ManualClock(Date.UTC(2026, 0, 1));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Options {
  readonly tailBytes?: number;
  readonly segmentBytes?: number;
  readonly memory?: boolean;
  readonly shards?: number;
}

async function open(options: Options = {}): Promise<{ engine: KinesisEngine; stream: KinesisStream }> {
  const segments = { segmentBytes: options.segmentBytes ?? 1024 * 1024, segmentSpanMs: HOUR_MS };
  const engine = new KinesisEngine({
    clock,
    folder: options.memory ? null : folder,
    segments,
    ...(options.tailBytes === undefined ? {} : { tailBytes: options.tailBytes }),
  });
  return { engine, stream: await engine.createStream({ name: 's', shardCount: options.shards ?? 1, retentionHours: 24 }) };
}

function entry(text: string, partitionKey = 'k'): { partitionKey: string; data: Buffer } {
  return { partitionKey, data: Buffer.from(text) };
}

function texts(records: readonly KinesisRecord[]): string[] {
  return records.map((record) => Buffer.from(record.data).toString());
}

function logFiles(): string[] {
  return readdirSync(join(folder, 's', SHARD)).sort();
}

function newestLog(): string {
  return join(folder, 's', SHARD, logFiles().at(-1) as string);
}

describe('the records of a stream', () => {
  it('are found again after a restart, and the numbering goes on upward even when the clock went back', async () => {
    const first = await open();
    const before = await first.stream.append([entry('one'), entry('two')]);
    await first.engine.close();
    clock = new ManualClock(Date.UTC(2025, 0, 1));
    const second = await open();
    expect(second.stream.head()).toEqual({ [SHARD]: before[1]?.sequenceNumber });
    const after = await second.stream.append([entry('three'), entry('four')]);
    const numbers = [...before, ...after].map(({ sequenceNumber }) => sequenceNumber);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    const records = await second.stream.read(SHARD, null, ALL);
    expect(texts(records)).toEqual(['one', 'two', 'three', 'four']);
    expect(records.map(({ arrivalMs }) => arrivalMs)).toEqual([
      Date.UTC(2026, 0, 1),
      Date.UTC(2026, 0, 1),
      Date.UTC(2025, 0, 1),
      Date.UTC(2025, 0, 1),
    ]);
    await second.engine.close();
  });

  it('are the same whether they come from memory, from the newest file or from older files', async () => {
    const { engine, stream } = await open({ tailBytes: 4096, segmentBytes: 8192 });
    const written: string[] = [];
    for (let batch = 0; batch < 40; batch++) {
      clock.advance(1000);
      const entries = Array.from({ length: 1 + (batch % 9) }, (_, index) =>
        entry(`${batch}.${index}.${'x'.repeat((batch * 37) % 400)}`, `ключ-${index}`),
      );
      await stream.append(entries);
      written.push(...entries.map(({ data }) => data.toString()));
    }
    expect(logFiles().length).toBeGreaterThan(3);
    const all = await stream.read(SHARD, null, ALL);
    expect(texts(all)).toEqual(written);
    for (let start = 0; start < all.length; start++) {
      const found = await stream.read(SHARD, all[start]?.sequenceNumber as string, { records: 7, bytes: ALL.bytes });
      expect(found).toEqual(all.slice(start + 1, start + 8));
    }
    await engine.close();
    const again = await open({ tailBytes: 4096, segmentBytes: 8192 });
    expect(await again.stream.read(SHARD, null, ALL)).toEqual(all);
    expect(await again.stream.read(SHARD, all[17]?.sequenceNumber as string, ALL)).toEqual(all.slice(18));
    await again.engine.close();
  });

  it('larger than a read chunk and than the limit are still read one at a time', async () => {
    const { engine, stream } = await open({ tailBytes: 0 });
    const large = 'x'.repeat(1_000_000);
    await stream.append([entry(large), entry(large), entry('small')]);
    const [first, ...rest] = await stream.read(SHARD, null, { records: 10, bytes: 1000 });
    expect(rest).toEqual([]);
    expect(first?.data.length).toBe(1_000_000);
    expect(texts(await stream.read(SHARD, first?.sequenceNumber as string, ALL))).toEqual([large, 'small']);
    await engine.close();
  });

  it('belong to the caller no longer once appended: changing the buffer changes nothing', async () => {
    const { stream } = await open({ memory: true });
    const mine = Buffer.from('kept');
    await stream.append([{ partitionKey: 'k', data: mine }]);
    mine.fill(0);
    expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['kept']);
  });

  it('are announced to listeners after they can be read', async () => {
    const { stream } = await open({ memory: true });
    const seen: Promise<KinesisRecord[]>[] = [];
    const stop = stream.onAppend((shardId) => seen.push(stream.read(shardId, null, ALL)));
    await Promise.all([stream.append([entry('a')]), stream.append([entry('b')])]);
    stop();
    await stream.append([entry('c')]);
    expect(seen).toHaveLength(1);
    expect(texts((await seen[0]) as KinesisRecord[])).toEqual(['a', 'b']);
  });

  it.each([true, false])('arrived when their source says so, else at the moment of writing (in memory: %s)', async (memory) => {
    const { engine, stream } = await open({ memory });
    const nowMs = clock.now();
    const at = (text: string, arrivalMs?: number) => ({ ...entry(text), ...(arrivalMs === undefined ? {} : { arrivalMs }) });
    await stream.append([at('a', nowMs - 500), at('b', nowMs - 500), at('c', nowMs - 100), at('d', nowMs - 200), at('e')]);
    const records = await stream.read(SHARD, null, ALL);
    expect(records.map(({ arrivalMs }) => arrivalMs - nowMs)).toEqual([-500, -500, -100, -200, 0]);
    const numbers = records.map(({ sequenceNumber }) => BigInt(sequenceNumber));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
    expect(texts(await stream.read(SHARD, records[1]!.sequenceNumber, ALL))).toEqual(['c', 'd', 'e']);
    await engine.close();
  });

  it('leave memory once they are older than the retention, and the numbering goes on', async () => {
    const { stream } = await open({ memory: true });
    const [old] = await stream.append([entry('old')]);
    clock.advance(23 * HOUR_MS);
    await stream.append([entry('young')]);
    clock.advance(HOUR_MS);
    expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['young']);
    clock.advance(30 * HOUR_MS);
    expect(await stream.read(SHARD, old?.sequenceNumber as string, ALL)).toEqual([]);
    expect(stream.head()[SHARD]).not.toBeNull();
  });

  it('leave the disk in whole files once all of a file is older than the retention', async () => {
    const { engine, stream } = await open({ tailBytes: 0 });
    for (let hour = 0; hour < 30; hour++) {
      await stream.append([entry(`hour ${hour}`)]);
      clock.advance(HOUR_MS);
    }
    const kept = texts(await stream.read(SHARD, null, ALL));
    expect(kept.at(-1)).toBe('hour 29');
    expect(kept[0]).toBe('hour 6');
    expect(logFiles()).toHaveLength(kept.length);
    clock.advance(100 * HOUR_MS);
    expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['hour 29']);
    await engine.close();
  });
});

describe('a log after a crash', () => {
  it('is cut back to the last whole record, at every length of the torn tail', async () => {
    const first = await open();
    await first.stream.append([entry('one'), entry('two')]);
    const wholeBytes = readFileSync(newestLog()).length;
    await first.stream.append([entry('torn')]);
    await first.engine.close();
    const whole = readFileSync(newestLog());
    for (let length = wholeBytes; length < whole.length; length++) {
      writeFileSync(newestLog(), whole.subarray(0, length));
      const { engine, stream } = await open();
      expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['one', 'two']);
      await stream.append([entry('next')]);
      expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['one', 'two', 'next']);
      await engine.close();
    }
  });

  it('that tore its very first record is empty and usable', async () => {
    const first = await open();
    await first.stream.append([entry('torn')]);
    await first.engine.close();
    truncateSync(newestLog(), 5);
    const { engine, stream } = await open();
    expect(stream.head()).toEqual({ [SHARD]: null });
    await stream.append([entry('next')]);
    expect(texts(await stream.read(SHARD, null, ALL))).toEqual(['next']);
    await engine.close();
  });

  it('is refused, naming file and byte, when acknowledged bytes were changed', async () => {
    const first = await open();
    await first.stream.append([entry('one'), entry('two'), entry('three')]);
    await first.engine.close();
    const bytes = readFileSync(newestLog());
    const at = bytes.indexOf('two');
    bytes[at] = 'T'.charCodeAt(0);
    writeFileSync(newestLog(), bytes);
    await expect(open()).rejects.toThrow(/s.shardId-000000000000.*\.log: damaged at byte \d+/);
  });

  it('reports damage in an older file to the reader instead of skipping records', async () => {
    const first = await open({ segmentBytes: 1 });
    await first.stream.append([entry('one')]);
    await first.stream.append([entry('two')]);
    await first.engine.close();
    appendFileSync(join(folder, 's', SHARD, logFiles()[0] as string), 'garbage that is long enough');
    const { engine, stream } = await open();
    await expect(stream.read(SHARD, null, ALL)).rejects.toThrow(/\.log: damaged at byte/);
    await engine.close();
  });

  it('holds everything that was acknowledged before kill -9', async () => {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 2000) child.kill('SIGKILL');
    }
    const { engine, stream } = await open();
    const kept = await stream.read(SHARD, null, ALL);
    const keptNumbers = new Set(kept.map(({ sequenceNumber }) => sequenceNumber));
    expect(acknowledged.length).toBeGreaterThanOrEqual(2000);
    expect(acknowledged.filter((number) => !keptNumbers.has(number))).toEqual([]);
    expect(texts(kept)).toEqual(kept.map((_, index) => `record ${index}`));
    await engine.close();
  });
});

describe('a log that cannot be written', () => {
  it('rejects the append and every later one, tells so once, and neither it nor a later reader sees a part of it', async () => {
    // The system's limit on the length of a file plays the full disk: the write ends half-way with an error.
    const child = spawn('sh', ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, WRITER, folder, 'until-full'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
    const report = JSON.parse(lines.at(-1) as string) as Record<'error' | 'afterFailure', string> &
      Record<'appended' | 'readBack', number> & { failures: string[] };
    expect(report.error).toMatch(/shardId-000000000000: cannot append \d+ bytes: .*EFBIG/);
    expect(report.readBack).toBe(report.appended);
    // There was room for the smaller record, but it would have stood before the one that its sender sends again.
    expect(report.afterFailure).toBe(report.error);
    expect(report.failures).toEqual([report.error.replace('Error: ', '')]);
    const { engine, stream } = await open();
    expect(await stream.read(SHARD, null, ALL)).toHaveLength(report.appended);
    await engine.close();
  });
});

describe('a stream', () => {
  it('cannot be opened with another number of shards than its data was written with', async () => {
    const { engine } = await open();
    await engine.close();
    await expect(open({ shards: 2 })).rejects.toMatchObject({
      code: 'InvalidArgumentException',
      message: expect.stringContaining('written with 1 shards'),
    });
  });

  it('exists once, under a name and numbers that AWS allows', async () => {
    const { engine } = await open({ memory: true });
    const create = (name: string, shardCount: number, retentionHours: number): Promise<KinesisStream> =>
      engine.createStream({ name, shardCount, retentionHours });
    await expect(create('s', 1, 24)).rejects.toMatchObject({ code: 'ResourceInUseException' });
    for (const name of ['', '..', 'a/b', 'x'.repeat(129)])
      await expect(create(name, 1, 24)).rejects.toMatchObject({ code: 'ValidationException' });
    for (const count of [0, 501, 1.5]) await expect(create('t', count, 24)).rejects.toMatchObject({ code: 'InvalidArgumentException' });
    for (const hours of [23, 8761]) await expect(create('t', 1, hours)).rejects.toMatchObject({ code: 'InvalidArgumentException' });
    expect(() => engine.stream('t')).toThrow(expect.objectContaining({ code: 'ResourceNotFoundException' }));
    expect(() => engine.stream('arn:aws:kinesis:us-east-1:111111111111:stream/s')).toThrow(
      expect.objectContaining({ code: 'ResourceNotFoundException' }),
    );
  });

  it('spreads keys over its shards and appends in order within each', async () => {
    const { stream } = await open({ memory: true, shards: 4 });
    const appended = await stream.append(Array.from({ length: 400 }, (_, index) => entry(String(index), `key-${index}`)));
    expect(new Set(appended.map(({ shardId }) => shardId))).toEqual(new Set(stream.shardIds()));
    for (const shardId of stream.shardIds()) {
      const expected = appended.flatMap((at, index) =>
        at.shardId === shardId ? [{ text: String(index), sequenceNumber: at.sequenceNumber }] : [],
      );
      const records = await stream.read(shardId, null, ALL);
      expect(records.map(({ data, sequenceNumber }) => ({ text: Buffer.from(data).toString(), sequenceNumber }))).toEqual(expected);
    }
  });
});

describe('a shard iterator', () => {
  it('lives five minutes', () => {
    const token = encodeIterator({ stream: 's', shardId: SHARD, after: null, issuedMs: 1000 });
    expect(decodeIterator(token, 301_000)).toEqual({ stream: 's', shardId: SHARD, after: null, issuedMs: 1000 });
    expect(() => decodeIterator(token, 301_001)).toThrow(expect.objectContaining({ code: 'ExpiredIteratorException' }));
  });

  it('that nobody issued is refused', () => {
    for (const token of ['', 'x', Buffer.from('[]').toString('base64'), Buffer.from('["s","x",7,1]').toString('base64')]) {
      expect(() => decodeIterator(token, 0)).toThrow(expect.objectContaining({ code: 'InvalidArgumentException' }));
    }
  });
});
