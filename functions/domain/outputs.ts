/** What a fold decides: kept in the key's outbox until it was emitted. */
import type { AlarmTransition } from './alarms.ts';
import type { BarWindow, ReadingWindow } from './key-state.ts';

/** A closed window, as a whole value with its revision. */
export interface WindowOutput {
  readonly type: 'window';
  readonly window: BarWindow | ReadingWindow;
}

export interface AlarmOutput extends AlarmTransition {
  readonly type: 'alarm';
}

export type Output = WindowOutput | AlarmOutput;
