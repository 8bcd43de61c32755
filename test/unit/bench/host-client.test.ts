import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_OPTIONS_OF_START } from '../../../bench/host-client.ts';

it('measures a process with the options that npm start has', () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
  expect(scripts.start).toBe(`node toolchain/run.cjs ${NODE_OPTIONS_OF_START.join(' ')} cli/start.ts`);
});
