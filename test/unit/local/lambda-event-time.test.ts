import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newInstant } from '../../../local/engines/instant.ts';
import { LambdaFunction } from '../../../local/engines/lambda-function.ts';

let folder: string;
const EVENT_MS = Date.UTC(2013, 9, 7, 13, 30);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("a function sees event time in its Date, from loading its module on, and the machine's in its limits", async () => {
  const instant = newInstant();
  instant.set(EVENT_MS);
  writeFileSync(
    join(folder, 'index.cjs'),
    `const loadedMs = Date.now();
exports.handler = async (event, context) => ({
  loadedMs, now: Date.now(), date: new Date().toISOString(), text: Date(), left: context.getRemainingTimeInMillis(),
  later: await new Promise((resolve) => setTimeout(() => resolve(Date.now()), 1)) });`,
  );
  const speed = new LambdaFunction({
    ...{ name: 'speed', codeFolder: folder, handler: 'index.handler', environment: {}, timeoutMs: 30_000, memoryMb: 256 },
    onLog: () => undefined,
    instant: instant.shared,
  });
  const answer = async () => JSON.parse((await speed.invoke('{}')).payload);
  const first = await answer();
  expect(first).toMatchObject({ loadedMs: EVENT_MS, now: EVENT_MS, date: '2013-10-07T13:30:00.000Z', later: EVENT_MS });
  expect(first.text).toBe(new Date(EVENT_MS).toString());
  expect(first.left).toBeGreaterThan(0);
  expect(first.left).toBeLessThanOrEqual(30_000);
  instant.set(EVENT_MS + 60_000);
  expect(await answer()).toMatchObject({ loadedMs: EVENT_MS, now: EVENT_MS + 60_000, date: '2013-10-07T13:31:00.000Z' });
  await speed.stop();
});
