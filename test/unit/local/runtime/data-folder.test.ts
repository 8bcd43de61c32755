import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../../local/runtime/data-folder.ts';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'tidemark-test-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is created with the folders above it, and stays when it is let go', () => {
    const wanted = path.join(parent, 'a', 'b');
    const folder = openDataFolder(wanted);
    folder.writeJson('x.json', { a: 1 });
    folder.release();
    expect(JSON.parse(readFileSync(path.join(wanted, 'x.json'), 'utf8'))).toEqual({ a: 1 });
    expect(readdirSync(wanted)).toEqual(['x.json']);
    expect(folder.persistent).toBe(true);
  });

  it('is taken once at a time: the second time is an error that names the process', () => {
    const first = openDataFolder(parent);
    expect(() => openDataFolder(parent)).toThrow(`in use by process ${process.pid}`);
    expect(() => openDataFolder(parent)).toThrow('--data');
    first.release();
    openDataFolder(parent).release();
  });

  it('is refused while another living process holds it', () => {
    writeFileSync(path.join(parent, 'lock'), String(process.ppid));
    expect(() => openDataFolder(parent)).toThrow(`in use by process ${process.ppid}`);
    expect(readFileSync(path.join(parent, 'lock'), 'utf8')).toBe(String(process.ppid));
  });

  it.each([
    ['a process that is gone', () => String(spawnSync(process.execPath, ['-e', '']).pid)],
    ['an earlier process that had our id', () => String(process.pid)],
    ['nobody (an empty file)', () => ''],
  ])('is taken over from %s', (_who, content) => {
    writeFileSync(path.join(parent, 'lock'), content());
    const folder = openDataFolder(parent);
    expect(readFileSync(path.join(parent, 'lock'), 'utf8')).toBe(String(process.pid));
    folder.release();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is a temporary one for null, and gone afterwards with all that is in it', () => {
    const folder = openDataFolder(null);
    folder.writeJson('x.json', [1]);
    expect(folder.readJson('x.json')).toEqual([1]);
    expect(folder.persistent).toBe(false);
    folder.release();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('reads a missing document as undefined and refuses a broken one by its name', () => {
    const folder = openDataFolder(parent);
    expect(folder.readJson('none.json')).toBeUndefined();
    writeFileSync(path.join(parent, 'broken.json'), '{');
    expect(() => folder.readJson('broken.json')).toThrow('broken.json');
    folder.remove('broken.json');
    expect(folder.readJson('broken.json')).toBeUndefined();
    folder.release();
  });
});
