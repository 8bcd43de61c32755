import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ExecutionRecord, ExecutionStore } from '../../../../local/engines/step-functions/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'executions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fail = (error: Error) => {
  throw error;
};

function recordOf(n: number, more: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return { arn: `arn:${n}`, name: String(n), machineArn: 'arn', status: 'SUCCEEDED', startMs: n, stopMs: n + 1, input: '{}', ...more };
}

const eventOf = (id: number) => ({ id, previousEventId: id - 1, timestamp: id, type: 'PassStateEntered' });

describe('the store of executions', () => {
  it('keeps the newest thousand, and of those that run all', () => {
    const store = new ExecutionStore(folder, fail);
    store.put(recordOf(0, { status: 'RUNNING' }));
    for (let n = 1; n <= 1_000; n++) store.put(recordOf(n));
    store.append('arn:1000', eventOf(1));
    expect(store.all()).toHaveLength(1_000);
    expect(store.all().at(0)?.name).toBe('1000');
    expect([store.get('arn:0')?.status, store.get('arn:1')]).toEqual(['RUNNING', undefined]);
    expect(readdirSync(folder)).toHaveLength(1_001);
    const again = new ExecutionStore(folder, fail);
    expect(again.all()).toEqual(store.all());
    expect(again.history('arn:1000')).toEqual([eventOf(1)]);
  });

  it('forgets what a crash left of an event, and takes more', () => {
    const store = new ExecutionStore(folder, fail);
    store.put(recordOf(1, { status: 'RUNNING' }));
    store.append('arn:1', eventOf(1));
    const file = readdirSync(folder).find((name) => name.endsWith('.jsonl'))!;
    writeFileSync(join(folder, file), '{"id":2,"prev', { flag: 'a' });
    const again = new ExecutionStore(folder, fail);
    expect(again.history('arn:1')).toEqual([eventOf(1)]);
    again.append('arn:1', eventOf(2));
    again.put(recordOf(1));
    expect(again.history('arn:1')).toEqual([eventOf(1), eventOf(2)]);
  });

  it('knows an execution that ended before anything of it happened', () => {
    new ExecutionStore(folder, fail).put(recordOf(1, { status: 'RUNNING' }));
    expect(new ExecutionStore(folder, fail).history('arn:1')).toEqual([]);
  });

  it('names a file that is none of its own, and tells of what it cannot write', () => {
    const told: string[] = [];
    const store = new ExecutionStore(folder, ({ message }) => told.push(message));
    rmSync(folder, { recursive: true });
    store.put(recordOf(1));
    expect(told).toEqual([expect.stringContaining('execution arn:1 could not be kept')]);
    folder = mkdtempSync(join(tmpdir(), 'executions-'));
    writeFileSync(join(folder, 'x.json'), '{');
    expect(() => new ExecutionStore(folder, fail)).toThrow(`${join(folder, 'x.json')}: no execution`);
  });
});
