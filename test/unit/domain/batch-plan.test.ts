import { describe, expect, it } from 'vitest';
import { dayBounds, daysToLookAt, type SourceSituation, settledMs, sinceOf, verdictOn } from '#domain/batch-plan.ts';
import { type BatchRequest, BatchRequestError, batchRequest } from '#domain/batch-request.ts';
import type { PublishedDay } from '#domain/publication.ts';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';

/** New York is on summer time on 8 October 2013: the day ends at 04:00 UTC, the last of the two zones of trades. */
const DAY = '2013-10-08';
const END_MS = Date.parse('2013-10-09T04:00:00Z');
const SETTLED_MS = END_MS + 600_000;

const TOKYO: Settings = { ...DEFAULT_SETTINGS, sensors: [{ match: 'tokyo-*', profile: 'dht22', zone: 'Asia/Tokyo' }] };

function publishedDay(day: string, marker: string): [string, PublishedDay] {
  return [day, { source: 'trades', day, gen: 'g', revision: 1, input: 'i', rows: 1, marker }];
}

function situation(change: Partial<SourceSituation> = {}): SourceSituation {
  return { source: 'trades', markers: new Map([[DAY, 'm1']]), published: new Map(), archivedThroughMs: SETTLED_MS, ...change };
}

const verdict = (change: Partial<SourceSituation>, { force = false, nowMs = SETTLED_MS, day = DAY } = {}) =>
  verdictOn(day, situation(change), force, nowMs, DEFAULT_SETTINGS);

describe('a day of a source', () => {
  it('lies between its first beginning and its last end in the zones of the source', () => {
    expect(dayBounds('trades', DAY, DEFAULT_SETTINGS)).toEqual({ startMs: Date.parse('2013-10-08T00:00:00Z'), endMs: END_MS });
    expect(dayBounds('readings', DAY, TOKYO)).toEqual({
      startMs: Date.parse('2013-10-07T15:00:00Z'),
      endMs: Date.parse('2013-10-09T00:00:00Z'),
    });
  });

  it('is settled when what is late within bounds has come in the last zone', () => {
    expect(settledMs('trades', DAY, DEFAULT_SETTINGS)).toBe(SETTLED_MS);
    expect(settledMs('readings', DAY, DEFAULT_SETTINGS)).toBe(Date.parse('2013-10-09T01:00:00Z'));
  });
});

describe('the verdict on a day', () => {
  it('is to build it once the clock and the archive have passed where it is settled, and not a millisecond before', () => {
    expect(verdict({})).toEqual({ kind: 'build' });
    expect(verdict({}, { nowMs: SETTLED_MS - 1 })).toEqual({ kind: 'refused', cause: 'the day is settled at 2013-10-09T04:10:00.000Z' });
    expect(verdict({ archivedThroughMs: SETTLED_MS - 1 })).toEqual({
      kind: 'refused',
      cause: 'the archive has come to 2013-10-09T04:09:59.999Z, the day needs 2013-10-09T04:10:00.000Z',
    });
  });

  it('is to leave alone what is published and not marked anew, and to compare what is', () => {
    expect(verdict({ published: new Map([publishedDay(DAY, 'm1')]) })).toEqual({ kind: 'unchanged' });
    expect(verdict({ published: new Map([publishedDay(DAY, 'm0')]) })).toEqual({ kind: 'compare' });
  });

  it('is to build anew what is forced, but not before it is settled', () => {
    const published = new Map([publishedDay(DAY, 'm1')]);
    expect(verdict({ published }, { force: true })).toEqual({ kind: 'build' });
    expect(verdict({ published }, { force: true, nowMs: SETTLED_MS - 1 })).toMatchObject({ kind: 'refused' });
  });

  it('is to refuse a day without rows, and one that is still to come', () => {
    expect(verdict({}, { day: '2013-10-07' })).toEqual({ kind: 'refused', cause: 'no rows of the day are archived' });
    expect(verdict({}, { day: '2013-10-09' })).toMatchObject({ kind: 'refused', cause: expect.stringContaining('settled at 2013-10-10') });
  });
});

describe('the days that a run looks at', () => {
  const markers = new Map(['2013-10-09', '2013-10-07', '2013-10-08'].map((day) => [day, 'm']));
  const look = (request: Partial<BatchRequest>) => daysToLookAt(situation({ markers }), { trigger: 'command', ...request });

  it('are all that have rows, oldest first', () => {
    expect(look({})).toEqual(['2013-10-07', '2013-10-08', '2013-10-09']);
  });

  it('lie in the range that was asked for, both ends included, and are of that source', () => {
    expect(look({ from: '2013-10-08' })).toEqual(['2013-10-08', '2013-10-09']);
    expect(look({ to: '2013-10-08' })).toEqual(['2013-10-07', '2013-10-08']);
    expect(look({ from: '2013-10-08', to: '2013-10-08', source: 'trades' })).toEqual(['2013-10-08']);
    expect(look({ source: 'readings' })).toEqual([]);
  });

  it('pass days without rows', () => {
    expect(look({ from: '2013-10-01', to: '2013-10-07' })).toEqual(['2013-10-07']);
    expect(look({ from: '2013-10-01', to: '2013-10-01' })).toEqual([]);
  });
});

describe('the arrival day since when raw rows may be of a day not published', () => {
  const key = (day: string) => `raw/trades/dt=${day}/hr=00/x.parquet`;

  it('is that of the oldest first object of such a day, or where the archive stands', () => {
    const archived = Date.parse('2013-10-09T23:59:59.999Z');
    expect(sinceOf([], archived)).toBe('2013-10-09');
    expect(sinceOf([key('2013-10-10'), key('2013-10-08'), key('2013-10-09')], archived)).toBe('2013-10-08');
    expect(sinceOf([key('2013-10-10')], archived)).toBe('2013-10-09');
  });
});

describe('what a run is asked for', () => {
  it('is a schedule or a command, perhaps of a source and days', () => {
    expect(batchRequest({ trigger: 'schedule' })).toEqual({ trigger: 'schedule' });
    const full = { trigger: 'command', source: 'readings', from: DAY, to: DAY, force: true };
    expect(batchRequest(full)).toEqual(full);
  });

  it.each([
    [null, 'must be an object'],
    [{}, 'trigger must be "schedule" or "command"'],
    [{ trigger: 'command', source: 'alerts' }, 'source must be trades or readings, not "alerts"'],
    [{ trigger: 'command', from: '2013-02-30' }, 'from must be a day such as 2013-10-08, not "2013-02-30"'],
    [{ trigger: 'command', from: 20131008 }, 'from must be a day'],
    [{ trigger: 'command', to: '2013-10-8' }, 'to must be a day'],
    [{ trigger: 'command', from: '2013-10-09', to: '2013-10-08' }, 'from must be not after `to`'],
    [{ trigger: 'command', force: true }, 'force must be given together with'],
    [{ trigger: 'command', from: DAY, to: DAY, force: 'yes' }, 'force must be true'],
  ])('%j is refused with what is allowed', (input, message) => {
    expect(() => batchRequest(input)).toThrow(BatchRequestError);
    expect(() => batchRequest(input)).toThrow(message);
  });
});
