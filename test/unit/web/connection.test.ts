import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../web/api.js';
import { connectionOf } from '../../../web/connection.js';
import { barOf } from '../../../web/render-connection.js';

const NOW = 1_000_000;
const WELL = { name: 'sensors', answeredMs: NOW - 500, failures: 0, error: null, nextMs: NOW + 500, wokenMs: 0, intervalMs: 1000 };
const OTHER = { ...WELL, name: 'symbols', answeredMs: NOW - 900 };
const OFFLINE = new ApiError('offline', 'The API does not answer.');

describe('how far the picture can be believed', () => {
  it('is live when all parts came, as of the oldest one', () => {
    expect(connectionOf([WELL, OTHER], NOW)).toMatchObject({ state: 'live', goodMs: NOW - 900, missing: [] });
    expect(barOf(connectionOf([WELL, OTHER], NOW), NOW)).toBeNull();
  });

  it('is connecting until all parts came', () => {
    const none = { ...WELL, answeredMs: null, nextMs: null, wokenMs: NOW - 100 };
    expect(connectionOf([WELL, none], NOW)).toMatchObject({ state: 'connecting', goodMs: null });
  });

  it('lets one failure pass, but not two', () => {
    const once = { ...WELL, failures: 1, error: OFFLINE };
    expect(connectionOf([once], NOW).state).toBe('live');
    expect(connectionOf([{ ...once, failures: 2 }], NOW)).toMatchObject({ state: 'lost', reason: OFFLINE.message, nextMs: NOW + 500 });
  });

  it('takes a first failure for no accident while another part is in trouble', () => {
    const once = { ...OTHER, failures: 1, error: OFFLINE };
    expect(connectionOf([{ ...WELL, failures: 2, error: OFFLINE }, once], NOW).state).toBe('lost');
  });

  it('tells the first failure when there is no picture at all', () => {
    const never = { ...WELL, answeredMs: null, failures: 1, error: OFFLINE, wokenMs: NOW - 100 };
    expect(connectionOf([never], NOW)).toMatchObject({ state: 'lost', goodMs: null });
    expect(barOf(connectionOf([never], NOW), NOW)?.detail).toMatch(/^There is no picture yet\. The API does not answer\./);
  });

  it('is lost when nothing came for 10 s, though no request has failed', () => {
    expect(connectionOf([{ ...WELL, answeredMs: NOW - 9999 }], NOW).state).toBe('live');
    expect(connectionOf([{ ...WELL, answeredMs: NOW - 10_000 }], NOW).state).toBe('lost');
  });

  it('waits longer for an answer that is asked for more rarely', () => {
    const rare = { ...WELL, intervalMs: 10_000 };
    expect(connectionOf([{ ...rare, answeredMs: NOW - 18_999 }], NOW).state).toBe('live');
    expect(connectionOf([{ ...rare, answeredMs: NOW - 19_000 }], NOW).state).toBe('lost');
  });

  it('does not count the time in which nobody looked', () => {
    expect(connectionOf([{ ...WELL, answeredMs: NOW - 60_000, wokenMs: NOW - 100 }], NOW).state).toBe('live');
  });

  it('names the parts that are old, with the time of those parts', () => {
    const old = { ...OTHER, answeredMs: NOW - 30_000, failures: 4, error: OFFLINE };
    const connection = connectionOf([WELL, old], NOW);
    expect(connection).toMatchObject({ state: 'partial', missing: ['symbols'], goodMs: NOW - 30_000 });
    expect(barOf(connection, NOW)?.message).toBe('Not up to date: symbols.');
  });

  it('takes "there is no such thing" for an answer', () => {
    const absent = { ...OTHER, answeredMs: null, failures: 5, error: new ApiError('absent', '/v1/alarms/x answered 404.') };
    expect(connectionOf([WELL, absent], NOW)).toMatchObject({ state: 'live', goodMs: WELL.answeredMs });
  });

  it('says at once, and otherwise, that the API wants to know who asks', () => {
    const refused = { ...WELL, failures: 1, error: new ApiError('refused', '/v1/sensors answered 403.') };
    const connection = connectionOf([refused, OTHER], NOW);
    expect(connection.state).toBe('refused');
    expect(barOf(connection, NOW)?.message).toMatch(/signed requests/);
    expect(barOf(connection, NOW)?.detail).toMatch(/403.*api\.auth/);
  });
});
