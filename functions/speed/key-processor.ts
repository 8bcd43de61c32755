/** fold → commit → emit for one key; the state of keys seen lately is kept, so that a warm function reads nothing. */
import type { OutputWriter } from '#adapters/output-writer.ts';
import { CommitConflict, type StateStore, type StoredKey } from '#adapters/state-store.ts';
import { addDifference, type Buckets, bucketsOf, noBuckets } from '#domain/buckets.ts';
import { stateKey } from '#domain/events.ts';
import { type Delivery, dueMs, foldDelivery, isRedelivery, Outputs } from '#domain/fold.ts';
import type { Settings, SourceName } from '#domain/settings.ts';

/** Outputs of one commit: about 0.4 KB each, so that an outbox stays under 64 KB. */
const MAX_OUTPUTS_A_COMMIT = 128;
const MAX_CACHED_KEYS = 5_000;
const COMMIT_ATTEMPTS = 5;

export class KeyProcessor {
  readonly #store: StateStore;
  readonly #writer: OutputWriter;
  readonly #settings: Settings;
  readonly #cache = new Map<string, StoredKey>();
  #committed = noBuckets();

  constructor(store: StateStore, writer: OutputWriter, settings: Settings) {
    this.#store = store;
    this.#writer = writer;
    this.#settings = settings;
  }

  /** Reads the keys that are not cached, in as few calls as possible. */
  async prepare(source: SourceName, names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !this.#cache.has(stateKey(source, name)));
    if (unknown.length > 0) for (const stored of await this.#store.load(source, unknown)) this.#cache.set(stored.key, stored);
  }

  /** What was committed since this was asked last. A commit whose answer was lost is missing: the counters of the items alone are exact. */
  takeCommitted(): Buckets {
    const committed = this.#committed;
    this.#committed = noBuckets();
    return committed;
  }

  /** Makes room after a batch: the keys that were used longest ago go first. */
  trim(): void {
    for (const key of this.#cache.keys()) {
      if (this.#cache.size <= MAX_CACHED_KEYS) return;
      this.#cache.delete(key);
    }
  }

  /** Folds, commits and emits the deliveries of one key, in order. A key that fails is read anew the next time. */
  async process(source: SourceName, name: string, deliveries: readonly Delivery[]): Promise<void> {
    const key = stateKey(source, name);
    for (let attempt = 1; ; attempt++) {
      const cached = this.#cache.get(key);
      this.#cache.delete(key);
      const stored = cached ?? (await this.#store.load(source, [name]))[0]!;
      try {
        await this.#commitAll(stored, deliveries);
        this.#cache.set(key, stored);
        return;
      } catch (error) {
        if (!(error instanceof CommitConflict) || attempt === COMMIT_ATTEMPTS) throw error;
      }
    }
  }

  async #commitAll(stored: StoredKey, deliveries: readonly Delivery[]): Promise<void> {
    // Outputs that were decided before a crash come first: they were committed, so they must be emitted.
    if (stored.outbox.length > 0) await this.#writer.emit(stored.state, stored.outbox);
    let next = deliveries.findIndex((delivery) => !isRedelivery(stored.state, delivery));
    while (next >= 0 && next < deliveries.length) {
      const before = bucketsOf(stored.state.counters);
      const outputs = new Outputs();
      while (next < deliveries.length && foldDelivery(stored.state, deliveries[next]!, this.#settings, outputs, MAX_OUTPUTS_A_COMMIT))
        next++;
      stored.outbox = outputs.list();
      stored.timerAtMs = timerAt(stored, deliveries, this.#settings);
      await this.#store.commit(stored);
      addDifference(this.#committed, before, bucketsOf(stored.state.counters));
      await this.#writer.emit(stored.state, stored.outbox);
    }
    if (stored.outbox.length > 0) await this.#store.clearOutbox(stored);
  }
}

/** An armed timer stays where it is while it is early enough, so that a reading costs no write to the index: it fires early and is armed anew. */
function timerAt({ state, timerAtMs }: StoredKey, deliveries: readonly Delivery[], settings: Settings): number | null {
  const due = dueMs(state, settings);
  const fired = deliveries.some(({ events }) => events.some(({ type }) => type === 'timer'));
  return due !== null && timerAtMs !== null && timerAtMs < due && !fired ? timerAtMs : due;
}
