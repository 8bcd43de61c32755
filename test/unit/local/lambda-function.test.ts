import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InvokeResult, LambdaFunction, type LambdaFunctionOptions } from '../../../local/engines/lambda-function.ts';

let folder: string;
let lines: string[];
let functions: LambdaFunction[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  lines = [];
  functions = [];
});
afterEach(async () => {
  await Promise.all(functions.map((started) => started.stop()));
  rmSync(folder, { recursive: true });
});

/** A function whose handler has the given body; `state` is the module's own. */
function create(body: string, options: Partial<LambdaFunctionOptions> = {}): LambdaFunction {
  writeFileSync(
    join(folder, 'index.cjs'),
    `const state = { calls: 0 };\nexports.handler = async (event, context) => { state.calls++; ${body} };\n`,
  );
  const created = new LambdaFunction({
    ...{ name: 'speed', codeFolder: folder, handler: 'index.handler', environment: {}, timeoutMs: 30_000, memoryMb: 256 },
    onLog: (line) => lines.push(line),
    ...options,
  });
  functions.push(created);
  return created;
}

function answer(result: InvokeResult): unknown {
  expect(result).not.toHaveProperty('functionError');
  return JSON.parse(result.payload);
}

function failure(result: InvokeResult): { errorType: string; errorMessage: string; trace?: string[] } {
  expect(result).toHaveProperty('functionError', 'Unhandled');
  return JSON.parse(result.payload);
}

describe('a function', () => {
  it('gets its event and context, and its answer comes back', async () => {
    const speed = create(
      'return { event, name: context.functionName, memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(), id: context.awsRequestId };',
    );
    const result = answer(await speed.invoke('{"a":[1,"ü"]}')) as Record<string, unknown>;
    expect(result).toMatchObject({ event: { a: [1, 'ü'] }, name: 'speed', memory: '256' });
    expect(result['left']).toBeLessThanOrEqual(30_000);
    expect(result['left']).toBeGreaterThan(0);
    expect(result['id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers null when it returns nothing', async () => {
    expect(await create('').invoke('{}')).toEqual({ payload: 'null' });
  });

  it('sees its own environment and nothing of the host', async () => {
    const speed = create('return process.env;', { environment: { STATE_TABLE: 'state', EMPTY: '' } });
    expect(answer(await speed.invoke('{}'))).toEqual({ STATE_TABLE: 'state', EMPTY: '' });
    expect(process.env['PATH']).toBeTypeOf('string');
  });

  it('is loaded once and reused, one invocation at a time in each instance', async () => {
    const speed = create('const mine = state.calls; await new Promise(setImmediate); return [mine, state.calls];');
    expect(answer(await speed.invoke('{}'))).toEqual([1, 1]);
    expect(answer(await speed.invoke('{}'))).toEqual([2, 2]);
    const together = await Promise.all([speed.invoke('{}'), speed.invoke('{}'), speed.invoke('{}')]);
    for (const [mine, seen] of together.map(answer) as [number, number][]) expect(seen).toBe(mine);
  });

  it('runs as many instances as it has invocations, up to its bound', async () => {
    const speed = create(
      'const { threadId } = require("node:worker_threads"); await new Promise((done) => setTimeout(done, 5)); return threadId;',
      { maximumConcurrency: 2 },
    );
    const threads = (await Promise.all(Array.from({ length: 9 }, () => speed.invoke('{}')))).map(answer);
    expect(new Set(threads).size).toBe(2);
  });

  it('that throws is an unhandled error with its type, message and trace, and stays usable', async () => {
    const speed = create('if (event.fail) throw new RangeError("not today"); return "fine";');
    const error = failure(await speed.invoke('{"fail":true}'));
    expect(error).toMatchObject({ errorType: 'RangeError', errorMessage: 'not today' });
    expect(error.trace?.[0]).toBe('RangeError: not today');
    expect(error.trace?.[1]).toContain('index.cjs');
    expect(answer(await speed.invoke('{}'))).toBe('fine');
  });

  it('that throws something else than an error, or answers what is not JSON, is an unhandled error too', async () => {
    const speed = create('if (event.big) return 1n; throw "text";');
    expect(failure(await speed.invoke('{}'))).toMatchObject({ errorType: 'string', errorMessage: 'text' });
    expect(failure(await speed.invoke('{"big":true}'))).toMatchObject({ errorType: 'TypeError' });
  });

  it('that hangs is ended at its timeout, even in an endless loop, and the next invocation gets a fresh instance', async () => {
    const speed = create(
      'if (event.hang) await new Promise(() => setInterval(() => {}, 1000)); if (event.loop) for (;;); return state.calls;',
      { timeoutMs: 1000 },
    );
    for (const payload of ['{"hang":true}', '{"loop":true}']) {
      expect(failure(await speed.invoke(payload)).errorMessage).toMatch(/Task timed out after 1\.00 seconds$/);
    }
    expect(answer(await speed.invoke('{}'))).toBe(1);
  });

  it('that exits or runs out of memory takes nobody along', async () => {
    const speed = create(
      'if (event.exit) process.exit(3); if (event.memory) { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())); } return "fine";',
      { memoryMb: 128 },
    );
    expect(failure(await speed.invoke('{"exit":true}'))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect(failure(await speed.invoke('{"memory":true}'))).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
    expect(answer(await speed.invoke('{}'))).toBe('fine');
  });

  it('whose background work crashes between invocations is replaced, and the crash is logged', async () => {
    const trigger = join(folder, 'trigger');
    const speed = create(
      'if (event.trigger) setInterval(() => { if (require("node:fs").existsSync(event.trigger)) throw new Error("too late"); }, 1); return state.calls;',
    );
    expect(answer(await speed.invoke(JSON.stringify({ trigger })))).toBe(1);
    writeFileSync(trigger, '');
    while (!lines.some((line) => line.includes('too late'))) await new Promise(setImmediate);
    expect(answer(await speed.invoke('{}'))).toBe(1);
  });

  it('that cannot be loaded says why', async () => {
    const missing = create('', { handler: 'other.handler' });
    expect(failure(await missing.invoke('{}'))).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining('other.cjs'),
    });
    const unnamed = create('', { handler: 'index.other' });
    expect(failure(await unnamed.invoke('{}'))).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
    const broken = create('');
    writeFileSync(join(folder, 'index.cjs'), 'throw new TypeError("at the top");');
    expect(failure(await broken.invoke('{}'))).toMatchObject({ errorType: 'TypeError', errorMessage: 'at the top' });
  });

  it('takes and gives at most 6 MiB', async () => {
    const speed = create('return "x".repeat(event.length);');
    const limit = 6 * 1024 * 1024;
    await expect(speed.invoke(JSON.stringify('x'.repeat(limit - 1)))).rejects.toMatchObject({ code: 'RequestTooLargeException' });
    expect((answer(await speed.invoke(JSON.stringify('x'.repeat(limit - 2)))) as string).length).toBe(limit - 2);
    expect(failure(await speed.invoke(JSON.stringify({ length: limit - 1 })))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  it('writes to the log line by line, whatever the pieces, and the rest when it ends', async () => {
    const speed = create(
      'console.log("one\\ntwo"); process.stdout.write(Buffer.from([0xc3])); process.stdout.write(Buffer.from([0xbc, 0x0a])); console.error("error"); process.stdout.write("rest"); process.exit(1);',
    );
    await speed.invoke('{}');
    while (!lines.includes('rest')) await new Promise(setImmediate);
    expect(lines.filter((line) => line !== 'error')).toEqual(['one', 'two', 'ü', 'rest']);
    expect(lines).toContain('error');
  });

  it('runs later invocations with a new environment, while a running one ends in the old', async () => {
    const speed = create(
      'const before = process.env.V; await new Promise((done) => setTimeout(done, event.ms)); return [before, process.env.V, state.calls];',
      { environment: { V: 'old' } },
    );
    expect(answer(await speed.invoke('{"ms":0}'))).toEqual(['old', 'old', 1]);
    const running = speed.invoke('{"ms":100}');
    await speed.reconfigure({ V: 'new' });
    expect(answer(await speed.invoke('{"ms":0}'))).toEqual(['new', 'new', 1]);
    expect(answer(await running)).toEqual(['old', 'old', 2]);
    expect(answer(await speed.invoke('{"ms":0}'))).toEqual(['new', 'new', 2]);
  });

  it('that is stopped rejects what runs and what comes', async () => {
    const speed = create('await new Promise(() => setInterval(() => {}, 1000));', { maximumConcurrency: 1 });
    const outcomes = Promise.allSettled([speed.invoke('{}'), speed.invoke('{}')]);
    await speed.stop();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ServiceException' } });
    await expect(speed.invoke('{}')).rejects.toMatchObject({ code: 'ServiceException' });
  });
});
