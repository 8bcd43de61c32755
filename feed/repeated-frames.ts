/** Within this time of a frame that was taken, ms, an equal one is a re-delivery. */
export const REPEAT_WITHIN_MS = 5000;
/** Frames remembered at most; the oldest are forgotten first. */
export const MAX_REMEMBERED = 5000;

/**
 * Recognises frames that the vendor delivers more than once: several trades, byte for byte the same, within 5 s. A frame of
 * a single trade is never one: equal single trades are real executions.
 */
export class RepeatedFrames {
  /** Text → when it was taken, ms; in the order of taking. */
  readonly #taken = new Map<string, number>();

  /** Whether this frame repeats one that was taken; else it is remembered as taken. */
  isRepeat(text: string, tradeCount: number, nowMs: number): boolean {
    if (tradeCount < 2) return false;
    for (const [known, takenMs] of this.#taken) {
      if (nowMs - takenMs <= REPEAT_WITHIN_MS) break;
      this.#taken.delete(known);
    }
    if (this.#taken.has(text)) return true;
    const [oldest] = this.#taken.keys();
    if (oldest !== undefined && this.#taken.size === MAX_REMEMBERED) this.#taken.delete(oldest);
    this.#taken.set(text, nowMs);
    return false;
  }
}
