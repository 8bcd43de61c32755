/** The lease's item in memory, seen through as many stores as there are feeds; each store can be cut off. */
import type { LeaseItem, LeaseStore } from '../../../feed/lease-store.ts';

/** `silent`: does nothing and never answers; `deaf`: does it, but the answer is lost. */
export type Trouble = 'none' | 'silent' | 'deaf' | 'failing';

export interface SharedItem {
  item: LeaseItem | null;
}

export class MemoryLeaseStore implements LeaseStore {
  trouble: Trouble = 'none';
  readonly #shared: SharedItem;

  constructor(shared: SharedItem) {
    this.#shared = shared;
  }

  read(): Promise<LeaseItem | null> {
    return this.#answer(() => this.#shared.item);
  }

  replace(expected: LeaseItem | null, item: LeaseItem): Promise<boolean> {
    return this.#answer(() => {
      const { item: found } = this.#shared;
      if (found?.session !== expected?.session || found?.expiresMs !== expected?.expiresMs) return false;
      this.#shared.item = item;
      return true;
    });
  }

  renew(item: LeaseItem): Promise<boolean> {
    return this.#answer(() => {
      if (this.#shared.item?.session !== item.session) return false;
      this.#shared.item = item;
      return true;
    });
  }

  remove(session: string): Promise<void> {
    return this.#answer(() => {
      if (this.#shared.item?.session === session) this.#shared.item = null;
    });
  }

  close(): void {}

  async #answer<T>(act: () => T): Promise<T> {
    if (this.trouble === 'failing') throw new Error('the table is out of reach');
    if (this.trouble === 'silent') return new Promise(() => {});
    const result = act();
    return this.trouble === 'deaf' ? new Promise(() => {}) : result;
  }
}
