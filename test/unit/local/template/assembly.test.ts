import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadAssembly, parseTemplate } from '../../../../local/template/assembly.ts';

const folders: string[] = [];

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-assembly-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const template = { Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 2 } } } };
const manifestOf = (templateFile: string, name: string) => ({
  artifacts: {
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    [name]: { type: 'aws:cloudformation:stack', properties: { templateFile, stackName: `tidemark-${name}` } },
    [`${name}.assets`]: { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } },
  },
});

describe('loading a cloud assembly', () => {
  it('reads stacks, file assets and image assets, also of nested assemblies', () => {
    const assets = {
      files: { f1: { source: { path: 'asset.f1' }, destinations: { here: { objectKey: 'f1.zip' } } } },
      dockerImages: { i1: { source: { directory: 'asset.i1' }, destinations: { here: { imageTag: 'i1' } } } },
    };
    const outer = manifestOf('Data.template.json', 'Data');
    const folder = folderWith({
      'manifest.json': {
        artifacts: { ...outer.artifacts, Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Stage' } } },
      },
      'Data.template.json': template,
      'Data.assets.json': assets,
      'assembly-Stage/manifest.json': manifestOf('App.template.json', 'App'),
      'assembly-Stage/App.template.json': template,
      'assembly-Stage/App.assets.json': {
        files: { f2: { source: { path: '../asset.f2' }, destinations: { here: { objectKey: 'f2.zip' } } } },
      },
    });
    const assembly = loadAssembly(folder);
    expect(assembly.stacks.map((stack) => stack.name)).toEqual(['tidemark-Data', 'tidemark-App']);
    expect(assembly.stacks[0]?.resources.get('Stream')).toEqual({
      logicalId: 'Stream',
      type: 'AWS::Kinesis::Stream',
      properties: { ShardCount: 2 },
      dependsOn: [],
    });
    expect(Object.fromEntries(assembly.assetPaths)).toEqual({
      'f1.zip': path.join(folder, 'asset.f1'),
      'f2.zip': path.join(folder, 'asset.f2'),
    });
    expect(Object.fromEntries(assembly.imageFolders)).toEqual({ i1: path.join(folder, 'asset.i1') });
  });

  it('fails when a template is missing, naming the file', () => {
    const folder = folderWith({ 'manifest.json': manifestOf('Data.template.json', 'Data') });
    expect(() => loadAssembly(folder)).toThrow('Data.template.json');
  });

  it('fails when the manifest is no JSON object', () => {
    expect(() => loadAssembly(folderWith({ 'manifest.json': '[]' }))).toThrow('not a JSON object');
    expect(() => loadAssembly(folderWith({ 'manifest.json': '{' }))).toThrow('cannot read');
  });

  it('fails on a stack without its template file, naming it', () => {
    const folder = folderWith({ 'manifest.json': { artifacts: { Data: { type: 'aws:cloudformation:stack', properties: {} } } } });
    expect(() => loadAssembly(folder)).toThrow('artifact Data in');
  });

  it('reads exports, default values and conditions; a stack without a name has that of its artifact', () => {
    const content = {
      Parameters: { P: { Type: 'String', Default: 'd' }, Q: { Type: 'String' } },
      Resources: { A: { Type: 'T', Condition: 'C', DependsOn: 'B' }, B: { Type: 'T', DependsOn: [] } },
      Outputs: { O: { Value: 1, Export: { Name: 'e' } }, U: { Value: 2 } },
    };
    const artifact = { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } };
    const [stack] = loadAssembly(folderWith({ 'manifest.json': { artifacts: { Data: artifact } }, 't.json': content })).stacks;
    expect(stack?.name).toBe('Data');
    expect(Object.fromEntries(stack!.parameters)).toEqual({ P: 'd', Q: '' });
    expect(stack?.resources.get('A')).toEqual({ logicalId: 'A', type: 'T', properties: {}, dependsOn: ['B'], condition: 'C' });
    expect(Object.fromEntries(stack!.outputs)).toEqual({ O: { value: 1, exportName: 'e' }, U: { value: 2 } });
  });

  it('fails on a resource without a type and on an output without a value', () => {
    expect(() => parseTemplate('S', { Resources: { A: {} } })).toThrow('resource A of stack S has no Type');
    expect(() => parseTemplate('S', { Outputs: { O: {} } })).toThrow('output O of stack S has no Value');
  });
});
