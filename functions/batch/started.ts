/** Which run a step belongs to: the same in every step and every retry of an execution. */
import { sha256Hex } from '#adapters/sha256.ts';
import type { StepEvent } from './state.ts';

export interface Started {
  /** Sorts by start: `20131008T041000Z-1a2b3c4d`. */
  readonly run: string;
  readonly execution: string;
  readonly startedMs: number;
}

export function startedOf({ execution, startedAt }: StepEvent): Started {
  const startedMs = Date.parse(startedAt);
  const instant = `${new Date(startedMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return { run: `${instant}-${sha256Hex(execution).slice(0, 8)}`, execution, startedMs };
}
