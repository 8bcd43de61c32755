export interface BackoffSettings {
  /** Longest delay before the first retry, ms. */
  readonly baseMs: number;
  /** Longest delay before any retry, ms. */
  readonly capMs: number;
}

/**
 * How long to wait before retry number `attempt` (from 1), ms: doubles up to the cap; its upper half is drawn by lot, so
 * that clients which failed together do not come back together.
 */
export function backoffMs(attempt: number, settings: BackoffSettings, random: () => number): number {
  const longestMs = Math.min(settings.capMs, settings.baseMs * 2 ** (attempt - 1));
  return longestMs * (0.5 + random() / 2);
}
