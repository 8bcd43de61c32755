/** The Tidemark a command goes to: one that runs, or one of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getJson } from './local-api.ts';
import { explained, INTERRUPTED, messageOf, UserError } from './user-error.ts';

/** Which one: that of this folder, that at an address, or one of the command's own. */
export type InstanceTarget =
  | { readonly kind: 'running' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'standalone' };

/** What a command needs of runtime.json. */
export interface Endpoints {
  /** API, `http://127.0.0.1:PORT`. */
  readonly api: string;
  /** MQTT broker, `mqtt://127.0.0.1:PORT`. */
  readonly mqtt: string;
  readonly region: string;
  /** Addresses of the endpoints of these services. */
  readonly kinesis: string;
  readonly dynamodb: string;
  readonly sfn: string;
  readonly athena: string;
}

export interface Instance {
  readonly endpoints: Endpoints;
  /** Stops what was started for this command. */
  stop(): Promise<void>;
}

const DATA_FOLDER = '.tidemark';
const HOW = 'start one with npm start, name one with --url, or use --standalone';

/** Finds or starts it; the signal gives up starting. Throws UserError when none answers, with `how` to name one. */
export async function openInstance(target: InstanceTarget, log: (line: string) => void, signal: AbortSignal, how = HOW): Promise<Instance> {
  if (target.kind === 'standalone') return standalone(log, signal);
  const url = target.kind === 'url' ? target.url : await runningUrl(how);
  let runtime: unknown;
  try {
    runtime = await getJson(`${url}/_local/runtime`);
  } catch (error) {
    throw new UserError(`no running Tidemark at ${url} (${messageOf(error)}): ${how}`, { cause: error });
  }
  return { endpoints: endpointsOf(runtime, url), stop: async () => {} };
}

/** An instance of its own has no other files to gather for: its archive need not wait the usual 10 s for a batch. */
const STANDALONE_CONFIG = { archive: { batchingWindowSeconds: 1 } };

async function standalone(log: (line: string) => void, signal: AbortSignal): Promise<Instance> {
  // The runtime is large; a replay into a running one does without it.
  const { startTidemark } = await import('../../local/runtime/start.ts');
  try {
    const tidemark = await startTidemark({
      port: 0,
      dataFolder: null,
      simulate: false,
      seed: 1,
      sensorCount: 0,
      config: STANDALONE_CONFIG,
      log,
      signal,
    });
    return { endpoints: endpointsOf(tidemark.runtime, tidemark.url), stop: () => tidemark.stop() };
  } catch (error) {
    if (signal.aborted) throw new UserError('interrupted before anything was sent', { cause: error, exitCode: INTERRUPTED });
    throw new UserError(`Tidemark did not start: ${messageOf(error)}`, { cause: error });
  }
}

async function runningUrl(how: string): Promise<string> {
  const file = join(DATA_FOLDER, 'runtime.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`no Tidemark runs here (there is no ${file}): ${how}`, { cause: error });
  }
  return endpointsOf(
    explained(file, () => JSON.parse(text)),
    file,
  ).api;
}

function endpointsOf(runtime: unknown, from: string): Endpoints {
  const { api, mqtt, region, aws } = (runtime ?? {}) as Record<string, unknown>;
  const { kinesis, dynamodb, sfn, athena } = (aws ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ api, mqtt, region, kinesis, dynamodb, sfn, athena })) {
    if (typeof value !== 'string') throw new UserError(`${from} tells no ${name}: is it a Tidemark of this version?`);
  }
  return { api, mqtt, region, kinesis, dynamodb, sfn, athena } as Endpoints;
}
