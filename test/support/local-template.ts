/** Runs a hand-made template on the real engines, in memory and a temporary folder. */
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { REAL_LOCAL_CLOCK } from '../../local/engines/local-clock.ts';
import { RESOURCE_TYPES } from '../../local/resources/catalog.ts';
import { type LocalContext, newContext } from '../../local/resources/context.ts';
import { WITHOUT_LOCAL_EFFECT } from '../../local/resources/without-effect.ts';
import { openDataFolder } from '../../local/runtime/data-folder.ts';
import { ACCOUNT_ID, REGION, serviceEnvironmentOf, startEngines } from '../../local/runtime/engines.ts';
import { createLifecycle } from '../../local/runtime/lifecycle.ts';
import { createResources } from '../../local/runtime/run-template.ts';
import { openSensors } from '../../local/runtime/sensors.ts';
import { parseTemplate } from '../../local/template/assembly.ts';
import type { JsonObject } from '../../local/template/json.ts';

export interface TestBed {
  readonly context: LocalContext;
  /** What was logged as an error, `<part>: <text>`. */
  readonly errors: string[];
  /** Creates the resources of one stack `S`; `start` begins their work. Throws what creating throws. */
  create(resources: JsonObject): Promise<{ start(): Promise<void> }>;
  /** Makes a temporary folder into the file asset `<name>.zip`, the image `<name>`; it goes with the test bed. */
  asset(name: string): string;
  stop(): Promise<void>;
}

/** No page is served here. */
const PAGE_URL = 'http://127.0.0.1:9';

/** Starts the engines; `more` replaces parts of the context. */
export async function startTestBed(more: Partial<LocalContext> = {}): Promise<TestBed> {
  const folder = openDataFolder(null);
  const errors: string[] = [];
  const log = {
    line: () => undefined,
    error: (part: string, text: string) => void errors.push(`${part}: ${text}`),
    close: async () => undefined,
  };
  const lifecycle = createLifecycle((message) => errors.push(message));
  lifecycle.onStop('the data folder', () => folder.release());
  const engines = await startEngines(folder, REAL_LOCAL_CLOCK, lifecycle, (error) => log.error('engines', error.message));
  const context: LocalContext = {
    ...newContext({
      clock: REAL_LOCAL_CLOCK,
      wallClock: REAL_CLOCK,
      region: REGION,
      accountId: ACCOUNT_ID,
      ...engines,
      pageUrl: PAGE_URL,
      serviceEnvironment: serviceEnvironmentOf(engines.urls, PAGE_URL),
      log,
      sensors: openSensors(folder),
      sources: { simulate: true, seed: 1, finnhubToken: undefined },
    }),
    ...more,
  };
  const assetPaths = new Map<string, string>();
  const imageFolders = new Map<string, string>();
  return {
    context,
    errors,
    create(resources) {
      const assembly = { folder: '', stacks: [parseTemplate('S', { Resources: resources })], assetPaths, imageFolders };
      return createResources(assembly, context, { types: RESOURCE_TYPES, withoutEffect: WITHOUT_LOCAL_EFFECT }, lifecycle);
    },
    asset(name) {
      const made = mkdtempSync(path.join(folder.path, 'asset-'));
      assetPaths.set(`${name}.zip`, made);
      imageFolders.set(name, made);
      return made;
    },
    stop: () => lifecycle.stop(),
  };
}
