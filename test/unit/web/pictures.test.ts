import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = path.resolve(import.meta.dirname, '../../../docs/pictures');
const MOST = 10;
const LIMIT_BYTES = 150_000;

describe('the pictures of the page', () => {
  it('are few and small', () => {
    const names = readdirSync(FOLDER);
    expect(names.length).toBeLessThanOrEqual(MOST);
    for (const name of names) {
      const bytes = readFileSync(path.join(FOLDER, name));
      expect(bytes.toString('latin1', 1, 4), name).toBe('PNG');
      expect(bytes.length, name).toBeLessThanOrEqual(LIMIT_BYTES);
    }
  });
});
