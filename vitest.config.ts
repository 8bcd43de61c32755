import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { findChromium } from './toolchain/chromium.ts';

// Real input lies beside the checkout, or where TIDEMARK_DATA points. With CI=1 what a test needs must be there.
const data = resolve(import.meta.dirname, process.env['TIDEMARK_DATA'] ?? '../shared/data');
const leftOut: string[] = [];
// Minutes long: what they show of a part of the data, tests of the gate show.
if (!process.env['LONG']) leftOut.push('test/long/**');
if (!process.env['CI']) {
  if (!findChromium()) {
    console.log('tidemark: no Chromium found (CHROMIUM=PATH names one): the browser tests are left out.');
    leftOut.push('test/browser/**');
  }
  if (!existsSync(data)) {
    console.log(`tidemark: no recorded data at ${data} (TIDEMARK_DATA names its folder): the tests on real input are left out.`);
    leftOut.push('test/**/*.real.test.ts');
  }
}

/** What takes longest begins first, so that no process is left alone with it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const folders = ['fault', 'e2e', 'browser', 'template', 'unit/local', 'contract'];
    const place = ({ moduleId }: TestSpecification) =>
      folders.findIndex((folder) => moduleId.includes(`/test/${folder}/`)) + 1 || folders.length + 1;
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** Pure code and fakes: their files may share a process, which saves half a second each. */
const SHARED = ['test/unit/{domain,device-sim,feed,web,serve,archive}/**/*.test.ts', 'test/property/**/*.test.ts'];
const ALL = 'test/**/*.test.ts';

export default defineConfig({
  test: {
    env: { TIDEMARK_DATA: data },
    pool: 'forks',
    // One more than the cores it is meant for: much of a running system's time is waiting.
    maxWorkers: 3,
    // A test takes seconds; on a machine with eight times too much to do, minutes.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'pure', include: SHARED, exclude: leftOut, isolate: false } },
      { extends: true, test: { name: 'running', include: [ALL], exclude: [...leftOut, ...SHARED] } },
    ],
  },
});
