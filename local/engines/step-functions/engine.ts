/** Step Functions: standard machines in JSONPath, their executions and histories. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '#adapters/clock.ts';
import type { Json } from '../../template/json.ts';
import { AwsError } from '../aws-error.ts';
import type { LocalClock } from '../local-clock.ts';
import { type Definition, parseDefinition } from './definition.ts';
import { Execution, type LibraryMachine } from './execution.ts';
import { History, type HistoryEvent } from './history.ts';
import { prepareGraph } from './prepare.ts';
import { type ExecutionRecord, ExecutionStore } from './store.ts';
import { MAX_DATA_BYTES } from './task-error.ts';
import { isKnownResource, type Services } from './tasks.ts';

export interface StepFunctionsOptions {
  readonly clock: LocalClock;
  /** For the time-outs of tasks. */
  readonly wallClock: Clock;
  /** Where executions are kept; null: in memory. */
  readonly folder: string | null;
  readonly region: string;
  readonly account: string;
  /** Hears of what could not be kept. */
  readonly onFailure?: (error: Error) => void;
  /** For the jitter of retries, from 0 up to 1. @default Math.random */
  readonly random?: () => number;
}

export interface MachineOptions {
  readonly name: string;
  /** In the Amazon States Language. */
  readonly definition: string;
  readonly roleArn: string;
  readonly services: Services;
  /** Hears of each execution that has ended. */
  readonly onEnded?: (record: ExecutionRecord) => void;
}

export interface StateMachine extends MachineOptions {
  readonly arn: string;
  readonly createdMs: number;
}

interface Machine extends StateMachine {
  readonly parsed: Definition;
  /** Loaded with the first execution. */
  library?: Promise<LibraryMachine>;
}

const RUNTIME_DIED = 'The local runtime ended while this execution was running.';
const RUNTIME_STOPPED = 'The local runtime was stopped while this execution was running.';
const MOST_NAME_CHARACTERS = 80;
// biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids them
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export class StepFunctionsEngine {
  readonly #options: StepFunctionsOptions;
  readonly #store: ExecutionStore;
  readonly #machines = new Map<string, Machine>();
  readonly #running = new Map<string, Execution>();
  /** By ARN, as `#running`; resolves when the end is kept. */
  readonly #settling = new Map<string, Promise<void>>();
  #isClosed = false;

  /** What ran when an earlier life of the folder ended is aborted. Throws when the folder cannot be read. */
  constructor(options: StepFunctionsOptions) {
    this.#options = options;
    this.#store = new ExecutionStore(options.folder, options.onFailure ?? (() => undefined));
    for (const record of this.#store.all()) {
      if (record.status === 'RUNNING') this.#endAbandoned(record);
    }
  }

  /** Throws for a definition that is wrong or not run here, naming the state. */
  createStateMachine(options: MachineOptions): StateMachine {
    const parsed = parseDefinition(options.definition, isKnownResource);
    const { region, account, clock } = this.#options;
    const machine = { ...options, parsed, arn: `arn:aws:states:${region}:${account}:stateMachine:${options.name}`, createdMs: clock.now() };
    this.#machines.set(machine.arn, machine);
    return machine;
  }

  /** Undefined when there is none of this ARN. */
  find(arn: string): StateMachine | undefined {
    return this.#machines.get(arn);
  }

  /** @throws AwsError StateMachineDoesNotExist */
  stateMachine(arn: string): StateMachine {
    return this.#machine(arn);
  }

  stateMachines(): StateMachine[] {
    return [...this.#machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Starts an execution; the same name and input as one that runs answers with that one.
   * @param input JSON
   * @throws AwsError StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists
   */
  start(machineArn: string, input = '{}', name: string = randomUUID()): ExecutionRecord {
    const machine = this.#machine(machineArn);
    checkName(name);
    const parsedInput = parseInput(input);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const before = this.#store.get(arn);
    if (before?.status === 'RUNNING' && before.input === input) return before;
    if (before) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    if (this.#isClosed) throw new AwsError('InternalFailure', 'the local Step Functions was stopped', 500);
    const record: ExecutionRecord = { arn, name, machineArn, status: 'RUNNING', startMs: this.#options.clock.now(), input };
    this.#store.put(record);
    this.#settling.set(
      arn,
      this.#run(machine, record, parsedInput).finally(() => this.#settling.delete(arn)),
    );
    return record;
  }

  /** Ends it as ABORTED; one that has ended stays as it is. @throws AwsError ExecutionDoesNotExist */
  async stop(arn: string, error?: string, cause?: string): Promise<ExecutionRecord> {
    this.#running.get(arn)?.stop({ status: 'ABORTED', error, cause });
    return this.ended(arn);
  }

  /** @throws AwsError ExecutionDoesNotExist */
  execution(arn: string): ExecutionRecord {
    const record = this.#store.get(arn);
    if (!record) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return record;
  }

  /** The newest first. @throws AwsError StateMachineDoesNotExist */
  executions(machineArn: string): ExecutionRecord[] {
    const { arn } = this.#machine(machineArn);
    return this.#store.all().filter((record) => record.machineArn === arn);
  }

  /** @throws AwsError ExecutionDoesNotExist */
  history(arn: string): readonly HistoryEvent[] {
    return this.#store.history(this.execution(arn).arn);
  }

  /** Resolves when the execution has ended. @throws AwsError ExecutionDoesNotExist */
  async ended(arn: string): Promise<ExecutionRecord> {
    await this.#settling.get(arn);
    return this.execution(arn);
  }

  /** Aborts what runs; resolves when that is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const running of this.#running.values()) running.stop({ status: 'ABORTED', cause: RUNTIME_STOPPED });
    await Promise.all(this.#settling.values());
  }

  /** Resolves when its end is kept. */
  async #run(machine: Machine, record: ExecutionRecord, input: Json): Promise<void> {
    const { clock, wallClock, random = Math.random } = this.#options;
    machine.library ??= loadMachine(machine.parsed);
    const execution = new Execution({
      machine: machine.library,
      definition: machine.parsed,
      input,
      context: contextOf(machine, record, input),
      services: machine.services,
      history: new History(
        machine.parsed,
        () => clock.now(),
        (event) => this.#store.append(record.arn, event),
      ),
      clock,
      wallClock,
      random,
    });
    this.#running.set(record.arn, execution);
    const outcome = await execution.ended;
    const end = { ...record, ...outcome, stopMs: clock.now() };
    this.#store.put(end);
    this.#running.delete(record.arn);
    machine.onEnded?.(end);
  }

  #machine(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  #endAbandoned(record: ExecutionRecord): void {
    const stopMs = this.#options.clock.now();
    const events = this.#store.history(record.arn);
    const id = events.length + 1;
    const details = { executionAbortedEventDetails: { cause: RUNTIME_DIED } };
    this.#store.append(record.arn, { id, previousEventId: id - 1, timestamp: stopMs / 1000, type: 'ExecutionAborted', ...details });
    this.#store.put({ ...record, status: 'ABORTED', cause: RUNTIME_DIED, stopMs });
  }
}

/**
 * The library would validate the definition for half a second, and keep 20 MB for it: what is wrong or not run was refused when the machine
 * was created, and the tests validate the machine that is deployed.
 */
async function loadMachine(definition: Definition): Promise<LibraryMachine> {
  const { StateMachine: Library } = await import('aws-local-stepfunctions');
  const prepared = prepareGraph(definition) as unknown as ConstructorParameters<typeof Library>[0];
  return new Library(prepared, { validationOptions: { noValidate: true } }) as LibraryMachine;
}

function contextOf(machine: StateMachine, { arn, name, startMs }: ExecutionRecord, input: Json): object {
  const started = { Id: arn, Name: name, Input: input, StartTime: new Date(startMs).toISOString(), RoleArn: machine.roleArn };
  return { Started: started, StateMachine: { Id: machine.arn, Name: machine.name } };
}

function checkName(name: string): void {
  if (name === '' || name.length > MOST_NAME_CHARACTERS || FORBIDDEN_IN_NAMES.test(name))
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

function parseInput(input: string): Json {
  if (Buffer.byteLength(input) > MAX_DATA_BYTES) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: the input is longer than ${MAX_DATA_BYTES} bytes`);
  }
  try {
    return JSON.parse(input);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}
