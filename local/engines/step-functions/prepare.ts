/**
 * Turns a definition into one that the library runs as AWS would run the original. What of it the library does otherwise, or with a
 * clock of its own, is taken from it: waits, retries and time-outs are tasks of ours.
 */
import { isList, isObject, type Json, type JsonObject } from '../../template/json.ts';
import { withoutNegativeTests } from './choice-rule.ts';
import { graphsIn, isPathField, type State, type StateGraph } from './definition.ts';

/** What a handler gets from a prepared Task or Wait. */
export interface Handed {
  /** The effective input. */
  readonly input: Json;
  /** Which item of its Map it works at, from 0. */
  readonly iteration?: number;
  /** What `SecondsPath` or `TimestampPath` leads to. */
  readonly until?: Json;
}

/** The library's own default is 60 s, AWS's is none: the longest a timer can be, in s. */
const NO_TIMEOUT_S = 2_147_483;

/** The state that is put before the first one of a Map's processor: it takes the item out of what carries its number. */
export function itemStateOf(mapName: string): string {
  return `${mapName}: item`;
}

export function prepareGraph(graph: StateGraph, isInMap = false): StateGraph {
  const states = Object.entries(graph.States).map(([name, state]) => [name, prepareState(name, state, isInMap)] as const);
  return { StartAt: graph.StartAt, States: Object.fromEntries(states) };
}

function prepareState(name: string, state: State, isInMap: boolean): State {
  const own = withoutWholeResultPath(withOwnContext(state) as State);
  switch (own.Type) {
    case 'Task': {
      const { Retry: _, Parameters: parameters, ...rest } = own;
      const input = parameters === undefined ? { 'input.$': '$' } : { input: parameters };
      return { ...rest, TimeoutSeconds: NO_TIMEOUT_S, Parameters: { ...input, ...iteration(isInMap) } } as State;
    }
    case 'Wait': {
      const { Seconds: _, SecondsPath: seconds, Timestamp: __, TimestampPath: timestamp, ...rest } = own;
      const path = seconds ?? timestamp;
      const until = path === undefined ? {} : { 'until.$': path };
      return {
        ...rest,
        Type: 'Task',
        Resource: 'wait',
        TimeoutSeconds: NO_TIMEOUT_S,
        Parameters: { 'input.$': '$', ...until, ...iteration(isInMap) },
      } as State;
    }
    case 'Choice':
      return { ...own, Choices: (own['Choices'] as Json[]).map(withoutNegativeTests) } as State;
    case 'Fail':
      // Without these the library would name an error of its own.
      return { ...own, Error: own['Error'] ?? '', Cause: own['Cause'] ?? '' };
    case 'Map':
      return prepareMap(name, own);
    case 'Parallel':
      return { ...own, Branches: graphsIn(own).map((branch) => prepareGraph(branch as unknown as StateGraph)) } as unknown as State;
    default:
      return own;
  }
}

function iteration(isInMap: boolean): JsonObject {
  return isInMap ? { 'iteration.$': '$$.Execution.Input.index' } : {};
}

/** Inside a Map the library's `Execution` is that of the item. */
function prepareMap(name: string, state: State): State {
  const { Iterator: _, ItemProcessor: __, Parameters: former, ItemSelector: selector = former, ...rest } = state;
  const { StartAt, States } = prepareGraph(graphsIn(state)[0] as unknown as StateGraph, true);
  const item = selector === undefined ? { 'item.$': '$$.Map.Item.Value' } : { item: selector };
  const itemState = itemStateOf(name);
  return {
    ...rest,
    ItemSelector: { 'index.$': '$$.Map.Item.Index', ...item },
    ItemProcessor: { StartAt: itemState, States: { [itemState]: { Type: 'Pass', InputPath: '$.item', Next: StartAt }, ...States } },
  } as unknown as State;
}

/** `$$.Execution` of the original is `Started` in the context: the library's own has the machine's time, and in a Map the item's input. */
function withOwnContext(value: Json, field = ''): Json {
  if (typeof value === 'string') return isPathField(field) ? value.replaceAll('$$.Execution', '$$$$.Started') : value;
  if (isList(value)) return value.map((item) => withOwnContext(item, field));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withOwnContext(item, name)]));
}

/** `ResultPath: "$"` says what its absence says; the library would make a field of that name. */
function withoutWholeResultPath(state: State): State {
  const without = (of: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(of).filter(([field, value]) => !(field === 'ResultPath' && value === '$')));
  const catchers = state['Catch'];
  return { ...without(state), ...(isList(catchers) ? { Catch: catchers.map((catcher) => without(catcher as JsonObject)) } : {}) } as State;
}
