import { deviceOf } from './names.ts';
import type { SourceName } from './settings.ts';

/** A key whose time has come. */
export interface DueKey {
  readonly source: SourceName;
  /** Symbol or sensor id. */
  readonly name: string;
  /** ms since the epoch. */
  readonly dueMs: number;
}

/** The stream record of a timer: under the partition key of the key's data, so that it stands in the same lane. */
export function timerRecord({ source, name, dueMs }: DueKey): { partitionKey: string; data: string } {
  const partitionKey = source === 'trades' ? name : deviceOf(name);
  return { partitionKey, data: JSON.stringify({ v: 1, type: 'timer', key: name, due: dueMs }) };
}
