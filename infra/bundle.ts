/** Bundles what runs in AWS, each function and the feed, each into a folder of its own, and what the dashboard uses of others. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { vendorFiles } from './vendor.ts';

export const FUNCTION_ROLES = ['speed', 'archive', 'timers', 'serve', 'batch'] as const;
export type FunctionRole = (typeof FUNCTION_ROLES)[number];

/** Folders from which the stacks take their assets. */
export interface CodeFolders {
  readonly functions: Readonly<Record<FunctionRole, string>>;
  /** Dockerfile and bundle of the feed. */
  readonly feed: string;
  /** Files of the dashboard: as written, and what it uses of others. */
  readonly web: { readonly own: string; readonly vendor: string };
}

/** Where `bundle` puts what it makes of the project in `root`. */
export function codeFolders(root: string): CodeFolders {
  const folder = (role: FunctionRole) => path.join(root, 'build', 'functions', role);
  return {
    functions: {
      speed: folder('speed'),
      archive: folder('archive'),
      timers: folder('timers'),
      serve: folder('serve'),
      batch: folder('batch'),
    },
    feed: path.join(root, 'build', 'feed'),
    web: { own: path.join(root, 'web'), vendor: path.join(root, 'build', 'web') },
  };
}

/**
 * Bundles, the AWS SDK included: what was tested is what runs. Rejects when something does not compile.
 * A file is replaced whole, and only when it differs: several syntheses may run at once over the same folders.
 */
export async function bundle(root: string): Promise<void> {
  const [{ outputFiles }, vendor] = await Promise.all([bundleFunctions(root), vendorFiles(root)]);
  const { feed, web } = codeFolders(root);
  // Outside of the folders that are assets: another synthesis may be reading them.
  const fresh = path.join(root, 'build', `fresh.${process.pid}`);
  for (const { path: file, contents } of outputFiles) replace(file, contents, fresh);
  for (const { name, contents } of vendor) replace(path.join(web.vendor, name), contents, fresh);
  replace(path.join(feed, 'Dockerfile'), readFileSync(path.join(root, 'feed', 'Dockerfile')), fresh);
}

function bundleFunctions(root: string) {
  return build({
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
    loader: { '.sql': 'text' },
    logLevel: 'silent',
  });
}

function replace(file: string, contents: Uint8Array, fresh: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  if (isSame(file, contents)) return;
  writeFileSync(fresh, contents);
  renameSync(fresh, file);
}

function isSame(file: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(contents);
  } catch {
    return false;
  }
}
