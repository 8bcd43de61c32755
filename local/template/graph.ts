/** The order in which the resources of all stacks can be created: each after what it refers to. */
import type { Stack, TemplateResource } from './assembly.ts';
import { attributeOf, callOf, subParts } from './expression.ts';
import { isList, isObject, type Json } from './json.ts';
import type { Resolver } from './resolve.ts';

export interface StackResource {
  readonly stack: Stack;
  readonly resource: TemplateResource;
}

/** The logical ids that `value` refers to by Ref, GetAtt, Sub, and through outputs of other stacks. */
function referencesIn(stack: Stack, value: Json, resolver: Resolver): StackResource[] {
  const named = (logicalId: string): StackResource[] => {
    const resource = stack.resources.get(logicalId);
    return resource ? [{ stack, resource }] : [];
  };
  const call = callOf(value);
  if (call?.name === 'Ref') return named(String(call.argument));
  if (call?.name === 'Fn::GetAtt') return named(attributeOf(call.argument).logicalId);
  if (call?.name === 'Fn::Sub') {
    const { parts, variables } = subParts(call.argument);
    const names = parts.flatMap((part) => ('name' in part ? [part.name.split('.')[0]!] : []));
    return [...names.flatMap(named), ...referencesIn(stack, variables, resolver)];
  }
  if (call?.name === 'Fn::ImportValue' || call?.name === 'Fn::GetStackOutput') {
    const source = resolver.outputOf(stack, call.name, call.argument);
    return referencesIn(source.stack, source.value, resolver);
  }
  if (isList(value)) return value.flatMap((item) => referencesIn(stack, item, resolver));
  if (isObject(value)) return Object.values(value).flatMap((item) => referencesIn(stack, item, resolver));
  return [];
}

/** The resources that must exist before this one. Throws when a DependsOn names none. */
function dependenciesOf({ stack, resource }: StackResource, resolver: Resolver): StackResource[] {
  const declared = resource.dependsOn.map((logicalId) => {
    const found = stack.resources.get(logicalId);
    if (!found) throw new Error(`${resource.logicalId} of stack ${stack.name} depends on ${logicalId}, which does not exist`);
    return { stack, resource: found };
  });
  return [...declared, ...referencesIn(stack, resource.properties, resolver)];
}

/**
 * All resources whose condition holds, each after those it depends on; otherwise in the order of the templates.
 * Throws when they depend on each other in a circle.
 */
export function creationOrder(stacks: readonly Stack[], resolver: Resolver): StackResource[] {
  const order: StackResource[] = [];
  const states = new Map<TemplateResource, 'visiting' | 'done'>();
  const visit = (node: StackResource, path: readonly string[]): void => {
    const { stack, resource } = node;
    if (resource.condition !== undefined && !resolver.holds(stack, resource.condition)) return;
    const state = states.get(resource);
    if (state === 'done') return;
    const here = [...path, `${stack.name}/${resource.logicalId}`];
    if (state === 'visiting') throw new Error(`resources depend on each other in a circle: ${here.join(' → ')}`);
    states.set(resource, 'visiting');
    for (const dependency of dependenciesOf(node, resolver)) visit(dependency, here);
    states.set(resource, 'done');
    order.push(node);
  };
  for (const stack of stacks) {
    for (const resource of stack.resources.values()) visit({ stack, resource }, []);
  }
  return order;
}
