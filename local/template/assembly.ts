/** Reads a CDK cloud assembly (what `cdk synth` writes): its stacks' templates and where their assets lie. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isList, isObject, type Json, type JsonObject } from './json.ts';

/** One resource of a template, its properties as written (intrinsic functions unresolved). */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  /** Name of the condition under which the resource exists. */
  readonly condition?: string;
}

export interface TemplateOutput {
  readonly value: Json;
  readonly exportName?: Json;
}

export interface Stack {
  readonly name: string;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Default values of the parameters. */
  readonly parameters: ReadonlyMap<string, Json>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly outputs: ReadonlyMap<string, TemplateOutput>;
}

export interface Assembly {
  readonly folder: string;
  readonly stacks: readonly Stack[];
  /** Absolute path of a file asset (folder or file) by its object key in the asset bucket, e.g. `<hash>.zip`. */
  readonly assetPaths: ReadonlyMap<string, string>;
  /** Absolute folder of a container image's build context by the image's tag (its asset hash). */
  readonly imageFolders: ReadonlyMap<string, string>;
}

function readJson(file: string): JsonObject {
  let parsed: Json;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch (cause) {
    throw new Error(`cannot read ${file} of the cloud assembly`, { cause });
  }
  if (!isObject(parsed)) throw new Error(`${file} of the cloud assembly is not a JSON object`);
  return parsed;
}

function section(from: JsonObject, name: string): JsonObject {
  const value = from[name];
  return isObject(value) ? value : {};
}

function resourceOf(stackName: string, logicalId: string, written: Json): TemplateResource {
  if (!isObject(written) || typeof written['Type'] !== 'string') {
    throw new Error(`resource ${logicalId} of stack ${stackName} has no Type`);
  }
  const dependsOn = written['DependsOn'];
  return {
    logicalId,
    type: written['Type'],
    properties: section(written, 'Properties'),
    dependsOn: isList(dependsOn) ? dependsOn.map(String) : typeof dependsOn === 'string' ? [dependsOn] : [],
    ...(typeof written['Condition'] === 'string' && { condition: written['Condition'] }),
  };
}

/** A template as a stack of that name. Throws when a resource is not well-formed. */
export function parseTemplate(name: string, template: JsonObject): Stack {
  return {
    name,
    resources: new Map(Object.entries(section(template, 'Resources')).map(([id, written]) => [id, resourceOf(name, id, written)])),
    parameters: new Map(
      Object.entries(section(template, 'Parameters')).map(([id, written]) => [id, (isObject(written) && written['Default']) || '']),
    ),
    mappings: section(template, 'Mappings'),
    conditions: section(template, 'Conditions'),
    outputs: new Map(
      Object.entries(section(template, 'Outputs')).map(([id, written]) => {
        if (!isObject(written) || written['Value'] === undefined) throw new Error(`output ${id} of stack ${name} has no Value`);
        const exportName = section(written, 'Export')['Name'];
        return [id, { value: written['Value'], ...(exportName !== undefined && { exportName }) }];
      }),
    ),
  };
}

function readAssets(folder: string, file: string, assembly: { assetPaths: Map<string, string>; imageFolders: Map<string, string> }): void {
  const manifest = readJson(path.join(folder, file));
  for (const asset of Object.values(section(manifest, 'files'))) {
    if (!isObject(asset)) continue;
    const source = section(asset, 'source')['path'];
    for (const destination of Object.values(section(asset, 'destinations'))) {
      const key = isObject(destination) ? destination['objectKey'] : undefined;
      if (typeof key === 'string' && typeof source === 'string') assembly.assetPaths.set(key, path.resolve(folder, source));
    }
  }
  for (const image of Object.values(section(manifest, 'dockerImages'))) {
    if (!isObject(image)) continue;
    const source = section(image, 'source')['directory'];
    for (const destination of Object.values(section(image, 'destinations'))) {
      const tag = isObject(destination) ? destination['imageTag'] : undefined;
      if (typeof tag === 'string' && typeof source === 'string') assembly.imageFolders.set(tag, path.resolve(folder, source));
    }
  }
}

/** Reads the assembly in `folder`, with the assemblies nested in it (CDK stages). Throws when a file of it is missing or broken. */
export function loadAssembly(folder: string): Assembly {
  const assembly = { folder, stacks: [] as Stack[], assetPaths: new Map<string, string>(), imageFolders: new Map<string, string>() };
  const read = (part: string): void => {
    const artifacts = section(readJson(path.join(part, 'manifest.json')), 'artifacts');
    for (const [id, artifact] of Object.entries(artifacts)) {
      if (!isObject(artifact)) continue;
      const properties = section(artifact, 'properties');
      const text = (name: string): string => {
        const value = properties[name];
        if (typeof value !== 'string') throw new Error(`artifact ${id} in ${part}/manifest.json has no ${name}`);
        return value;
      };
      if (artifact['type'] === 'aws:cloudformation:stack') {
        const name = typeof properties['stackName'] === 'string' ? properties['stackName'] : id;
        assembly.stacks.push(parseTemplate(name, readJson(path.join(part, text('templateFile')))));
      } else if (artifact['type'] === 'cdk:asset-manifest') {
        readAssets(part, text('file'), assembly);
      } else if (artifact['type'] === 'cdk:cloud-assembly') {
        read(path.join(part, text('directoryName')));
      }
    }
  };
  read(folder);
  return assembly;
}
