/** One esbuild call bundles everything that runs in AWS: each function and the feed, each into a folder of its own. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

export const FUNCTION_ROLES = ['speed', 'archive', 'timers', 'serve'] as const;
export type FunctionRole = (typeof FUNCTION_ROLES)[number];

/** Folders from which the stacks take their assets. */
export interface CodeFolders {
  readonly functions: Readonly<Record<FunctionRole, string>>;
  /** Dockerfile and bundle of the feed. */
  readonly feed: string;
  /** Files of the dashboard. */
  readonly web: string;
}

/** Where `bundle` puts what it makes of the project in `root`. */
export function codeFolders(root: string): CodeFolders {
  const folder = (role: FunctionRole) => path.join(root, 'build', 'functions', role);
  return {
    functions: { speed: folder('speed'), archive: folder('archive'), timers: folder('timers'), serve: folder('serve') },
    feed: path.join(root, 'build', 'feed'),
    web: path.join(root, 'web'),
  };
}

/**
 * Bundles, the AWS SDK included: what was tested is what runs. Rejects when something does not compile.
 * A file is replaced whole, and only when it differs: several syntheses may run at once over the same folders.
 */
export async function bundle(root: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...FUNCTION_ROLES.map((role) => ({ in: `functions/${role}/handler.ts`, out: `functions/${role}/index` })),
      { in: 'feed/main.ts', out: 'feed/index' },
    ],
    outdir: 'build',
    outExtension: { '.js': '.cjs' },
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'silent',
  });
  for (const { path: file, contents } of outputFiles) replace(file, contents);
  replace(path.join(codeFolders(root).feed, 'Dockerfile'), readFileSync(path.join(root, 'feed', 'Dockerfile')));
}

function replace(file: string, contents: Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true });
  if (isSame(file, contents)) return;
  // Beside the folder, not in it: the folder is an asset that another synthesis may be reading.
  const written = `${path.dirname(file)}.${process.pid}`;
  writeFileSync(written, contents);
  renameSync(written, file);
}

function isSame(file: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(contents);
  } catch {
    return false;
  }
}
