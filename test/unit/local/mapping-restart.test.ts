import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileCheckpoints } from '../../../local/engines/checkpoints.ts';
import type { InvokeResult } from '../../../local/engines/lambda-function.ts';
import { ERROR, numbers, Rig, SHARD, SUCCESS } from './mapping-rig.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-'));
  folders.push(folder);
  return folder;
}

describe('stopping and starting again', () => {
  it('lets the batch in flight end, remembers it, and begins no other', async () => {
    const rig = await new Rig({ batchSize: 2 }).open();
    let finish: (result: InvokeResult) => void = () => undefined;
    rig.answer = () => new Promise((resolve) => (finish = resolve));
    const sequence = await rig.put(...numbers(0, 5));
    rig.mapping.start();
    await rig.settle();
    let hasStopped = false;
    const stopped = rig.mapping.stop().then(() => (hasStopped = true));
    await rig.settle();
    expect(hasStopped).toBe(false);
    finish(SUCCESS);
    await stopped;
    expect(rig.deliveries).toEqual([['0', '1']]);
    expect(rig.checkpoints.load()).toEqual({ [SHARD]: sequence[1] });
  });

  it('goes on behind the checkpoint, and delivers again what was not remembered', async () => {
    const rig = await new Rig({ batchSize: 2 }).open();
    await rig.put(...numbers(0, 4));
    rig.answer = (texts) => (texts.includes('2') ? new Promise<InvokeResult>(() => undefined) : SUCCESS);
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([
      ['0', '1'],
      ['2', '3'],
    ]);
    // The process dies here, in the middle of the second batch.
    rig.renew();
    rig.answer = () => SUCCESS;
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries.slice(2)).toEqual([['2', '3']]);
    await rig.mapping.stop();
  });

  it('gives up nothing because an invocation was ended by the stop', async () => {
    const rig = await new Rig({ maximumRetryAttempts: 0 }).open();
    let fail: () => void = () => undefined;
    rig.answer = () => new Promise((resolve) => (fail = () => resolve(ERROR)));
    await rig.put('a');
    rig.mapping.start();
    await rig.settle();
    const stopped = rig.mapping.stop();
    fail();
    await stopped;
    expect(rig.givenUp).toEqual([]);
    expect(rig.checkpoints.load()).toEqual({});
  });

  it('ends at once in a pause between retries or in a batching window', async () => {
    const retrying = await new Rig().open();
    retrying.answer = () => ERROR;
    await retrying.put('a');
    retrying.mapping.start();
    await retrying.settle();
    await retrying.mapping.stop();
    expect(retrying.deliveries).toHaveLength(1);
    const waiting = await new Rig({ maximumBatchingWindowMs: 60_000 }).open();
    await waiting.put('a');
    waiting.mapping.start();
    await waiting.settle();
    await waiting.mapping.stop();
    expect(waiting.deliveries).toEqual([]);
    expect(waiting.clock.nextDueMs).toBeNull();
  });

  it('from LATEST skips what was there before the first start, and misses nothing after it', async () => {
    const rig = await new Rig({ startingPosition: 'LATEST' }).open();
    await rig.put('before');
    rig.mapping.start();
    await rig.settle();
    await rig.mapping.stop();
    await rig.put('while it was down');
    rig.renew();
    rig.mapping.start();
    await rig.settle();
    expect(rig.deliveries).toEqual([['while it was down']]);
    await rig.mapping.stop();
  });
});

describe('checkpoints in a file', () => {
  it('are there after a restart, and many saves share few writes', async () => {
    const path = join(temporaryFolder(), 'deep', 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    const saves = numbers(0, 500).map((position) => checkpoints.save(position.endsWith('7') ? 'b' : 'a', position));
    await saves[0];
    await Promise.all(saves);
    expect(fileCheckpoints(path).load()).toEqual({ a: '499', b: '497' });
    expect(new Set(saves).size).toBeLessThan(5);
  });

  it('are on the disk when their save has resolved', async () => {
    const path = join(temporaryFolder(), 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    for (const position of numbers(0, 20)) {
      const first = checkpoints.save('a', position);
      const second = checkpoints.save('b', position);
      await Promise.all([first, second]);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: position, b: position });
    }
  });

  it('tell when they cannot be written, and recover', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'sub', 'checkpoints.json');
    const checkpoints = fileCheckpoints(path);
    rmSync(join(folder, 'sub'), { recursive: true });
    await expect(checkpoints.save('a', '1')).rejects.toThrow('ENOENT');
    fileCheckpoints(path);
    await checkpoints.save('a', '2');
    expect(fileCheckpoints(path).load()).toEqual({ a: '2' });
  });

  it('that are no checkpoints are an error naming the file', () => {
    const path = join(temporaryFolder(), 'checkpoints.json');
    writeFileSync(path, '{"a":');
    expect(() => fileCheckpoints(path)).toThrow(path);
  });
});
