/** What a run of the batch is asked for. */
import { SOURCES } from './publication.ts';
import type { SourceName } from './settings.ts';

export interface BatchRequest {
  /** `schedule`: whatever is due; `command`: somebody asked, perhaps for certain days. */
  readonly trigger: 'schedule' | 'command';
  /** One source only. */
  readonly source?: SourceName;
  /** Event days, both included. Days outside are left alone. */
  readonly from?: string;
  readonly to?: string;
  /** Rebuild days although their input has not changed. */
  readonly force?: true;
}

export class BatchRequestError extends Error {
  override name = 'BatchRequestError';
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the input of an execution. Throws BatchRequestError, which says what is allowed. */
export function batchRequest(input: unknown): BatchRequest {
  if (typeof input !== 'object' || input === null) throw new BatchRequestError('the input of a run must be an object');
  const { trigger, source, from, to, force } = input as Record<string, unknown>;
  check(trigger === 'schedule' || trigger === 'command', 'trigger', '"schedule" or "command"', trigger);
  check(source === undefined || SOURCES.includes(source as SourceName), 'source', SOURCES.join(' or '), source);
  check(from === undefined || isDay(from), 'from', 'a day such as 2013-10-08', from);
  check(to === undefined || isDay(to), 'to', 'a day such as 2013-10-08', to);
  check(from === undefined || to === undefined || from <= to, 'from', 'not after `to`', from);
  check(force === undefined || force === true, 'force', 'true, or be left out', force);
  check(!force || (from !== undefined && to !== undefined), 'force', 'given together with `from` and `to`', force);
  return {
    trigger,
    ...(source === undefined ? {} : { source: source as SourceName }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(force ? { force } : {}),
  };
}

function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !DAY.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
}

function check(holds: boolean, field: string, allowed: string, value: unknown): asserts holds {
  if (!holds) throw new BatchRequestError(`${field} must be ${allowed}, not ${JSON.stringify(value)}`);
}
