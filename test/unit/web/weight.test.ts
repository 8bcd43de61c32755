import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { vendorFiles } from '../../../infra/vendor.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const LIMIT_BYTES = 150_000;

describe('the deployed dashboard', () => {
  it('is small, each of its files gzipped by itself', async () => {
    const own = readdirSync(path.join(ROOT, 'web'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
    const vendor = (await vendorFiles(ROOT)).map(({ contents }) => contents);
    const bytes = [...own, ...vendor].reduce((sum, contents) => sum + gzipSync(contents).length, 0);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it('carries the licence of each library that is in it', async () => {
    const files = new Map((await vendorFiles(ROOT)).map(({ name, contents }) => [name, new TextDecoder().decode(contents)]));
    expect([...files.keys()].sort()).toEqual(['vendor/licenses.txt', 'vendor/uplot.css', 'vendor/uplot.js']);
    expect(files.get('vendor/licenses.txt')).toMatch(/uplot[\s\S]*Copyright[\s\S]*Leon Sorokin/);
  });
});
