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

/** The last transition of each alarm: where it stands after them. */
export function newestTransitions(outputs: readonly Output[]): AlarmOutput[] {
  const newest = new Map<string, AlarmOutput>();
  for (const output of outputs) if (output.type === 'alarm') newest.set(output.rule, output);
  return [...newest.values()];
}
