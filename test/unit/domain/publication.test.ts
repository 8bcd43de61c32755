import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  arrivalDayOf,
  boundaryOf,
  fingerprintOf,
  formatPublished,
  type Published,
  type PublishedDay,
  PublishedFormatError,
  parsePublished,
  publishedDays,
  rowsOf,
} from '#domain/publication.ts';
import type { SourceName } from '#domain/settings.ts';

function published(source: SourceName, ...days: string[]): PublishedDay[] {
  return days.map((day) => ({ source, day, gen: `run-${day}-1`, revision: 2, input: 'f00d', rows: 7, marker: 'm' }));
}

const since = { trades: '2013-10-10', readings: '2011-01-01' };

describe('published', () => {
  it('is a line a source for the speed side and a line a published day, in order', () => {
    const value: Published = { days: [...published('trades', '2013-10-08'), ...published('readings', '2013-10-07')], since };
    expect(formatPublished(value)).toBe(
      [
        '{"source":"trades","day":"*","gen":"speed","revision":0,"input":null,"rows":null,"marker":null,"since":"2013-10-10"}',
        '{"source":"readings","day":"*","gen":"speed","revision":0,"input":null,"rows":null,"marker":null,"since":"2011-01-01"}',
        '{"source":"readings","day":"2013-10-07","gen":"run-2013-10-07-1","revision":2,"input":"f00d","rows":7,"marker":"m","since":null}',
        '{"source":"trades","day":"2013-10-08","gen":"run-2013-10-08-1","revision":2,"input":"f00d","rows":7,"marker":"m","since":null}',
        '',
      ].join('\n'),
    );
  });

  it('is read back as it was written', () => {
    const value: Published = { days: [...published('readings', '2013-10-07'), ...published('trades', '2013-10-08', '2013-10-09')], since };
    expect(parsePublished(formatPublished(value))).toEqual(value);
    expect(publishedDays(value, 'trades').get('2013-10-09')?.gen).toBe('run-2013-10-09-1');
    expect(publishedDays(value, 'readings').has('2013-10-09')).toBe(false);
  });

  it.each(['', '{}', '{"source":"trades"', '[]', '{"source":"alerts","day":"*","gen":"speed","since":"2013-10-10"}'])(
    'is refused where it is none: %s',
    (text) => {
      expect(() => parsePublished(text)).toThrow(PublishedFormatError);
    },
  );

  it('needs the speed side of both sources', () => {
    const [first] = formatPublished({ days: [], since }).split('\n');
    expect(() => parsePublished(first!)).toThrow('each source');
  });
});

describe('boundary', () => {
  const of = (days: string[], known: string[]) => boundaryOf({ days: published('trades', ...days), since }, 'trades', known);

  it.each([
    ['nothing is known', [], [], null],
    ['nothing is published', [], ['2013-10-07'], null],
    ['everything is published', ['2013-10-07', '2013-10-08'], ['2013-10-07', '2013-10-08'], '2013-10-08'],
    ['a day lies open', ['2013-10-07', '2013-10-09'], ['2013-10-07', '2013-10-08', '2013-10-09'], '2013-10-07'],
    ['the first day lies open', ['2013-10-08'], ['2013-10-07', '2013-10-08'], null],
    ['a day between has no rows', ['2013-10-04', '2013-10-07'], ['2013-10-07', '2013-10-04'], '2013-10-07'],
    ['the registry knows nothing of what is published', ['2013-10-07'], [], '2013-10-07'],
  ])('when %s', (_when, days, known, expected) => {
    expect(of(days, known)).toBe(expected);
  });

  it('is that of its own source', () => {
    const value = { days: published('trades', '2013-10-07'), since };
    expect(boundaryOf(value, 'readings', ['2013-10-07'])).toBeNull();
  });
});

describe('input of a day', () => {
  const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const objects = [
    { key: 'raw/trades/dt=2013-10-07/hr=14/a.parquet', rows: 3 },
    { key: 'raw/trades/dt=2013-10-08/hr=00/b.parquet', rows: 4 },
  ];

  it('has a fingerprint of keys and rows, whatever their order', () => {
    const text = 'raw/trades/dt=2013-10-07/hr=14/a.parquet 3\nraw/trades/dt=2013-10-08/hr=00/b.parquet 4';
    expect(fingerprintOf(objects, sha256Hex)).toBe(sha256Hex(text).slice(0, 16));
    expect(fingerprintOf([...objects].reverse(), sha256Hex)).toBe(fingerprintOf(objects, sha256Hex));
  });

  it('has another one with other rows or another object', () => {
    const [first, second] = objects;
    const others = [[first!], [first!, { ...second!, rows: 5 }], [first!, { ...second!, key: 'c' }], [...objects, { key: 'd', rows: 1 }]];
    const prints = [objects, ...others].map((each) => fingerprintOf(each, sha256Hex));
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('counts its rows', () => {
    expect(rowsOf(objects)).toBe(7);
  });

  it('names the arrival day in its keys', () => {
    expect(arrivalDayOf(objects[1]!.key)).toBe('2013-10-08');
    expect(() => arrivalDayOf('raw/trades/x.parquet')).toThrow('names no arrival day');
  });
});
