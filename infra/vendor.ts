/** What the dashboard uses of others, as files of its own origin: modules, style sheets and their licences. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

export interface VendorFile {
  /** Path within the dashboard. */
  readonly name: string;
  readonly contents: Uint8Array;
}

const PACKAGES = ['uplot'];

/** Bundles every file of infra/vendor for browsers. Rejects when one does not compile. */
export async function vendorFiles(root: string): Promise<VendorFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: path.join(root, 'infra'),
    entryPoints: ['vendor/uplot.js', 'vendor/uplot.css'],
    outbase: '.',
    outdir: '.',
    allowOverwrite: true,
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'silent',
  });
  return [
    ...outputFiles.map(({ path: file, contents }) => ({ name: `vendor/${path.basename(file)}`, contents })),
    { name: 'vendor/licenses.txt', contents: new TextEncoder().encode(licencesOf(root)) },
  ];
}

function licencesOf(root: string): string {
  const texts = PACKAGES.map((name) => `${name}\n\n${readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`);
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}
