/** Makes the resources of a cloud assembly exist: each by its type, in the order of their references. */
import type { LocalContext } from '../resources/context.ts';
import { checkProperties, Properties } from '../resources/properties.ts';
import type { CreatedResource, ResourceType } from '../resources/resource-type.ts';
import type { Assembly, Stack } from '../template/assembly.ts';
import { creationOrder, type StackResource } from '../template/graph.ts';
import { isObject, type Json, type JsonObject } from '../template/json.ts';
import { createResolver } from '../template/resolve.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface RunningTemplate {
  /** Begins the work of what was created: first everything that takes data, last the sources of data. */
  start(): Promise<void>;
}

export interface Catalog {
  readonly types: readonly ResourceType[];
  /** Accepted types without local effect, with the reason. */
  readonly withoutEffect: Readonly<Record<string, string>>;
}

interface Started {
  readonly name: string;
  readonly stop: () => void | Promise<void>;
}

/** How long the work in progress may take when everything stops: Ctrl-C ends within 2 s. */
const STOP_GRACE_MS = 1_000;

/** The functions that carry out custom resources: what they would do in AWS, the runtime does itself. */
function providersOf(stack: Stack): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { properties } of stack.resources.values()) {
    const token: Json | undefined = properties['ServiceToken'];
    const attribute = isObject(token) ? token['Fn::GetAtt'] : undefined;
    if (Array.isArray(attribute)) found.add(String(attribute[0]));
  }
  return found;
}

function whereOf({ stack, resource }: StackResource): string {
  return `${resource.logicalId} (${resource.type}, stack ${stack.name})`;
}

/** Stands for a resource without local effect wherever another one refers to it. */
function standIn(node: StackResource): CreatedResource {
  const name = `${node.stack.name}-${node.resource.logicalId}`;
  return { ref: name, attributes: (attribute) => (attribute === 'Arn' ? `arn:aws:local:::${name}` : `${name}.${attribute}`) };
}

/**
 * Creates every resource; `lifecycle` learns how to stop it. Throws, naming the logical id, on a type that is neither in the
 * catalog nor on its list of types without effect, on a property that its type does not know, when two
 * of a type get the same name, and when creating one fails.
 */
export async function createResources(
  assembly: Assembly,
  context: LocalContext,
  catalog: Catalog,
  lifecycle: Lifecycle,
): Promise<RunningTemplate> {
  const types = new Map(catalog.types.map((type) => [type.type, type]));
  const created = new Map<Stack, Map<string, CreatedResource>>(assembly.stacks.map((stack) => [stack, new Map()]));
  const providers = new Map(assembly.stacks.map((stack) => [stack, providersOf(stack)]));
  const resolver = createResolver(assembly.stacks, {
    region: context.region,
    accountId: context.accountId,
    resource: (stack, logicalId) => created.get(stack)?.get(logicalId),
  });
  const names = new Map<string, string>();
  const workers: { readonly name: string; readonly isSource: boolean; readonly resource: CreatedResource }[] = [];

  const create = async (node: StackResource, type: ResourceType): Promise<CreatedResource> => {
    const where = whereOf(node);
    let properties: JsonObject;
    try {
      properties = resolver.resolve(node.stack, node.resource.properties) as JsonObject;
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    checkProperties(where, type.properties, properties);
    const resource = {
      stackName: node.stack.name,
      logicalId: node.resource.logicalId,
      where,
      properties: new Properties(properties, where),
      assembly,
    };
    const made = await type.create(context, resource);
    const taken = names.get(`${type.type} ${made.ref}`);
    if (taken !== undefined)
      throw new Error(`${where}: its local name ${made.ref} is that of ${taken} too; give one of them a name in the template`);
    names.set(`${type.type} ${made.ref}`, where);
    if (made.start) workers.push({ name: where, isSource: type.isSource ?? false, resource: made });
    else if (made.stop) lifecycle.onStop(where, made.stop);
    return made;
  };

  for (const node of creationOrder(assembly.stacks, resolver)) {
    const { stack, resource } = node;
    const type = types.get(resource.type);
    const isLeftOut = resource.type in catalog.withoutEffect || providers.get(stack)?.has(resource.logicalId);
    if (!type && !isLeftOut) throw new Error(`${whereOf(node)}: the local runtime does not know this resource type`);
    created.get(stack)?.set(resource.logicalId, type && !isLeftOut ? await create(node, type) : standIn(node));
  }

  return {
    async start() {
      for (const isSource of [false, true]) {
        const started: Started[] = [];
        lifecycle.onStop(isSource ? 'the sources' : 'the consumers', () => stopTogether(started, context));
        for (const { name, resource } of workers.filter((worker) => worker.isSource === isSource)) {
          if (resource.stop) started.unshift({ name, stop: resource.stop });
          await resource.start?.();
        }
      }
    },
  };
}

/**
 * Lets all end their work at the same time, but waits no longer than STOP_GRACE_MS: a batch that is cut off is delivered again.
 * Throws when some did not end well, after all have ended.
 */
async function stopTogether(started: readonly Started[], { wallClock, log }: LocalContext): Promise<void> {
  const ending = Promise.allSettled(started.map(async ({ stop }) => stop()));
  const late = new Promise<undefined>((resolve) => void ending.finally(wallClock.after(STOP_GRACE_MS, () => resolve(undefined))));
  const results = await Promise.race([ending, late]);
  if (!results) {
    log.line('stop', `not waiting any longer for ${started.map(({ name }) => name).join(', ')}`);
    return;
  }
  const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [`${started[index]?.name}: ${result.reason}`] : []));
  if (failed.length > 0) throw new Error(failed.join('; '));
}
