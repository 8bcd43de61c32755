/** Synthesizes the project's own infrastructure, or finds that an earlier result still stands. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fingerprintOf } from './fingerprint.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ASSEMBLIES = path.join(ROOT, 'build', 'assemblies');
/** What infra/app.ts reads, directly or by bundling. */
const INPUTS = ['infra', 'functions', 'feed', 'web', 'package.json', 'package-lock.json', 'cdk.json'];
const STAGE = 'local';
/** Assemblies that stay for later starts; of the others those go that no start has used for a day: what still runs reads its code there. */
const KEPT_ASSEMBLIES = 8;
const DAY_MS = 86_400_000;

/** Runs infra/app.ts in a process of its own. Throws with what it said when it fails. */
async function runApp(outFolder: string, context: object, signal: AbortSignal | undefined): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'infra', 'app.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CDK_OUTDIR: outFolder, CDK_CONTEXT_JSON: JSON.stringify(context) },
    ...(signal && { signal }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`infra/app.ts failed (exit code ${code}):\n${said.trim()}`);
}

/** Puts a finished assembly in its place; one that another process put there first is as good. */
function publish(fresh: string, folder: string): void {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(path.join(folder, 'manifest.json'))) throw error;
    rmSync(fresh, { recursive: true });
  }
}

function removeOld(nowMs: number): void {
  const used = readdirSync(ASSEMBLIES).flatMap((name) => {
    const folder = path.join(ASSEMBLIES, name);
    // Another process may be removing the same ones.
    const found = statSync(folder, { throwIfNoEntry: false });
    return found ? [{ folder, usedMs: found.mtimeMs }] : [];
  });
  used.sort((a, b) => b.usedMs - a.usedMs);
  const old = used.slice(KEPT_ASSEMBLIES).filter(({ usedMs }) => nowMs - usedMs > DAY_MS);
  for (const { folder } of old) rmSync(folder, { recursive: true, force: true });
}

/**
 * The folder of the cloud assembly for this configuration (the fields of infra/config.ts; stage `local`). An assembly made from
 * the same inputs is used again, as of `nowMs`. Throws when the infrastructure does not
 * synthesize, with what it said, and when `signal` ends it.
 */
export async function synthesize(config: object, nowMs: number, signal?: AbortSignal): Promise<string> {
  const context = { config, stage: STAGE, 'tidemark:fast': true };
  const folder = path.join(ASSEMBLIES, fingerprintOf(ROOT, INPUTS, context));
  if (!existsSync(path.join(folder, 'manifest.json'))) {
    mkdirSync(ASSEMBLIES, { recursive: true });
    const fresh = mkdtempSync(path.join(ASSEMBLIES, 'synth-'));
    try {
      await runApp(fresh, context, signal);
      publish(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    removeOld(nowMs);
  }
  utimesSync(folder, nowMs / 1000, nowMs / 1000);
  return folder;
}
