/** Resolves CloudFormation's intrinsic functions against the resources that exist so far. */
import type { Stack } from './assembly.ts';
import { attributeOf, callOf, subParts } from './expression.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
export interface ResourceValues {
  readonly ref: string;
  /** By attribute name; a function answers any attribute (resources without local effect). */
  readonly attributes: Readonly<Record<string, string>> | ((attribute: string) => string);
}

export interface Environment {
  readonly region: string;
  readonly accountId: string;
  /** The created resource, or undefined when there is none of that id. */
  resource(stack: Stack, logicalId: string): ResourceValues | undefined;
}

export interface Resolver {
  /**
   * `value` with all intrinsic functions replaced; undefined stands for AWS::NoValue (at the top; below it the property
   * or element is left out). Throws on an unknown function, resource, attribute or export.
   */
  resolve(stack: Stack, value: Json): Json | undefined;
  /** Whether a condition of the stack holds. */
  holds(stack: Stack, condition: string): boolean;
  /** What an ImportValue or GetStackOutput call of a stack refers to: the other stack's output. Throws when there is none. */
  outputOf(stack: Stack, name: string, argument: Json): StackOutput;
}

/** The value of an output as written in the stack that has it. */
export interface StackOutput {
  readonly stack: Stack;
  readonly value: Json;
}

const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Json | typeof NO_VALUE;

/** Resolves over all stacks of an assembly together, so that an export of one is an import of another. */
export function createResolver(stacks: readonly Stack[], environment: Environment): Resolver {
  const pseudo = (stack: Stack, name: string): Resolved | undefined => {
    const { region, accountId } = environment;
    switch (name) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stack.name;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${accountId}:stack/${stack.name}/local`;
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::NoValue':
        return NO_VALUE;
      default:
        return undefined;
    }
  };

  const valuesOf = (stack: Stack, logicalId: string): ResourceValues => {
    const found = environment.resource(stack, logicalId);
    if (!found)
      throw new Error(`stack ${stack.name} refers to ${logicalId}, which is no parameter, pseudo parameter or created resource of it`);
    return found;
  };

  const reference = (stack: Stack, name: string): Resolved =>
    pseudo(stack, name) ?? stack.parameters.get(name) ?? valuesOf(stack, name).ref;

  const attribute = (stack: Stack, logicalId: string, name: string): string => {
    const { attributes } = valuesOf(stack, logicalId);
    const value = typeof attributes === 'function' ? attributes(name) : attributes[name];
    if (value === undefined) throw new Error(`${logicalId} (${stack.resources.get(logicalId)?.type}) has no attribute ${name} here`);
    return value;
  };

  const text = (stack: Stack, value: Json, use: string): string => {
    const resolved = visit(stack, value);
    if (typeof resolved === 'string' || typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    throw new Error(`${use} wants a text, not ${JSON.stringify(value)}`);
  };

  const list = (stack: Stack, value: Json | undefined, use: string): readonly Json[] => {
    const resolved = value === undefined ? value : visit(stack, value);
    if (typeof resolved !== 'symbol' && isList(resolved)) return resolved;
    throw new Error(`${use} wants a list, not ${JSON.stringify(value)}`);
  };

  const exported = (name: string): StackOutput => {
    for (const stack of stacks) {
      for (const output of stack.outputs.values()) {
        if (output.exportName !== undefined && text(stack, output.exportName, 'Export.Name') === name)
          return { stack, value: output.value };
      }
    }
    throw new Error(`no stack exports ${name}`);
  };

  const outputOf = (stack: Stack, name: string, argument: Json): StackOutput => {
    if (name === 'Fn::ImportValue') return exported(text(stack, argument, name));
    const wanted = isObject(argument) ? argument : {};
    const [stackName, output] = ['StackName', 'OutputName'].map((field) => text(stack, wanted[field] ?? null, name));
    const source = stacks.find((other) => other.name === stackName);
    const found = source?.outputs.get(output!);
    if (!source || !found) throw new Error(`no stack ${stackName} has an output ${output}`);
    return { stack: source, value: found.value };
  };

  const holds = (stack: Stack, condition: string): boolean => {
    const written = stack.conditions[condition];
    if (written === undefined) throw new Error(`stack ${stack.name} has no condition ${condition}`);
    return truth(stack, written);
  };

  const truth = (stack: Stack, written: Json): boolean => {
    if (isObject(written) && typeof written['Condition'] === 'string') return holds(stack, written['Condition']);
    const call = callOf(written);
    const terms = call && isList(call.argument) ? call.argument : [];
    switch (call?.name) {
      case 'Fn::Equals':
        return terms.length === 2 && JSON.stringify(visit(stack, terms[0]!)) === JSON.stringify(visit(stack, terms[1]!));
      case 'Fn::And':
        return terms.every((term) => truth(stack, term));
      case 'Fn::Or':
        return terms.some((term) => truth(stack, term));
      case 'Fn::Not':
        return !truth(stack, terms[0] ?? null);
      default:
        throw new Error(`stack ${stack.name} has a condition that is not understood: ${JSON.stringify(written)}`);
    }
  };

  const call = (stack: Stack, name: string, argument: Json): Resolved => {
    const terms = isList(argument) ? argument : [];
    switch (name) {
      case 'Ref':
        return reference(stack, String(argument));
      case 'Fn::GetAtt': {
        const { logicalId, attribute: wanted } = attributeOf(argument);
        return attribute(stack, logicalId, wanted);
      }
      case 'Fn::Sub': {
        const { parts, variables } = subParts(argument);
        return parts.map((part) => ('text' in part ? part.text : substitute(stack, part.name, variables))).join('');
      }
      case 'Fn::Join':
        return list(stack, terms[1], name)
          .map((item) => text(stack, item, name))
          .join(text(stack, terms[0] ?? null, name));
      case 'Fn::Select': {
        const index = Number(text(stack, terms[0] ?? null, name));
        const chosen = list(stack, terms[1], name)[index];
        if (chosen === undefined) throw new Error(`Fn::Select finds no element ${index} in ${JSON.stringify(terms[1])}`);
        return chosen;
      }
      case 'Fn::Split':
        return text(stack, terms[1] ?? null, name).split(text(stack, terms[0] ?? null, name));
      case 'Fn::ImportValue':
      case 'Fn::GetStackOutput': {
        const source = outputOf(stack, name, argument);
        return visit(source.stack, source.value);
      }
      case 'Fn::Base64':
        return Buffer.from(text(stack, argument, name)).toString('base64');
      case 'Fn::GetAZs':
        return ['a', 'b'].map((zone) => environment.region + zone);
      case 'Fn::FindInMap': {
        const [map, top, second] = terms.map((term) => text(stack, term, name));
        const row = isObject(stack.mappings[map!]) ? (stack.mappings[map!] as JsonObject)[top!] : undefined;
        const found = isObject(row) ? row[second!] : undefined;
        if (found === undefined) throw new Error(`Fn::FindInMap finds nothing at ${map}.${top}.${second}`);
        return found;
      }
      case 'Fn::If':
        return visit(stack, terms[holds(stack, String(terms[0])) ? 1 : 2] ?? null);
      default:
        throw new Error(`the intrinsic function ${name} is not known here`);
    }
  };

  const substitute = (stack: Stack, name: string, variables: Readonly<Record<string, Json>>): string => {
    const own = variables[name];
    if (own !== undefined) return text(stack, own, 'Fn::Sub');
    if (name.includes('.')) {
      const { logicalId, attribute: wanted } = attributeOf(name);
      return attribute(stack, logicalId, wanted);
    }
    return text(stack, { Ref: name }, 'Fn::Sub');
  };

  const visit = (stack: Stack, value: Json): Resolved => {
    const asCall = callOf(value);
    if (asCall) return call(stack, asCall.name, asCall.argument);
    if (isList(value)) return value.map((item) => visit(stack, item)).filter((item) => item !== NO_VALUE);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([name, item]) => [name, visit(stack, item)] as const);
    return Object.fromEntries(entries.filter((entry): entry is readonly [string, Json] => entry[1] !== NO_VALUE));
  };

  return {
    resolve(stack, value) {
      const resolved = visit(stack, value);
      return resolved === NO_VALUE ? undefined : resolved;
    },
    holds,
    outputOf,
  };
}
