/** Synthesizes the stacks over stand-in code, and reads the templates by names and relations instead of by hashed ids. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { type CodeFolders, FUNCTION_ROLES } from '../../infra/bundle.ts';
import { tidemark } from '../../infra/tidemark.ts';

export const PROJECT = path.resolve(import.meta.dirname, '..', '..');

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly [field: string]: Json | undefined;
}

interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { Value: Json; Export?: { Name: string } }>;
}

/** A configuration in which no number occurs twice: a mix-up of two cannot go unseen. */
export const DISTINCT = {
  stage: 'test',
  shards: { trades: 3, readings: 5, alerts: 7 },
  streamRetentionHours: 49,
  symbols: ['IBM', 'BINANCE:BTCUSDT'],
  trades: { windowMs: 60_000, graceMs: 5_001, latenessMs: 600_002, idleMs: 120_003 },
  readings: { windowMs: 300_000, graceMs: 30_004, latenessMs: 3_600_005, idleMs: 600_006 },
  clockSkewMs: 300_007,
  speedRetentionDays: 15,
  profiles: {
    cellar: {
      temperatureMinC: -21,
      temperatureMaxC: 61,
      humidityMinPct: 2,
      humidityMaxPct: 98,
      highC: 16,
      criticalC: 18,
      hysteresisC: 0.25,
      expectedIntervalMs: 120_000,
    },
  },
  sensors: [{ match: 'cellar-*', profile: 'cellar', zone: 'Europe/Berlin' }],
  api: { auth: 'iam' },
  archive: { batchingWindowSeconds: 33 },
  batch: { parallelDays: 3 },
  dataRemoval: 'retain',
};

/** Runs `use` with an App over stand-in code in a temporary folder, which is removed afterwards. */
export function withApp<Result>(context: Record<string, unknown>, use: (app: App, folder: string) => Result): Result {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-template-'));
  try {
    const stub = (name: string, file: string): string => {
      mkdirSync(path.join(folder, name), { recursive: true });
      writeFileSync(path.join(folder, name, file), name);
      return path.join(folder, name);
    };
    const functions = Object.fromEntries(FUNCTION_ROLES.map((role) => [role, stub(role, 'index.cjs')])) as CodeFolders['functions'];
    const code = {
      functions,
      feed: stub('feed', 'Dockerfile'),
      web: { own: stub('web', 'index.html'), vendor: stub('vendor', 'library.js') },
    };
    const app = tidemark(PROJECT, code, {
      autoSynth: false,
      outdir: path.join(folder, 'out'),
      context: { 'tidemark:fast': true, 'aws:cdk:disable-asset-staging': true, ...context },
    });
    return use(app, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Synthesis {
  /** Resources of both stacks by their construct's name: the logical id without its hash. References are resolved across the stacks. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: Readonly<Record<string, Json>>;
  readonly templates: { readonly data: Template; readonly app: Template };
  readonly stackNames: readonly string[];
  readonly warnings: readonly string[];
}

/** Synthesizes a configuration, by default DISTINCT. */
export function synthesize(config: object = DISTINCT, context: Record<string, unknown> = {}): Synthesis {
  return withApp({ config, ...context }, (app) => {
    const assembly = app.synth();
    const stacks = assembly.stacks;
    const [data, appTemplate] = ['TidemarkData', 'TidemarkApp'].map((id) => assembly.getStackArtifact(id).template as Template);
    const exported = new Map(Object.values(data!.Outputs ?? {}).map((output) => [output.Export?.Name, output.Value]));
    const resolve = (value: Json): Json =>
      mapCalls(value, (name, argument) => (name === 'Fn::ImportValue' ? exported.get(String(argument)) : undefined));
    const resources = new Map<string, Resource>();
    for (const template of [data!, appTemplate!]) {
      for (const [id, resource] of Object.entries(template.Resources)) {
        if (resources.has(nameOf(id))) throw new Error(`two resources are called ${nameOf(id)}`);
        resources.set(nameOf(id), resolve(resource as unknown as Json) as unknown as Resource);
      }
    }
    return {
      resources,
      outputs: Object.fromEntries(Object.entries(appTemplate!.Outputs ?? {}).map(([name, { Value }]) => [name, resolve(Value)])),
      templates: { data: data!, app: appTemplate! },
      stackNames: stacks.map(({ stackName }) => stackName),
      warnings: stacks.flatMap(({ messages }) =>
        messages.filter(({ level }) => level === 'warning').map(({ entry }) => String(entry.data)),
      ),
    };
  });
}

/** A logical id without the hash that the CDK puts behind it. */
export function nameOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

function mapCalls(value: Json, replace: (name: string, argument: Json) => Json | undefined): Json {
  if (Array.isArray(value)) return value.map((element) => mapCalls(element, replace));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  const replaced = entries.length === 1 ? replace(only![0], only![1]) : undefined;
  return replaced ?? Object.fromEntries(entries.map(([name, inner]) => [name, mapCalls(inner, replace)]));
}

/** An expression as readable text: `Fn::GetAtt [TradesStream8037A2A0, Arn]` → `TradesStream.Arn`, `Ref AWS::Region` → `<Region>`. */
export function readable(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined || Array.isArray(value)) throw new Error(`no expression: ${JSON.stringify(value)}`);
  const [name, argument] = Object.entries(value)[0]!;
  const terms = argument as readonly Json[];
  switch (name) {
    case 'Ref':
      return String(argument).startsWith('AWS::') ? `<${String(argument).slice(5)}>` : nameOf(String(argument));
    case 'Fn::GetAtt':
      return `${nameOf(String(terms[0]))}.${String(terms[1])}`;
    case 'Fn::Join':
      return (terms[1] as readonly Json[]).map(readable).join(String(terms[0]));
    case 'Fn::Sub':
      return String(argument).replace(/\$\{AWS::(\w+)\}/g, '<$1>');
    default:
      throw new Error(`unexpected ${name}`);
  }
}

/** Properties of the resource of that name. Throws when there is none. */
export function propertiesOf({ resources }: Synthesis, name: string): JsonObject {
  const found = resources.get(name);
  if (!found) throw new Error(`no resource ${name} among ${[...resources.keys()].join(', ')}`);
  return found.Properties ?? {};
}

/** Names of all resources of a type. */
export function namesOfType({ resources }: Synthesis, type: string): string[] {
  return [...resources].filter(([, resource]) => resource.Type === type).map(([name]) => name);
}

/** The value at a path such as `Target.RetryPolicy`, or `Actions.0.Kinesis`. */
export function at(value: Json | undefined, ...steps: (string | number)[]): Json | undefined {
  return steps.reduce<Json | undefined>((inner, step) => (inner as Record<string | number, Json> | undefined)?.[step], value);
}
