/** What of the Amazon States Language is run here: everything else is refused when a machine is created, naming the state. */
import { isList, isObject, type Json, type JsonObject } from '../../template/json.ts';
import { checkRule } from './choice-rule.ts';

export type StateType = 'Task' | 'Pass' | 'Wait' | 'Choice' | 'Succeed' | 'Fail' | 'Map' | 'Parallel';

export interface State extends JsonObject {
  readonly Type: StateType;
}

/** A machine, the processor of a Map or a branch of a Parallel. */
export interface StateGraph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends StateGraph {
  /** An execution that takes longer times out, s. */
  readonly TimeoutSeconds?: number;
}

const FLOW = ['Next', 'End'];
const IN_AND_OUT = ['InputPath', 'OutputPath'];
const RESULT = ['ResultSelector', 'ResultPath'];
const ITEMS = ['ItemsPath', 'ItemSelector', 'Parameters', 'ItemProcessor', 'Iterator', 'MaxConcurrency', 'MaxConcurrencyPath'];

/** All fields a state may have, besides `Type` and `Comment`. */
const FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Task: [...FLOW, ...IN_AND_OUT, ...RESULT, 'Resource', 'Parameters', 'Retry', 'Catch', 'TimeoutSeconds'],
  Pass: [...FLOW, ...IN_AND_OUT, 'Result', 'ResultPath', 'Parameters'],
  Wait: [...FLOW, ...IN_AND_OUT, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Choice: [...IN_AND_OUT, 'Choices', 'Default'],
  Succeed: IN_AND_OUT,
  Fail: ['Error', 'Cause', 'ErrorPath', 'CausePath'],
  Map: [...FLOW, ...IN_AND_OUT, ...RESULT, ...ITEMS, 'Catch'],
  Parallel: [...FLOW, ...IN_AND_OUT, ...RESULT, 'Branches', 'Parameters', 'Catch'],
};
const GRAPH_FIELDS = ['StartAt', 'States', 'Comment', 'QueryLanguage'];
/** Parts of the context object that the library knows nothing of, and JSONPath variables, which it takes for paths. */
const UNKNOWN_PATH = /\$\$\.(State|Task)\b|(?<![$\w])\$[A-Za-z]/;
/** What the library sets rightly; `$` is the default. */
const RESULT_PATH = /^\$(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

/** Reads and checks the text of a definition. Throws for what is wrong or not run here, naming state and field. */
export function parseDefinition(text: string, isKnownResource: (resource: string) => boolean): Definition {
  let definition: Json;
  try {
    definition = JSON.parse(text);
  } catch (error) {
    throw new Error(`the definition is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isObject(definition)) throw new Error('the definition is no JSON object');
  const names = new Set<string>();
  checkGraph(definition, 'the machine', [...GRAPH_FIELDS, 'TimeoutSeconds', 'Version'], (name, state, isNested) => {
    if (names.has(name)) throw new Error(`state ${name}: there are two of this name; locally names are unique in a whole machine`);
    names.add(name);
    checkState(name, state, isNested, isKnownResource);
  });
  const { TimeoutSeconds: timeout } = definition;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) throw new Error('TimeoutSeconds must be a number above 0');
  return definition as unknown as Definition;
}

/** The processor of a Map, under its present or its former name; the branches of a Parallel; nothing in other states. */
export function graphsIn(state: JsonObject): readonly Json[] {
  if (state['Type'] === 'Map') return [state['ItemProcessor'] ?? state['Iterator'] ?? null];
  const branches = state['Branches'];
  return state['Type'] === 'Parallel' && isList(branches) ? branches : [];
}

type CheckState = (name: string, state: JsonObject, isNested: boolean) => void;

function checkGraph(graph: Json, where: string, fields: readonly string[], check: CheckState, isNested = false): void {
  if (!isObject(graph) || !isObject(graph['States'])) throw new Error(`${where} has no States`);
  refuseOthers(where, graph, fields);
  const states = graph['States'];
  const mustExist = (target: Json | undefined, from: string): void => {
    if (typeof target !== 'string' || !(target in states))
      throw new Error(`${from}: there is no state ${JSON.stringify(target)} beside it`);
  };
  mustExist(graph['StartAt'], `${where}, StartAt`);
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) throw new Error(`state ${name} is no object`);
    check(name, state, isNested);
    for (const target of targetsOf(state)) mustExist(target, `state ${name}`);
    for (const inner of graphsIn(state)) checkGraph(inner, `state ${name}`, [...GRAPH_FIELDS, 'ProcessorConfig'], check, true);
  }
}

function refuseOthers(where: string, of: JsonObject, fields: readonly string[]): void {
  for (const field of Object.keys(of)) if (!fields.includes(field)) throw new Error(`${where}: ${field} is not run locally`);
  const language = of['QueryLanguage'] ?? 'JSONPath';
  if (language !== 'JSONPath') throw new Error(`${where}: QueryLanguage ${language} is not run locally, only JSONPath is`);
  const mode = isObject(of['ProcessorConfig']) ? (of['ProcessorConfig']['Mode'] ?? 'INLINE') : 'INLINE';
  if (mode !== 'INLINE') throw new Error(`${where}: a Map of mode ${mode} is not run locally, only INLINE is`);
}

function targetsOf(state: JsonObject): Json[] {
  const rules = [...listOf(state['Choices']), ...listOf(state['Catch'])].map((rule) => rule['Next'] ?? null);
  const next = [state['Next'], state['Default']].filter((target) => target !== undefined);
  return [...rules, ...next];
}

function listOf(value: Json | undefined): JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

function checkState(name: string, state: JsonObject, isNested: boolean, isKnownResource: (resource: string) => boolean): void {
  const where = `state ${name}`;
  const type = state['Type'] as StateType;
  const fields = FIELDS[type];
  if (!fields) throw new Error(`${where}: Type ${JSON.stringify(type)} is none of ${Object.keys(FIELDS).join(', ')}`);
  refuseOthers(where, state, ['Type', 'Comment', 'QueryLanguage', ...fields]);
  if (fields.includes('End') && (state['Next'] === undefined) !== (state['End'] === true))
    throw new Error(`${where}: needs either Next or End`);
  if (isNested && graphsIn(state).length > 0) throw new Error(`${where}: a ${type} inside a Map or Parallel is not run locally`);
  if (type === 'Task' && !isKnownResource(String(state['Resource']))) {
    throw new Error(`${where}: Resource ${state['Resource']} is not run locally`);
  }
  const caught = listOf(state['Catch']).flatMap(({ ErrorEquals }) => ErrorEquals);
  // The library would take a time-out of the task for one of these.
  if (state['TimeoutSeconds'] !== undefined && caught.includes('States.TaskFailed')) {
    throw new Error(`${where}: a Catch of States.TaskFailed beside TimeoutSeconds is not run locally; name States.ALL or the errors`);
  }
  if ('Result' in state && !state['Result']) throw new Error(`${where}: a Result of ${JSON.stringify(state['Result'])} is not run locally`);
  for (const { ResultPath: path } of [state, ...listOf(state['Catch'])]) {
    if (typeof path === 'string' && !RESULT_PATH.test(path))
      throw new Error(`${where}: ResultPath ${path} is not run locally, only $.name.name is`);
  }
  if (type === 'Choice') for (const rule of listOf(state['Choices'])) checkRule(where, rule);
  for (const catcher of listOf(state['Catch'])) refuseOthers(where, catcher, ['ErrorEquals', 'Next', 'ResultPath', 'Comment']);
  checkPaths(where, { ...state, ItemProcessor: null, Iterator: null, Branches: null });
}

/** Whether the value of a field is a path or an intrinsic function. */
export function isPathField(field: string): boolean {
  return field.endsWith('.$') || field.endsWith('Path') || field === 'Variable';
}

function checkPaths(where: string, value: Json, field = ''): void {
  if (typeof value === 'string' && isPathField(field)) {
    if (UNKNOWN_PATH.test(value)) throw new Error(`${where}: ${field} ${value} is not run locally`);
    if (!field.endsWith('.$') && !value.startsWith('$')) throw new Error(`${where}: ${field} ${value} is not run locally, only a path is`);
  } else if (isList(value)) for (const item of value) checkPaths(where, item, field);
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) checkPaths(where, item, name);
}
