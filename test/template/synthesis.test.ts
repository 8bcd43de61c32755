import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CfnResource } from 'aws-cdk-lib';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { projectContext } from '../../infra/tidemark.ts';
import { at, DISTINCT, type Json, nameOf, PROJECT, propertiesOf, type Resource, readable, synthesize, withApp } from './assembly.ts';

const run = promisify(execFile);
const STACKS = ['TidemarkData', 'TidemarkApp'];

/** Runs Node in the project with nothing of this machine's environment but a home: no account, no Docker on the path. */
function runNode(args: readonly string[], folder: string, environment: Record<string, string> = {}): Promise<{ stdout: string }> {
  return run(process.execPath, args, {
    cwd: PROJECT,
    env: { HOME: folder, PATH: path.dirname(process.execPath), AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
}

function templatesIn(folder: string): { Resources: Record<string, Resource> }[] {
  return STACKS.map((stack) => JSON.parse(readFileSync(path.join(folder, `${stack}.template.json`), 'utf8')));
}

describe('synthesis', () => {
  let home: string;
  let byCommand: string;
  let byEnvironment: string;

  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'tidemark-synth-'));
    byCommand = path.join(home, 'command');
    byEnvironment = path.join(home, 'environment');
    const cdk = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    await runNode([cdk, 'synth', '--quiet', '-c', 'stage=local', '--output', byCommand], home);
    const context = JSON.stringify({ stage: 'local', 'tidemark:fast': true });
    await runNode(['infra/app.ts'], home, { CDK_CONTEXT_JSON: context, CDK_OUTDIR: byEnvironment });
  });

  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  it('needs no account, no Docker and no configuration', () => {
    expect(templatesIn(byCommand)).toHaveLength(STACKS.length);
  });

  it('gives the same templates without the cdk command, by environment', () => {
    expect(templatesIn(byEnvironment)).toEqual(templatesIn(byCommand));
  });

  it('validates what it made, unless told to be fast', () => {
    expect(existsSync(path.join(byCommand, 'validation-report.json'))).toBe(true);
    const report = JSON.parse(readFileSync(path.join(byCommand, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
    expect(existsSync(path.join(byEnvironment, 'validation-report.json'))).toBe(false);
    expect(existsSync(path.join(byEnvironment, 'tree.json'))).toBe(false);
  });

  it('is bound to no account and no region', () => {
    const { artifacts } = JSON.parse(readFileSync(path.join(byCommand, 'manifest.json'), 'utf8'));
    expect(STACKS.map((stack) => artifacts[stack].environment)).toEqual(STACKS.map(() => 'aws://unknown-account/unknown-region'));
  });

  it('bundles each function into one file that starts with just the environment that the template gives it', async () => {
    const synthesis = synthesize({ stage: 'local' });
    const { Resources: resources } = templatesIn(byCommand)[1]!;
    const functions = Object.entries(resources).filter(([id]) => /^(Speed|Archive|Timers|Serve|Batch)HandlerFunction/.test(id));
    const start = functions.map(([id, resource]) => {
      const key = String(at(resource.Properties, 'Code', 'S3Key'));
      const file = path.join(byCommand, `asset.${path.parse(key).name}`, 'index.cjs');
      const variables = at(propertiesOf(synthesis, nameOf(id)), 'Environment', 'Variables') as Record<string, Json>;
      const environment = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, readable(value)]));
      // No node_modules lies above the temporary folder: what is not in the file is not found.
      const script = 'process.stdout.write(typeof require(process.argv[1]).handler)';
      return runNode(['-e', script, file], home, { ...environment, AWS_REGION: 'us-east-1' });
    });
    expect((await Promise.all(start)).map(({ stdout }) => stdout)).toEqual(['function', 'function', 'function', 'function', 'function']);
  });

  it('bundles the feed into one file beside its Dockerfile', async () => {
    const { dockerImages } = JSON.parse(readFileSync(path.join(byCommand, 'TidemarkApp.assets.json'), 'utf8'));
    const [image, ...others] = Object.values<{ source: { directory: string } }>(dockerImages);
    expect(others).toEqual([]);
    const folder = path.join(byCommand, image!.source.directory);
    expect(readdirSync(folder).sort()).toEqual(['Dockerfile', 'index.cjs']);
    expect(readFileSync(path.join(folder, 'Dockerfile'), 'utf8')).toMatch(/^USER (?!root)/m);
    await expect(runNode([path.join(folder, 'index.cjs')], home)).rejects.toThrow(/the environment variable \w+ is missing/);
  });

  it('stays with plain resources and plain expressions, which the local runtime reads as well', () => {
    const expressions = new Set<string>();
    for (const template of templatesIn(byCommand)) {
      JSON.stringify(template, (name, value) => {
        if (name === 'Ref' || name.startsWith('Fn::')) expressions.add(name);
        return value;
      });
      expect(Object.keys(template).sort()).toEqual(['Description', 'Outputs', 'Resources']);
    }
    expect([...expressions].sort()).toEqual(
      ['Fn::GetAZs', 'Fn::GetAtt', 'Fn::ImportValue', 'Fn::Join', 'Fn::Select', 'Fn::Sub', 'Ref'].sort(),
    );
  });
});

describe('built-in validation', () => {
  it('stops a synthesis over a property that CloudFormation would refuse', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const synthesizeWith = (timeoutSeconds: number): void =>
      withApp({ config: DISTINCT, 'tidemark:fast': false }, (app) => {
        const found = app.node.findAll().find(({ node }) => node.path === 'TidemarkApp/Speed/Handler/Function/Resource');
        (found as CfnResource).addPropertyOverride('Timeout', timeoutSeconds);
        app.synth();
      });
    expect(() => synthesizeWith(901)).toThrow(/Validation failed|901 exceeds maximum 900/);
  });
});

describe('cdk.json', () => {
  it('follows each recommendation of the CDK but one: stacks refer to each other by exports, so that data in use cannot be deleted', () => {
    const recommended = { ...flags, '@aws-cdk/core:defaultCrossStackReferences': 'strong' };
    expect(projectContext(PROJECT)).toEqual(recommended);
  });
});
