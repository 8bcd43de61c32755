/**
 * Entry of `cdk synth` and `cdk deploy` (cdk.json), and of whoever synthesizes without the cdk command: context and output
 * folder come from the environment (CDK_CONTEXT_JSON, CDK_OUTDIR). Needs no account, Docker or network.
 */
import path from 'node:path';
import { bundle, codeFolders } from './bundle.ts';

const root = path.resolve(import.meta.dirname, '..');
// esbuild works in a process of its own: it bundles while the CDK is being loaded.
const [{ tidemark }] = await Promise.all([import('./tidemark.ts'), bundle(root)]);
tidemark(root, codeFolders(root), { autoSynth: false }).synth();
