/** fold → commit → emit for the keys of a batch; the state of keys seen lately is kept, so that a warm function reads nothing. */
import { forEachLimited } from '#adapters/concurrency.ts';
import type { OutputWriter } from '#adapters/output-writer.ts';
import { type Commit, CommitConflict, type StateStore, type StoredKey } from '#adapters/state-store.ts';
import { type AlarmRow, alarmRowOf } from '#domain/alerts.ts';
import { addDifference, type Buckets, bucketsOf, noBuckets } from '#domain/buckets.ts';
import { stateKey } from '#domain/events.ts';
import { type Delivery, dueMs, foldDelivery, isRedelivery, Outputs } from '#domain/fold.ts';
import type { KeyState } from '#domain/key-state.ts';
import { newestTransitions } from '#domain/outputs.ts';
import type { Settings, SourceName } from '#domain/settings.ts';

/** Keys that are committed in one request. */
const KEYS_A_GROUP = 25;
const GROUPS_IN_FLIGHT = 4;
/** Outputs of one commit: about 0.4 KB each, so that an outbox stays under 64 KB. */
const MAX_OUTPUTS_A_COMMIT = 128;
const MAX_CACHED_KEYS = 5_000;
const COMMIT_ATTEMPTS = 5;

/** What became of a batch. */
export interface Processed {
  /** What went wrong, by symbol or sensor; the other keys are done. */
  readonly failures: Map<string, unknown>;
  /** States of the keys that are done, as committed; their windows are in the table. */
  readonly states: Set<KeyState>;
  /** Where alarms stand after each commit, in their order. */
  readonly alarms: AlarmRow[];
  /** Counts of what was committed. A commit whose answer was lost is missing: the counters of the items alone are exact. */
  readonly counts: Buckets;
}

/** One key of a batch. */
interface Task {
  readonly key: string;
  readonly name: string;
  readonly deliveries: readonly Delivery[];
  stored: StoredKey | undefined;
  /** Index of the delivery to fold next; undefined until the key is read. */
  next: number | undefined;
  conflicts: number;
}

/** A slice of a task that was folded, to be committed. */
interface Folded extends Commit {
  readonly task: Task;
  readonly before: Buckets;
}

export class KeyProcessor {
  readonly #store: StateStore;
  readonly #writer: OutputWriter;
  readonly #settings: Settings;
  readonly #cache = new Map<string, StoredKey>();

  constructor(store: StateStore, writer: OutputWriter, settings: Settings) {
    this.#store = store;
    this.#writer = writer;
    this.#settings = settings;
  }

  /** Folds, commits and emits the deliveries of each symbol or sensor, in order. A key that failed is read anew the next time. */
  async process(source: SourceName, deliveries: ReadonlyMap<string, readonly Delivery[]>): Promise<Processed> {
    const tasks = [...deliveries].map(([name, ofName]): Task => {
      const key = stateKey(source, name);
      const stored = this.#cache.get(key);
      this.#cache.delete(key);
      return { key, name, deliveries: ofName, stored, next: undefined, conflicts: 0 };
    });
    const groups = Array.from({ length: Math.ceil(tasks.length / KEYS_A_GROUP) }, (_, index) =>
      tasks.slice(index * KEYS_A_GROUP, (index + 1) * KEYS_A_GROUP),
    );
    const processed: Processed = { failures: new Map(), states: new Set(), alarms: [], counts: noBuckets() };
    const { failures } = processed;
    await forEachLimited(groups, GROUPS_IN_FLIGHT, async (group) => {
      try {
        await this.#processGroup(source, group, processed);
      } catch (error) {
        for (const { name } of group) failures.set(name, error);
      }
    });
    for (const { key, name, stored } of tasks) {
      if (!stored) continue;
      if (failures.has(name)) processed.states.delete(stored.state);
      else this.#cache.set(key, stored);
    }
    this.#trim();
    return processed;
  }

  async #processGroup(source: SourceName, group: readonly Task[], processed: Processed): Promise<void> {
    const { failures } = processed;
    for (let open = group; open.length > 0; ) {
      await this.#read(source, open, failures);
      const folded = open.filter(({ name }) => !failures.has(name)).flatMap((task) => this.#fold(task) ?? []);
      const committed = await this.#commit(folded, processed);
      await this.#emit(committed, failures);
      open = folded.flatMap(({ task }) => (failures.has(task.name) ? [] : [task]));
    }
  }

  /** Reads the keys that are not known. Outputs decided before a crash come first: they were committed, so they must be emitted. */
  async #read(source: SourceName, tasks: readonly Task[], failures: Map<string, unknown>): Promise<void> {
    const unknown = tasks.filter(({ stored }) => !stored);
    if (unknown.length > 0) {
      const found = await this.#store.load(
        source,
        unknown.map(({ name }) => name),
      );
      for (const [index, task] of unknown.entries()) task.stored = found[index]!;
      await this.#emit(unknown, failures);
    }
    for (const task of tasks) task.next ??= skipped(task.stored!, task.deliveries);
  }

  /** Folds what one commit can hold; null when nothing is left. */
  #fold(task: Task): Folded | null {
    const { deliveries } = task;
    const stored = task.stored!;
    if (task.next! >= deliveries.length) return null;
    const before = bucketsOf(stored.state.counters);
    const outputs = new Outputs();
    while (
      task.next! < deliveries.length &&
      foldDelivery(stored.state, deliveries[task.next!]!, this.#settings, outputs, MAX_OUTPUTS_A_COMMIT)
    )
      task.next!++;
    return { task, stored, before, outbox: outputs.list(), timerAtMs: timerAt(stored, deliveries, this.#settings) };
  }

  /** Answers with the tasks that were committed. One that lost against another writer is read and folded again from its first delivery. */
  async #commit(folded: readonly Folded[], { failures, states, alarms, counts }: Processed): Promise<Task[]> {
    const errors = await this.#store.commitAll(folded);
    return folded.flatMap(({ task, stored, before }, index) => {
      const error = errors[index];
      if (!error) {
        addDifference(counts, before, bucketsOf(stored.state.counters));
        states.add(stored.state);
        for (const output of newestTransitions(stored.outbox)) alarms.push(alarmRowOf(task.name, output));
        return [task];
      }
      // An earlier slice of it may have been committed: what it holds by now is more than that.
      states.delete(stored.state);
      task.stored = undefined;
      task.next = undefined;
      if (!(error instanceof CommitConflict) || ++task.conflicts === COMMIT_ATTEMPTS) failures.set(task.name, error);
      return [];
    });
  }

  /** Emits the outboxes together, and one by one when that fails: a key that cannot be emitted keeps back no other. */
  async #emit(tasks: readonly Task[], failures: Map<string, unknown>): Promise<void> {
    const decided = tasks.filter(({ stored }) => stored!.outbox.length > 0);
    if (decided.length === 0) return;
    try {
      await this.#writer.emit(decided.map(({ stored }) => emissionOf(stored!)));
    } catch (error) {
      if (decided.length === 1) failures.set(decided[0]!.name, error);
      else for (const task of decided) await this.#emit([task], failures);
      return;
    }
    for (const { stored } of decided) stored!.outbox = [];
  }

  /** Makes room: the keys that were used longest ago go first. */
  #trim(): void {
    for (const key of this.#cache.keys()) {
      if (this.#cache.size <= MAX_CACHED_KEYS) return;
      this.#cache.delete(key);
    }
  }
}

function emissionOf({ state, outbox }: StoredKey) {
  return { state, outputs: outbox };
}

/** Index of the first delivery that is none of those handled before. */
function skipped({ state }: StoredKey, deliveries: readonly Delivery[]): number {
  const first = deliveries.findIndex((delivery) => !isRedelivery(state, delivery));
  return first < 0 ? deliveries.length : first;
}

/** An armed timer stays where it is while it is early enough, so that a reading costs no write to the index: it fires early and is armed anew. */
function timerAt({ state, timerAtMs }: StoredKey, deliveries: readonly Delivery[], settings: Settings): number | null {
  const due = dueMs(state, settings);
  const fired = deliveries.some(({ events }) => events.some(({ type }) => type === 'timer'));
  return due !== null && timerAtMs !== null && timerAtMs < due && !fired ? timerAtMs : due;
}
