/** What is said of runs of the batch, of their days and steps. Pure; times in ms since the epoch. */
import { countText, durationText, NONE, numberText, timeOf } from '../format.js';

/**
 * @typedef {object} Step
 * @property {string} step
 * @property {string} started_at
 * @property {string | null} ended_at null while it goes on
 * @property {string | null} outcome
 */

/**
 * @typedef {object} RunDay
 * @property {string} source
 * @property {string} day
 * @property {string} status
 * @property {number | null} revision
 * @property {number | null} rows
 * @property {number} attempts
 * @property {string | null} cause
 * @property {readonly Step[]} steps
 */

/**
 * @typedef {object} Run
 * @property {string} run_id
 * @property {string} status
 * @property {string} trigger
 * @property {string} started_at
 * @property {string | null} ended_at
 * @property {string | null} cause
 * @property {number} remaining
 * @property {readonly RunDay[]} days
 */

/** How something went, for colour and icon. @typedef {'good' | 'bad' | 'busy' | 'idle' | 'warn'} Outcome */

/** @typedef {{ outcome: Outcome, word: string }} Verdict */

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** @type {Readonly<Record<string, Verdict>>} */
const RUNS = {
  running: { outcome: 'busy', word: 'Running' },
  succeeded: { outcome: 'good', word: 'Succeeded' },
  failed: { outcome: 'bad', word: 'Failed' },
  skipped: { outcome: 'idle', word: 'Skipped' },
};

/** @type {Readonly<Record<string, Verdict>>} */
const DAYS = {
  published: { outcome: 'good', word: 'Published' },
  unchanged: { outcome: 'idle', word: 'Unchanged' },
  refused: { outcome: 'idle', word: 'Not yet' },
  failed: { outcome: 'bad', word: 'Failed' },
  build: { outcome: 'busy', word: 'In work' },
  ready: { outcome: 'busy', word: 'Made' },
};
/** Of a day that its run left before it was published: readers see what they saw before. @type {Verdict} */
const LEFT = { outcome: 'idle', word: 'Not published' };

/** @type {Readonly<Record<string, Verdict>>} */
const STEPS = {
  succeeded: { outcome: 'good', word: 'Done' },
  failed: { outcome: 'bad', word: 'Failed' },
};

/** Of what goes on, and of what this page does not know, the word of the API. @param {string} status @returns {Verdict} */
function otherOf(status) {
  return { outcome: 'busy', word: status.charAt(0).toUpperCase() + status.slice(1) };
}

/**
 * A run is as good as its worst day.
 * @param {Run} run
 * @returns {Verdict}
 */
export function verdictOfRun({ status, days }) {
  const failed = days.filter((day) => day.status === 'failed').length;
  const verdict = RUNS[status] ?? otherOf(status);
  return status === 'succeeded' && failed > 0 ? { outcome: 'warn', word: `${countText(failed, 'day')} failed` } : verdict;
}

/**
 * @param {RunDay} day
 * @param {Pick<Run, 'status'>} run it is of
 * @returns {Verdict}
 */
export function verdictOfDay({ status }, run) {
  const verdict = DAYS[status] ?? otherOf(status);
  return verdict.outcome === 'busy' && run.status !== 'running' ? LEFT : verdict;
}

/** @param {Step} step @returns {Verdict} */
export function verdictOfStep({ outcome, ended_at: ended }) {
  if (ended === null) return { outcome: 'busy', word: 'Running' };
  return STEPS[outcome ?? 'succeeded'] ?? { outcome: 'warn', word: outcome ?? NONE };
}

/** Icon that stands beside the word. @type {Readonly<Record<Outcome, string>>} */
export const ICONS = { good: 'normal', bad: 'critical', warn: 'high', busy: 'busy', idle: 'none' };

/** @type {Readonly<Record<string, string>>} */
const TRIGGERS = { schedule: 'By schedule', command: 'By command' };

/** @param {string} trigger */
export function triggerText(trigger) {
  return TRIGGERS[trigger] ?? trigger;
}

/**
 * What a run did, in a few words: `3 days published, 1 failed`.
 * @param {Run} run
 */
export function daysText(run) {
  const { days, status } = run;
  if (days.length === 0) return status === 'running' ? 'Planning' : status === 'skipped' ? 'Another run was going on' : 'Nothing new';
  const counts = new Map();
  for (const day of days) {
    const word = verdictOfDay(day, run).word.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const [[first, count] = ['', 0], ...others] = counts;
  return [`${countText(count, 'day')} ${first}`, ...others.map(([word, of]) => `${numberText(of)} ${word}`)].join(', ');
}

/**
 * Runs that stand for themselves, and runs in a row that found nothing to do as one, told by the newest of them.
 * @typedef {{ run: Run, oldest: Run, count: number }} Runs
 */

/**
 * @param {readonly Run[]} newestFirst
 * @returns {Runs[]} newest first
 */
export function folded(newestFirst) {
  /** @type {Runs[]} */
  const rows = [];
  for (const run of newestFirst) {
    const last = rows.at(-1);
    if (last && isIdle(run) && isIdle(last.run)) Object.assign(last, { oldest: run, count: last.count + 1 });
    else rows.push({ run, oldest: run, count: 1 });
  }
  return rows;
}

/** @param {Run} run */
function isIdle({ status, days }) {
  return status === 'succeeded' && days.length === 0;
}

/**
 * How long something took, to the tenth of a second where that is worth it.
 * @param {string} startedAt
 * @param {string | null} endedAt null while it goes on
 * @param {number} nowMs
 */
export function tookText(startedAt, endedAt, nowMs) {
  const startMs = timeOf(startedAt);
  if (startMs === null) return NONE;
  const ms = Math.max(0, (timeOf(endedAt) ?? nowMs) - startMs);
  if (ms < 10 * SECOND_MS) return `${numberText(ms / SECOND_MS, 1)}\u00a0s`;
  if (ms < MINUTE_MS || ms >= HOUR_MS) return durationText(ms);
  return `${Math.floor(ms / MINUTE_MS)}\u00a0min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)}\u00a0s`;
}

/** The step that a try begins with. */
const FIRST_STEP = 'prepare';

/**
 * What the newest try did, by step: a day that failed is made anew from its first step on.
 * @param {RunDay} day
 * @returns {Map<string, Step>}
 */
export function newestTry({ steps }) {
  const begin = steps.findLastIndex(({ step }) => step === FIRST_STEP);
  return new Map(steps.slice(Math.max(0, begin)).map((step) => [step.step, step]));
}

/**
 * What is worth a word besides the result of a day: `revision 2, 3 tries`.
 * @param {RunDay} day
 */
export function dayDetail({ revision, attempts }) {
  return [revision !== null && `revision ${revision}`, attempts > 1 && `${numberText(attempts)}\u00a0tries`].filter(Boolean).join(', ');
}

/**
 * What a cause is the cause of.
 * @param {RunDay} day
 * @param {Run} run
 */
export function causeTitle(day, run) {
  const isOutcome = day.status === 'failed' || day.status === 'refused';
  const what = isOutcome ? verdictOfDay(day, run).word.toLowerCase() : 'an earlier try failed';
  return `${day.day}, ${day.source}: ${what}`;
}

/** What the batch does with a day, in this order. */
const KNOWN_STEPS = [FIRST_STEP, 'deduplicate', 'aggregate', 'check', 'validate', 'register'];

/**
 * The columns of the days of a run: its steps in order, those that this page does not know after the others.
 * @param {readonly RunDay[]} days
 */
export function stepNames(days) {
  const others = new Set(days.flatMap(({ steps }) => steps.map(({ step }) => step)).filter((step) => !KNOWN_STEPS.includes(step)));
  return [...KNOWN_STEPS, ...others];
}

/** @param {string} step */
export function stepWord(step) {
  const word = step.replaceAll('-', ' ');
  return word.charAt(0).toUpperCase() + word.slice(1);
}
