/** The history of one execution in AWS's shape, from the library's events and from those of its tasks. */
import type { Json } from '../../template/json.ts';
import { type Definition, graphsIn, type State } from './definition.ts';
import { itemStateOf } from './prepare.ts';

/** As GetExecutionHistory answers it; `timestamp` in s since the epoch. */
export interface HistoryEvent {
  readonly id: number;
  /** The event of the same path (the machine's own, an item's, a branch's) that came before; 0 for none. */
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** What the library tells. Its own events of an execution as a whole are not used: they know nothing of our time-outs. */
export interface LibraryEvent {
  readonly type: string;
  readonly state?: { readonly name: string; readonly input: Json; readonly output?: Json };
  readonly parentState?: { readonly name: string };
  /** Of the item of a Map. */
  readonly index?: number;
}

interface Place {
  readonly state: State;
  /** Of the branch of a Parallel it stands in. */
  readonly branch?: string;
}

const ROOT = 'root';

export class History {
  readonly #append: (event: HistoryEvent) => void;
  readonly #now: () => number;
  readonly #places = new Map<string, Place>();
  readonly #itemStates = new Set<string>();
  readonly #lastOf = new Map<string, number>();
  #count = 0;
  /** Whether a Map or Parallel has started and not ended. */
  #isInside = false;

  constructor(definition: Definition, now: () => number, append: (event: HistoryEvent) => void) {
    this.#now = now;
    this.#append = append;
    for (const [name, state] of Object.entries(definition.States)) {
      this.#places.set(name, { state });
      if (state.Type === 'Map') this.#itemStates.add(itemStateOf(name));
      graphsIn(state).forEach((graph, index) => {
        const states = (graph as unknown as Definition).States;
        const branch = state.Type === 'Parallel' ? { branch: `${name} ${index}` } : {};
        for (const [inner, innerState] of Object.entries(states)) this.#places.set(inner, { state: innerState, ...branch });
      });
    }
  }

  /** An event of the execution as a whole. */
  ofExecution(type: string, details: object = {}): void {
    this.#add(ROOT, type, details);
  }

  /** An event of a Task that is being run. */
  ofTask(stateName: string, iteration: number | undefined, type: string, details: object): void {
    this.#add(this.#pathOf(stateName, iteration), type, details);
  }

  /** An event that the library told; some of them AWS does not have. */
  ofLibrary({ type, state, parentState, index }: LibraryEvent): void {
    if (state && !this.#itemStates.has(state.name)) this.#ofState(type, state, this.#pathOf(state.name, index));
    if (parentState && type.startsWith('MapIteration')) {
      const iteration = { name: parentState.name, index };
      this.#add(`item ${index}`, type, { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: iteration });
    }
  }

  #ofState(type: string, { name, input, output }: NonNullable<LibraryEvent['state']>, path: string): void {
    const { state } = this.#places.get(name)!;
    const isContainer = state.Type === 'Map' || state.Type === 'Parallel';
    if (type === 'StateEntered') {
      this.#add(path, `${state.Type}StateEntered`, { stateEnteredEventDetails: { name, ...data('input', input) } });
      if (isContainer) this.#containerStarted(state, input);
    } else if (type === 'StateExited') {
      if (isContainer) this.#containerEnded(`${state.Type}StateSucceeded`);
      this.#add(path, `${state.Type}StateExited`, { stateExitedEventDetails: { name, ...data('output', output ?? null) } });
    } else if (type === 'StateFailed' && isContainer) this.#containerEnded(`${state.Type}StateFailed`);
  }

  #containerStarted(state: State, input: Json): void {
    this.#isInside = true;
    const length = { mapStateStartedEventDetails: { length: lengthOf(state, input) } };
    this.#add(ROOT, `${state.Type}StateStarted`, state.Type === 'Map' ? length : {});
  }

  /** What follows a Map or Parallel follows the last thing that happened in it; when it failed, and its error was caught, it has ended already. */
  #containerEnded(type: string): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#lastOf.clear();
    this.#lastOf.set(ROOT, this.#count);
    this.#add(ROOT, type, {});
  }

  #pathOf(stateName: string, iteration: number | undefined): string {
    return iteration === undefined ? (this.#places.get(stateName)?.branch ?? ROOT) : `item ${iteration}`;
  }

  #add(path: string, type: string, details: object): void {
    const previousEventId = this.#lastOf.get(path) ?? this.#lastOf.get(ROOT) ?? 0;
    this.#count++;
    this.#lastOf.set(path, this.#count);
    this.#append({ id: this.#count, previousEventId, timestamp: this.#now() / 1000, type, ...details });
  }
}

/** A value as events carry it: its JSON, whole. */
export function data(name: 'input' | 'output', value: Json): object {
  return { [name]: JSON.stringify(value), [`${name}Details`]: { truncated: false } };
}

/** How many items a Map has before it; 0 where the path to them is more than names. */
function lengthOf(state: State, input: Json): number {
  const steps = [state['InputPath'], state['ItemsPath']].flatMap((path) => (typeof path === 'string' ? path.split('.').slice(1) : []));
  let items: unknown = input;
  for (const step of steps) items = (items as Record<string, unknown> | null)?.[step];
  return Array.isArray(items) ? items.length : 0;
}
