import { type Clock, REAL_CLOCK } from '#adapters/clock.ts';
import type { Instant } from './instant.ts';

/** The runtime's clock. On event time it stands still while anybody has work in hand. */
export interface LocalClock extends Clock {
  /** Says that work is in hand that belongs to the present instant; the answer says that it is done (a second call does nothing). */
  hold(): () => void;
  /** On event time: the present instant for worker threads. */
  readonly instant?: Instant;
}

/** The machine's clock waits for nobody. */
export const REAL_LOCAL_CLOCK: LocalClock = { ...REAL_CLOCK, hold: () => () => undefined };
