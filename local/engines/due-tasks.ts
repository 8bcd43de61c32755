interface Due {
  readonly atMs: number;
  /** How many were added before. */
  readonly order: number;
  readonly task: () => void;
  isCancelled: boolean;
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** What is to happen at which instant: a binary heap; of one instant, what was added first comes first. */
export class DueTasks {
  readonly #heap: Due[] = [];
  #added = 0;

  /** The answer cancels it. */
  add(atMs: number, task: () => void): () => void {
    const due: Due = { atMs, order: this.#added++, task, isCancelled: false };
    this.#rise(this.#heap.push(due) - 1);
    return () => {
      due.isCancelled = true;
    };
  }

  /** The first instant; null when there is none. */
  get nextMs(): number | null {
    while (this.#heap[0]?.isCancelled) this.#removeFirst();
    return this.#heap[0]?.atMs ?? null;
  }

  /** Removes the first; to be called when `nextMs` names an instant. */
  take(): () => void {
    if (this.nextMs === null) throw new Error('nothing is due');
    return this.#removeFirst().task;
  }

  #removeFirst(): Due {
    const first = this.#heap[0] as Due;
    const last = this.#heap.pop() as Due;
    if (last !== first) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= this.#heap.length) return;
      const child = right < this.#heap.length && isBefore(this.#heap[right] as Due, this.#heap[left] as Due) ? right : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [below, above] = [this.#heap[child] as Due, this.#heap[parent] as Due];
    if (!isBefore(below, above)) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }
}
