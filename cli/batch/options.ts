/** The command line of `batch`. */
import type { BatchRequest } from '#domain/batch-request.ts';
import { shiftDay } from '#domain/calendar.ts';
import type { SourceName } from '#domain/settings.ts';
import { parsedArguments } from '../shared/arguments.ts';
import { UsageError } from '../shared/user-error.ts';

/** What one command may ask for: more is more commands. */
export const MAX_DAYS = 366;

export const HELP = `Runs the batch: recomputes days from the archive and publishes each of them whole or not at all.

  npm run batch                            whatever is due
  npm run batch -- --day 2013-10-08        one day
  npm run batch -- --from D --to D         several days, both included, at most ${MAX_DAYS}

  --source NAME      trades or readings (default both)
  --force            build days anew although nothing of them has changed; needs --day or --from and --to
  --json             days and runs as one JSON object

Where (default: the instance that npm start runs here)
  --url URL             a running instance, as its "ready" line names it
  --aws                 the deployed one; region and credentials as the AWS tools take them
  --state-machine ARN   which, when the account has more than one: the stack's output DailyStateMachineArn
  --help                this text

Ctrl-C stops watching, the run goes on. The exit code is 0 when all days asked for are published, 1 when one is not.
`;

export type BatchTarget =
  | { readonly kind: 'running' }
  | { readonly kind: 'url'; readonly url: string }
  /** Null: the only one that is called like one of Tidemark. */
  | { readonly kind: 'aws'; readonly stateMachineArn: string | null };

export interface BatchOptions {
  readonly target: BatchTarget;
  readonly request: BatchRequest;
  readonly json: boolean;
}

const OPTIONS = {
  day: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  source: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  url: { type: 'string' },
  aws: { type: 'boolean', default: false },
  'state-machine': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const STATE_MACHINE = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:]+$/;
const HOUR_MS = 3_600_000;
/** The zone that is ahead of all others. */
const EARLIEST_ZONE_MS = 14 * HOUR_MS;

/**
 * Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed.
 * @param nowMs ms since the epoch: no day may lie in the future
 */
export function parseOptions(args: readonly string[], nowMs: number): BatchOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const days = daysOf(values, nowMs);
  if (values.force && !days) throw new UsageError('--force needs --day, or --from and --to');
  const source = values.source === undefined ? {} : { source: sourceOf(values.source) };
  return {
    target: targetOf(values),
    request: { trigger: 'command', ...source, ...days, ...(values.force ? { force: true } : {}) },
    json: values.json,
  };
}

const parsed = (args: readonly string[]) => parsedArguments({ args: [...args], options: OPTIONS }).values;

type Values = ReturnType<typeof parsed>;

function daysOf({ day, from, to }: Values, nowMs: number): { from: string; to: string } | undefined {
  if (day !== undefined) {
    if (from !== undefined || to !== undefined) throw new UsageError('--day and --from, --to exclude each other');
    checkDay('day', day, nowMs);
    return { from: day, to: day };
  }
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) throw new UsageError('--from and --to belong together; for one day there is --day');
  checkDay('from', from, nowMs);
  checkDay('to', to, nowMs);
  if (from > to) throw new UsageError(`--from ${from} --to ${to}: allowed is a first day that is not after the last one`);
  if (shiftDay(from, MAX_DAYS - 1) < to) throw new UsageError(`--from ${from} --to ${to}: allowed are at most ${MAX_DAYS} days a command`);
  return { from, to };
}

function checkDay(option: string, day: string, nowMs: number): void {
  if (!isDay(day)) throw new UsageError(`--${option} ${day}: allowed is a day of the calendar, like 2013-10-08`);
  const today = new Date(nowMs + EARLIEST_ZONE_MS).toISOString().slice(0, 10);
  if (day > today) throw new UsageError(`--${option} ${day}: allowed are days up to today, ${today}`);
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && shiftDay(text, 0) === text;
}

function sourceOf(text: string): SourceName {
  if (text !== 'trades' && text !== 'readings') throw new UsageError(`--source ${text}: allowed is trades or readings`);
  return text;
}

function targetOf({ url, aws, 'state-machine': arn }: Values): BatchTarget {
  if (aws) {
    if (url !== undefined) throw new UsageError('--url and --aws exclude each other');
    if (arn !== undefined && !STATE_MACHINE.test(arn)) {
      throw new UsageError(
        `--state-machine ${arn}: allowed is an ARN like arn:aws:states:eu-west-1:123456789012:stateMachine:tidemark-dev-daily`,
      );
    }
    return { kind: 'aws', stateMachineArn: arn ?? null };
  }
  if (arn !== undefined) throw new UsageError('--state-machine is for --aws');
  if (url === undefined) return { kind: 'running' };
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`--url ${url}: allowed is an address like http://127.0.0.1:8080`);
  return { kind: 'url', url: new URL(url).origin };
}
