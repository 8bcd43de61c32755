import { describe, expect, it } from 'vitest';
import { instantOf, isZone, parseTime } from '../../../cli/replay/local-time.ts';

const NEW_YORK = 'America/New_York';
const wall = (text: string) => Date.parse(`${text}Z`);

describe('a wall time on the clock of a zone', () => {
  it.each([
    ['Asia/Tokyo', '2020-06-29T17:31:00', '2020-06-29T17:31:00+09:00'],
    ['UTC', '2013-12-02T21:15:00', '2013-12-02T21:15:00Z'],
    [NEW_YORK, '2013-01-15T09:30:00', '2013-01-15T09:30:00-05:00'],
    [NEW_YORK, '2013-07-15T09:30:00', '2013-07-15T09:30:00-04:00'],
    ['Asia/Kathmandu', '2020-01-01T00:00:00', '2020-01-01T00:00:00+05:45'],
    ['Pacific/Kiritimati', '2020-01-01T00:00:00', '2020-01-01T00:00:00+14:00'],
  ])('in %s, %s is %s', (zone, local, instant) => {
    expect(instantOf(wall(local), zone)).toBe(Date.parse(instant));
  });

  it.each([
    ['the last minute before the gap', '2013-03-10T01:59:00', '2013-03-10T01:59:00-05:00'],
    ['the first that the clock skips', '2013-03-10T02:00:00', '2013-03-10T03:00:00-04:00'],
    ['one in the middle of the gap', '2013-03-10T02:30:00', '2013-03-10T03:30:00-04:00'],
    ['the first after the gap', '2013-03-10T03:00:00', '2013-03-10T03:00:00-04:00'],
    ['the last minute before the overlap', '2013-11-03T00:59:00', '2013-11-03T00:59:00-04:00'],
    ['the first that comes twice', '2013-11-03T01:00:00', '2013-11-03T01:00:00-04:00'],
    ['the last that comes twice', '2013-11-03T01:59:59', '2013-11-03T01:59:59-04:00'],
    ['the first after the overlap', '2013-11-03T02:00:00', '2013-11-03T02:00:00-05:00'],
  ])('where New York changes its clocks: %s', (_what, local, instant) => {
    expect(instantOf(wall(local), NEW_YORK)).toBe(Date.parse(instant));
  });

  it('is found again by formatting, for every hour of a year with both changes', () => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: NEW_YORK, dateStyle: 'short', timeStyle: 'medium' });
    const skipped = wall('2013-03-10T02:00:00');
    for (let ms = wall('2013-01-01T00:00:00'); ms < wall('2014-01-01T00:00:00'); ms += 3_600_000) {
      if (ms !== skipped) expect(wall(format.format(instantOf(ms, NEW_YORK)).replace(' ', 'T'))).toBe(ms);
    }
  });
});

describe('a time in a recorded file', () => {
  it.each([
    ['2020/6/29 17:31', '2020-06-29T17:31:00+09:00'],
    ['2020/10/18 6:45', '2020-10-18T06:45:00+09:00'],
    ['2013-12-02 21:15:00', '2013-12-02T21:15:00+09:00'],
    ['2013-12-02T21:15:00.25', '2013-12-02T21:15:00.250+09:00'],
    ['2013-12-02T21:15:00.123456', '2013-12-02T21:15:00.123+09:00'],
    ['2013-12-02T21:15:00Z', '2013-12-02T21:15:00Z'],
    ['2013-12-02T21:15:00-03:30', '2013-12-02T21:15:00-03:30'],
    ['2013-12-02 21:15:00+0200', '2013-12-02T21:15:00+02:00'],
    ['1386018900', '2013-12-02T21:15:00Z'],
    ['1386018900.5', '2013-12-02T21:15:00.500Z'],
    ['1386018900000', '2013-12-02T21:15:00Z'],
  ])('%s is read', (text, instant) => {
    expect(parseTime(text, 'Asia/Tokyo')).toBe(Date.parse(instant));
  });

  it.each([
    '',
    'nan',
    '2013-02-30 00:00',
    '2013-13-01 00:00',
    '2013-00-01 00:00',
    '2013-01-01 24:00',
    '2013-01-01 00:60',
    '2013-01-01',
    '6/29/2020 17:31',
  ])('fails to be read from "%s"', (text) => {
    expect(parseTime(text, 'UTC')).toBeUndefined();
  });
});

describe('a zone', () => {
  it('is known or not', () => {
    expect(isZone('Asia/Tokyo')).toBe(true);
    expect(isZone('Mars/Olympus')).toBe(false);
  });
});
