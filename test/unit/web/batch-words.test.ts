import { describe, expect, it } from 'vitest';
import {
  causeTitle,
  dayDetail,
  daysText,
  folded,
  newestTry,
  stepNames,
  tookText,
  verdictOfDay,
  verdictOfRun,
  verdictOfStep,
} from '../../../web/batch/words.js';

const START = Date.UTC(2026, 0, 31, 4, 10);
const iso = (ms: number) => new Date(START + ms).toISOString();
const step = (name: string, outcome: string | null = 'succeeded') => ({
  step: name,
  started_at: iso(0),
  ended_at: outcome === null ? null : iso(1000),
  outcome,
});
const day = (facts: object = {}) => ({
  source: 'trades',
  day: '2026-01-30',
  status: 'published',
  revision: 1,
  rows: 5,
  attempts: 1,
  cause: null,
  steps: [],
  ...facts,
});
const run = (facts: object = {}) => ({
  run_id: 'r',
  status: 'succeeded',
  trigger: 'schedule',
  started_at: iso(0),
  ended_at: iso(5000),
  cause: null,
  remaining: 0,
  days: [],
  ...facts,
});

describe('a run', () => {
  it.each([
    ['running', [], { outcome: 'busy', word: 'Running' }],
    ['succeeded', [day()], { outcome: 'good', word: 'Succeeded' }],
    ['succeeded', [day(), day({ status: 'failed' })], { outcome: 'warn', word: '1 day failed' }],
    ['failed', [day({ status: 'failed' })], { outcome: 'bad', word: 'Failed' }],
    ['skipped', [], { outcome: 'idle', word: 'Skipped' }],
    ['unheard-of', [], { outcome: 'busy', word: 'Unheard-of' }],
  ])('that %s with these days is told so', (status, days, verdict) => {
    expect(verdictOfRun(run({ status, days }))).toEqual(verdict);
  });

  it('says in few words what became of its days', () => {
    expect(daysText(run())).toBe('Nothing new');
    expect(daysText(run({ status: 'running' }))).toBe('Planning');
    expect(daysText(run({ status: 'skipped' }))).toBe('Another run was going on');
    expect(daysText(run({ days: [day(), day(), day({ status: 'failed' })] }))).toBe('2 days published, 1 failed');
    expect(daysText(run({ status: 'running', days: [day({ status: 'build' })] }))).toBe('1 day in work');
  });

  it('that found nothing to do stands in one row with those before it that found nothing either', () => {
    const idle = (id: string) => run({ run_id: id });
    const busy = (id: string) => run({ run_id: id, days: [day()] });
    const runs = [idle('8'), idle('7'), busy('6'), idle('5'), run({ run_id: '4', status: 'skipped' }), busy('3'), busy('2'), idle('1')];
    expect(folded(runs).map(({ run: { run_id: newest }, oldest, count }) => [newest, oldest.run_id, count])).toEqual([
      ['8', '7', 2],
      ...['6', '5', '4', '3', '2', '1'].map((id) => [id, id, 1]),
    ]);
    expect(folded([])).toEqual([]);
  });

  it.each([
    [0, 9_949, '9.9\u00a0s'],
    [0, 59_999, '59 s'],
    [0, 60_000, '1\u00a0min 0\u00a0s'],
    [0, 3_599_999, '59\u00a0min 59\u00a0s'],
    [0, 7_200_000, '2 h'],
    [0, null, '3.0\u00a0s'],
  ])('from %s to %s ms took %s', (from, to, text) => {
    expect(tookText(iso(from), to === null ? null : iso(to), START + 3000)).toBe(text);
  });
});

describe('a day of a run', () => {
  it('that was left before it was published is not published, whatever was made of it', () => {
    for (const status of ['build', 'ready']) {
      expect(verdictOfDay(day({ status }), run({ status: 'running' })).outcome).toBe('busy');
      expect(verdictOfDay(day({ status }), run({ status: 'failed' }))).toEqual({ outcome: 'idle', word: 'Not published' });
    }
    expect(verdictOfDay(day(), run({ status: 'failed' }))).toEqual({ outcome: 'good', word: 'Published' });
  });

  it('shows the steps of its newest try only', () => {
    const steps = [step('prepare'), step('deduplicate'), step('aggregate', 'failed'), step('prepare'), step('deduplicate', null)];
    expect([...newestTry(day({ steps })).entries()].map(([name, { outcome }]) => [name, outcome])).toEqual([
      ['prepare', 'succeeded'],
      ['deduplicate', null],
    ]);
    expect(newestTry(day()).size).toBe(0);
  });

  it('has a column for each step, unknown ones last', () => {
    const known = ['prepare', 'deduplicate', 'aggregate', 'check', 'validate', 'register'];
    expect(stepNames([day()])).toEqual(known);
    expect(stepNames([day({ steps: [step('polish'), step('prepare')] })])).toEqual([...known, 'polish']);
  });

  it('says how a step went', () => {
    expect(verdictOfStep(step('check')).outcome).toBe('good');
    expect(verdictOfStep(step('check', 'failed'))).toEqual({ outcome: 'bad', word: 'Failed' });
    expect(verdictOfStep(step('check', null))).toEqual({ outcome: 'busy', word: 'Running' });
    expect(verdictOfStep(step('check', 'stopped'))).toEqual({ outcome: 'warn', word: 'stopped' });
  });

  it('says of what its cause is', () => {
    expect(causeTitle(day({ status: 'failed' }), run())).toBe('2026-01-30, trades: failed');
    expect(causeTitle(day({ status: 'refused' }), run())).toBe('2026-01-30, trades: not yet');
    expect(causeTitle(day(), run())).toBe('2026-01-30, trades: an earlier try failed');
    expect(causeTitle(day({ status: 'build' }), run({ status: 'running' }))).toBe('2026-01-30, trades: an earlier try failed');
  });

  it('says how often it was published and tried', () => {
    expect(dayDetail(day({ revision: 2, attempts: 3 }))).toBe('revision 2, 3\u00a0tries');
    expect(dayDetail(day({ revision: null }))).toBe('');
  });
});
