import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../web/pipeline-health.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const at = (agoMs: number) => new Date(NOW - agoMs).toISOString();
const SOURCE = {
  keys: 3,
  received: 100,
  applied: 100,
  duplicate: 0,
  late: {},
  quarantined: {},
  quality: {},
  last_event_time: at(1000),
  last_ingest_time: at(900),
  archived_through: at(900),
  boundary: null,
  published_days: 0,
  late_pending: 0,
  failed_days: [],
  drift: null,
};
const judged = (differences: object) => healthOf({ ...SOURCE, ...differences }, 'readings', NOW);

describe('how a source is doing', () => {
  it('is well while events arrive and the archive follows', () => {
    expect(judged({})).toEqual({
      severity: 'NORMAL',
      word: 'Well',
      text: 'The newest came just now. None was late, none refused. All of it is archived. No day is settled yet.',
    });
  });

  it('is not known before anything arrived', () => {
    const nothing = { received: 0, last_event_time: null, last_ingest_time: null, archived_through: null };
    expect(judged(nothing)).toEqual({ severity: 'none', word: 'Nothing yet', text: 'No readings have arrived.' });
  });

  it('is quiet when nothing arrived for five minutes, which is no alarm', () => {
    const quiet = { last_event_time: at(300_000), last_ingest_time: at(300_000), archived_through: at(300_000) };
    expect(judged(quiet)).toMatchObject({ severity: 'none', word: 'Quiet', text: expect.stringMatching(/^The newest came 5 min ago\./) });
    expect(judged({ last_ingest_time: at(299_999), last_event_time: at(299_999) })).toMatchObject({ word: 'Well' });
  });

  it('needs somebody when the archive is five minutes behind', () => {
    expect(judged({ archived_through: at(300_900) })).toMatchObject({
      severity: 'HIGH',
      word: 'Archive behind',
      text: expect.stringMatching(/The archive is 5 min behind\./),
    });
    expect(judged({ archived_through: at(300_899) })).toMatchObject({
      severity: 'NORMAL',
      text: expect.stringMatching(/What came up to 5 min ago is archived\./),
    });
    expect(judged({ archived_through: null })).toMatchObject({ text: expect.stringMatching(/Nothing is archived yet\./) });
  });

  it('says how old events were when they came, from a minute on', () => {
    expect(judged({ last_event_time: at(60_900) }).text).toMatch(/^The newest came just now, 1 min after it happened\./);
    expect(judged({ last_event_time: at(60_899) }).text).toMatch(/^The newest came just now\./);
  });

  it('says in words what was late and what was refused', () => {
    expect(judged({ late: { LATENESS: 7, GAP_GIVEN_UP: 3 }, quarantined: { BAD_JSON: 1 } }).text).toMatch(
      / 10 came too late for the live figures and wait for the batch; 1 could not be believed and is in quarantine\. /,
    );
    expect(judged({ late: { LATENESS: 1 } }).text).toMatch(/ 1 came too late for the live figures and waits for the batch\. /);
  });

  it('says up to which day the batch has settled it, and what waits for the next run', () => {
    expect(judged({ boundary: '2013-10-08', published_days: 2 }).text).toMatch(/ Settled up to and with 8 Oct 2013\.$/);
    expect(judged({ boundary: '2013-10-08', late_pending: 1 }).text).toMatch(
      / 1 row of settled days came later and waits for the next run\.$/,
    );
    expect(judged({ late_pending: 1200 }).text).toMatch(/ 1,200 rows of settled days came later and wait for the next run\.$/);
    expect(judged({ late_pending: 5 })).toMatchObject({ severity: 'NORMAL', word: 'Well' });
  });

  it('needs somebody when the batch could not settle a day', () => {
    const failed = (...days: string[]) => judged({ failed_days: days.map((day) => ({ day, run_id: 'r', cause: 'x' })) });
    expect(failed('2013-10-08')).toMatchObject({ severity: 'HIGH', word: 'Batch needs a look' });
    expect(failed('2013-10-08').text).toMatch(/ The batch could not settle 8 Oct 2013\.$/);
    expect(failed('2013-10-07', '2013-10-08').text).toMatch(/ The batch could not settle 7 Oct 2013 and 1 more day\.$/);
  });

  it('says whether batch and speed agree, and needs somebody when no reason is known', () => {
    const drift = { day: '2013-10-08', keys: 4, differing: 1, difference: 9, explained: 9, reasons: { LATENESS: 9 } };
    expect(judged({ drift: { ...drift, differing: 0, difference: 0, explained: 0 } }).text).toMatch(
      / Batch and speed agree on 8 Oct 2013\.$/,
    );
    expect(judged({ drift })).toMatchObject({
      severity: 'NORMAL',
      text: expect.stringMatching(/ On 8 Oct 2013 batch and speed differ by 9 events, each with a known reason\.$/),
    });
    expect(judged({ drift: { ...drift, explained: 7 } })).toMatchObject({
      severity: 'HIGH',
      text: expect.stringMatching(/ differ by 9 events, 2 without a known reason\.$/),
    });
  });
});
