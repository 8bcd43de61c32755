/** What became of the days that a batch command asked for. */
import { UserError } from '../shared/user-error.ts';
import type { Execution } from './state-machine.ts';

export interface DayOutcome {
  readonly source: string;
  readonly day: string;
  readonly status: string;
  readonly gen?: string | null;
  readonly revision?: number | null;
  readonly rows?: number | null;
  readonly attempts?: number | null;
  readonly cause?: string | null;
}

/** The output of the state machine, and of the step before it fails. */
export interface RunOutcome {
  readonly run: string;
  readonly status: string;
  readonly cause?: string | null;
  /** Days that were due and that this run had no room for. */
  readonly remaining: number;
  readonly days: readonly DayOutcome[];
}

/** The state machine ends with this error when days could not be built, all others published. */
const DAYS_FAILED = 'DaysFailed';

/**
 * Reads how an execution ended; `recorded` is the last outcome that a step of it answered. Throws UserError, with the reason, when it did
 * not come to its end.
 */
export function outcomeOf({ status, output, error, cause }: Execution, recorded: RunOutcome | undefined): RunOutcome {
  if (status === 'SUCCEEDED') {
    const outcome = parseOutcome(output);
    if (!outcome) throw new UserError('the run answered no outcome: is the state machine one of this version?');
    if (outcome.status === 'skipped') throw new UserError(`the run was skipped: ${causeText(outcome.cause ?? 'another one is at work')}`);
    return outcome;
  }
  if (error === DAYS_FAILED && recorded) return recorded;
  const reason = recorded?.cause ?? [error, cause].filter(Boolean).join(': ');
  throw new UserError(`the run ended ${status}${reason === '' ? '' : `: ${causeText(reason)}`}`);
}

/** Undefined for what is no outcome of a run. */
export function parseOutcome(output: string | undefined): RunOutcome | undefined {
  try {
    const outcome = JSON.parse(output ?? '') as RunOutcome | null;
    return typeof outcome?.remaining === 'number' && Array.isArray(outcome.days) ? outcome : undefined;
  } catch {
    // AWS may cut a long output off.
    return undefined;
  }
}

/** Lambda's error as JSON becomes its message. */
function causeText(text: string): string {
  const json = text.slice(Math.max(0, text.indexOf('{')));
  try {
    const { errorMessage } = JSON.parse(json) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? text.replace(json, errorMessage) : text;
  } catch {
    return text;
  }
}

/**
 * Each day once, as the last run left it, by source and day. Where no days were asked for (`isAll` false), those that were not due are left
 * out: what is published as it is, and what is not settled yet.
 */
export function daysOf(runs: readonly RunOutcome[], isAll: boolean): DayOutcome[] {
  const last = new Map(runs.flatMap(({ days }) => days.map((day) => [`${day.source} ${day.day}`, day] as const)));
  const days = [...last.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
  return days.filter(({ status }) => isAll || (status !== 'unchanged' && status !== 'refused'));
}

const COLUMNS = ['source', 'day', 'status', 'revision', 'rows', 'attempts', 'cause'] as const;
const NUMBERS: readonly string[] = ['revision', 'rows', 'attempts'];

/** The days as a small table. */
export function tableOf(days: readonly DayOutcome[]): string {
  if (days.length === 0) return 'no day was due';
  const cells = days.map((day) => COLUMNS.map((column) => cellOf(day[column])));
  const widths = COLUMNS.map((column, index) => Math.max(column.length, ...cells.map((row) => row[index]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (NUMBERS.includes(COLUMNS[index]!) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd();
  return [COLUMNS, ...cells].map(line).join('\n');
}

function cellOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? value.toLocaleString('en-US') : causeText(value);
}

const MOST_NAMED = 3;

/** Why not every day asked for is published, in one line; undefined when each is. */
export function complaintOf(days: readonly DayOutcome[]): string | undefined {
  const missing = days.filter(({ status }) => status !== 'published' && status !== 'unchanged');
  if (missing.length === 0) return undefined;
  const named = missing
    .slice(0, MOST_NAMED)
    .map(({ source, day, status, cause }) => `${source} ${day} ${status}${cause ? ` (${causeText(cause)})` : ''}`);
  const more = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : '';
  return `${missing.length} of ${days.length} ${days.length === 1 ? 'day' : 'days'} not published: ${named.join(', ')}${more}`;
}
