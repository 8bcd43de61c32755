/** What the vendor's socket does besides reporting trades. Shares are probabilities, 0 to 1; without a word it has none of the bad habits. */
export interface MarketHabits {
  /** Of frames: after one, its connection stays open and says nothing any more, not even pings. */
  readonly stallShare: number;
  /** Of frames: after one, its connection is closed as for a deployment. */
  readonly closeShare: number;
  /** Of frames of several trades: one is sent once more. (A single trade sent twice could as well be two.) */
  readonly redeliverShare: number;
  /** Of subscriptions to symbols that exist: one is refused as `Invalid symbol`. */
  readonly invalidShare: number;
  /** More symbols a connection are refused; 50 on the vendor's free plan. */
  readonly maxSymbols: number;
  /** False: the market is closed, pings are all that comes. */
  readonly isTrading: boolean;
}

export const GOOD_HABITS: MarketHabits = {
  stallShare: 0,
  closeShare: 0,
  redeliverShare: 0,
  invalidShare: 0,
  maxSymbols: 50,
  isTrading: true,
};

/** What was sent, and how often each habit showed. */
export interface HabitCounters {
  /** Frames of every kind, to every connection. */
  frames: number;
  stalls: number;
  closes: number;
  redelivered: number;
  /** Symbols refused although they exist. */
  invalid: number;
  tooMany: number;
}

/**
 * The habits with some of them changed.
 * @throws RangeError when a share is none of 0 to 1, or `maxSymbols` no integer from 0
 */
export function withHabits(habits: MarketHabits, changes: Partial<MarketHabits>): MarketHabits {
  const changed = { ...habits, ...changes };
  for (const name of ['stallShare', 'closeShare', 'redeliverShare', 'invalidShare'] as const) {
    if (!(changed[name] >= 0 && changed[name] <= 1)) throw new RangeError(`${name} is ${changed[name]}, a share is a number from 0 to 1`);
  }
  if (!Number.isSafeInteger(changed.maxSymbols) || changed.maxSymbols < 0) {
    throw new RangeError(`maxSymbols is ${changed.maxSymbols}, it is an integer from 0`);
  }
  return changed;
}
