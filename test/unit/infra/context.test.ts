import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf, isTrue } from '../../../infra/context.ts';

describe('context', () => {
  let folder: string;
  const config = (context: Record<string, unknown>) => configOf((name) => context[name], folder);

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidemark-context-'));
    writeFileSync(path.join(folder, 'given.json'), '{"stage": "filed", "clockSkewMs": 7}');
    writeFileSync(path.join(folder, 'broken.json'), '{');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives the configuration as an object, as JSON text, or as a file beside the project', () => {
    expect(config({ config: { clockSkewMs: 7 } }).clockSkewMs).toBe(7);
    expect(config({ config: ' {"clockSkewMs": 7}' }).clockSkewMs).toBe(7);
    expect(config({ config: 'given.json' })).toMatchObject({ stage: 'filed', clockSkewMs: 7 });
    expect(config({ config: path.join(folder, 'given.json') }).stage).toBe('filed');
    expect(config({}).stage).toBe('dev');
  });

  it('names the stage, whatever the configuration says', () => {
    expect(config({ stage: 'blue' }).stage).toBe('blue');
    expect(config({ stage: 'blue', config: 'given.json' })).toMatchObject({ stage: 'blue', clockSkewMs: 7 });
  });

  it('is refused by name when it is no JSON or no configuration', () => {
    expect(() => config({ config: 'absent.json' })).toThrow(`${path.join(folder, 'absent.json')} is not`);
    expect(() => config({ config: 'broken.json' })).toThrow(`${path.join(folder, 'broken.json')} is not`);
    expect(() => config({ config: '{"stage"' })).toThrow('the text is not');
    expect(() => config({ config: 7, stage: 'blue' })).toThrow('config must be an object, not 7');
    expect(() => config({ config: '{"stages": 1}' })).toThrow('config.stages is no field');
  });

  it('knows a switch as a value and, from the command line, as text', () => {
    expect([true, 'true', false, 'false', 'yes', 1, undefined].map(isTrue)).toEqual([true, true, false, false, false, false, false]);
  });
});
