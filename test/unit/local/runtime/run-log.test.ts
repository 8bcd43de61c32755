import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunLog } from '../../../../local/runtime/run-log.ts';
import { eventually } from '../../../support/eventually.ts';

let folder: string;
let file: string;
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), after: () => () => undefined };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidemark-test-'));
  file = path.join(folder, 'tidemark.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log of a run', () => {
  it('keeps every line with its time and part, behind what is there already', async () => {
    writeFileSync(file, 'before\n');
    const log = openRunLog(file, clock, () => undefined);
    log.line('speed', 'hello');
    log.error('speed', 'bad');
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe('before\n2026-01-02T03:04:05.006Z speed hello\n2026-01-02T03:04:05.006Z speed ERROR bad\n');
  });

  it('tells an error once, short and in one line, and each part for itself', async () => {
    const told: string[] = [];
    const log = openRunLog(file, clock, (line) => told.push(line));
    log.error('speed', 'batch 17 failed\n    at stack');
    log.error('speed', 'batch 18 failed\n    at stack');
    log.error('archive', 'batch 18 failed');
    log.error('feed', 'x'.repeat(1000));
    log.line('speed', 'no error');
    await log.close();
    expect(told).toEqual([
      `speed: batch 17 failed (see ${file})`,
      `archive: batch 18 failed (see ${file})`,
      `feed: ${'x'.repeat(200)} … (see ${file})`,
    ]);
  });

  it('puts a large log aside at the start', async () => {
    writeFileSync(file, '');
    truncateSync(file, 17 * 1024 * 1024);
    const log = openRunLog(file, clock, () => undefined);
    log.line('speed', 'fresh');
    await log.close();
    expect(statSync(`${file}.1`).size).toBe(17 * 1024 * 1024);
    expect(readFileSync(file, 'utf8')).toContain('fresh');
  });

  it('puts a log that grows large aside while it runs, and loses no line of it', async () => {
    const log = openRunLog(file, clock, () => undefined);
    log.line('speed', 'first');
    await eventually(async () => (existsSync(file) ? true : null));
    for (let number = 0; number < 17; number++) log.line('speed', 'x'.repeat(1024 * 1024));
    log.line('speed', 'last');
    await log.close();
    await eventually(async () => (statSync(`${file}.1`).size > 16 * 1024 * 1024 ? true : null));
    expect(readFileSync(`${file}.1`, 'utf8').slice(0, 100)).toContain('first');
    const [aside, current] = [`${file}.1`, file].map((name) => readFileSync(name, 'utf8').trimEnd().split('\n').length);
    expect([aside! + current!, current! < 5]).toEqual([19, true]);
  });
});
