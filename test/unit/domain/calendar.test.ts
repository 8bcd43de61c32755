import { describe, expect, it } from 'vitest';
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';

describe('event day', () => {
  it.each([
    ['America/New_York', '2013-10-08T03:59:59.999Z', '2013-10-07'],
    ['America/New_York', '2013-10-08T04:00:00.000Z', '2013-10-08'],
    ['America/New_York', '2013-01-08T04:59:59.999Z', '2013-01-07'],
    ['Asia/Tokyo', '2020-06-28T15:00:00.000Z', '2020-06-29'],
    ['UTC', '2020-06-28T23:59:59.999Z', '2020-06-28'],
    ['Pacific/Kiritimati', '2020-06-28T10:00:00.000Z', '2020-06-29'],
  ])('of %s at %s is %s', (zone, time, day) => {
    expect(eventDay(zone, Date.parse(time))).toBe(day);
  });

  it('has 23 and 25 hours where New York changes its clocks (first and last instant by the almanac)', () => {
    expect(dayInterval('America/New_York', '2013-03-10')).toEqual({
      startMs: Date.parse('2013-03-10T05:00:00Z'),
      endMs: Date.parse('2013-03-11T04:00:00Z'),
    });
    expect(dayInterval('America/New_York', '2013-11-03')).toEqual({
      startMs: Date.parse('2013-11-03T04:00:00Z'),
      endMs: Date.parse('2013-11-04T05:00:00Z'),
    });
  });

  it("starts at one o'clock where midnight does not exist (Beirut, 2021-03-28)", () => {
    const { startMs } = dayInterval('Asia/Beirut', '2021-03-28');
    expect(startMs).toBe(Date.parse('2021-03-27T22:00:00Z'));
    expect(eventDay('Asia/Beirut', startMs)).toBe('2021-03-28');
    expect(eventDay('Asia/Beirut', startMs - 1)).toBe('2021-03-27');
  });

  it('shifts days over months and years, and refuses unknown zones', () => {
    expect(shiftDay('2024-02-28', 1)).toBe('2024-02-29');
    expect(shiftDay('2024-01-01', -1)).toBe('2023-12-31');
    expect(() => eventDay('Mars/Olympus', 0)).toThrow(RangeError);
  });
});
