/** Which messages go out now: at most one a topic and interval, the newest, and none that is old. */

/** Between two messages of a topic, in ms: the eye takes no more than 4 pictures a second. */
export const LIVE_INTERVAL_MS = 250;
/** What arrived longer ago is not news: a lane that lags pushes nothing. */
export const LIVE_FRESH_MS = 10_000;

interface Waiting<Item> {
  readonly item: Item;
  readonly arrivalMs: number;
}

/** Holds what waits for its turn; it is bounded by what arrived within LIVE_FRESH_MS. */
export class LiveThrottle<Item> {
  readonly #waiting = new Map<string, Waiting<Item>>();
  /** When each topic had its last message; in this order. */
  readonly #lastMs = new Map<string, number>();

  /** Replaces what waits for the topic. */
  offer(topic: string, item: Item, arrivalMs: number): void {
    this.#waiting.set(topic, { item, arrivalMs });
  }

  /** What goes out now, what waits longest first, at most `most`; it counts as sent. What is too old is forgotten. */
  take(nowMs: number, most: number): [topic: string, item: Item][] {
    for (const [topic, lastMs] of this.#lastMs) {
      // A clock that was set back must not silence a topic until it has caught up.
      if (nowMs >= lastMs && nowMs - lastMs < LIVE_INTERVAL_MS) break;
      this.#lastMs.delete(topic);
    }
    const taken: [string, Item][] = [];
    for (const [topic, { item, arrivalMs }] of this.#waiting) {
      if (nowMs - arrivalMs > LIVE_FRESH_MS) this.#waiting.delete(topic);
      else if (taken.length < most && !this.#lastMs.has(topic)) {
        this.#waiting.delete(topic);
        this.#lastMs.set(topic, nowMs);
        taken.push([topic, item]);
      }
    }
    return taken;
  }
}
