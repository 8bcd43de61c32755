import { describe, expect, it } from 'vitest';
import { type CheckFigures, complaintsAbout, type Generated } from '#domain/validation.ts';

const START_MS = Date.parse('2013-10-08T00:00:00Z');
const END_MS = Date.parse('2013-10-09T04:00:00Z');

function figures(what: CheckFigures['what'], rows: number, distinctIds = rows, change: Partial<CheckFigures> = {}): CheckFigures {
  return { what, name: null, rows, distinctIds, minEventMs: START_MS, maxEventMs: END_MS - 1, ...change };
}

/** Two indexed objects of 3 and 4 rows, one that is not indexed yet; 8 events in 9 rows, 7 of which daily figures count. */
const WHOLE: Generated = {
  objects: [
    { key: 'a', rows: 3 },
    { key: 'b', rows: 4 },
  ],
  figures: [
    figures('object', 3, 3, { name: 'a' }),
    figures('object', 4, 4, { name: 'b' }),
    figures('object', 2, 2, { name: 'not indexed' }),
    figures('raw', 9, 8),
    figures('curated', 8),
    figures('counted', 7),
  ],
  counted: 7,
  bounds: { startMs: START_MS, endMs: END_MS },
};

const without = (what: CheckFigures['what']) => WHOLE.figures.filter((each) => each.what !== what);
const complaints = (change: Partial<Generated>) => complaintsAbout({ ...WHOLE, ...change });
const withFigures = (changed: CheckFigures) => complaints({ figures: [...without(changed.what), changed] });

describe('a generation', () => {
  it('is whole when it holds each event once, of all that is indexed and perhaps of more', () => {
    expect(complaintsAbout(WHOLE)).toEqual([]);
    expect(complaints({ figures: without('counted'), counted: 8 })).toEqual([]);
  });

  it('is not when an object holds less or more than its index says, or is not there', () => {
    const objects = [...WHOLE.objects, { key: 'gone', rows: 5 }, { key: 'not indexed', rows: 1 }];
    expect(complaints({ objects })).toEqual([
      'gone holds 0 rows of the day, its index says 5',
      'not indexed holds 2 rows of the day, its index says 1',
    ]);
    const many = Array.from({ length: 7 }, (_, index) => ({ key: `gone-${index}`, rows: 1 }));
    expect(complaints({ objects: many })).toHaveLength(6);
    expect(complaints({ objects: many }).at(-1)).toBe('2 more objects do not hold what their index says');
  });

  it('is not when it holds an event twice, or not all events that raw has', () => {
    expect(withFigures(figures('curated', 9, 8))).toContain('the generation holds 9 rows of 8 events');
    expect(withFigures(figures('curated', 7))).toContain('the generation holds 7 events, raw holds 8 of the day');
  });

  it('is not when its daily figures count more or fewer events than it holds', () => {
    expect(complaints({ counted: 8 })).toEqual(['the daily figures count 8 events, the generation holds 7']);
    expect(complaints({ figures: without('counted') })).toEqual(['the daily figures count 7 events, the generation holds 8']);
  });

  it('is not when an event lies outside of the day, of which the last instant belongs to the next', () => {
    const before = withFigures(figures('curated', 8, 8, { minEventMs: START_MS - 1 }));
    expect(before).toEqual(['an event of 2013-10-07T23:59:59.999Z is outside of the day']);
    expect(withFigures(figures('curated', 8, 8, { maxEventMs: END_MS }))).toEqual([
      'an event of 2013-10-09T04:00:00.000Z is outside of the day',
    ]);
  });

  it('is not when the check says nothing of it', () => {
    expect(complaints({ figures: without('curated') })).toEqual(['the check gave no figures of raw or of the generation']);
  });
});
