import { describe, expect, it } from 'vitest';
import { discrepancyOf, summarize, tableOf } from '../../../cli/shared/summary.ts';

const counters = (received: number, applied: number, more: object = {}) => ({
  received,
  applied,
  duplicate: 0,
  late: {},
  quarantined: {},
  quality: { OK: applied },
  claimedDeviceId: 0,
  ...more,
});

describe('summary of a replay', () => {
  it('is the difference of all counters of all its keys', () => {
    const summary = summarize(
      [
        {
          before: undefined,
          after: counters(707, 700, { late: { LATENESS: 3 }, quality: { OK: 696, BIT_SHIFT: 4 }, quarantined: { CLOCK_EPOCH: 4 } }),
        },
        {
          before: counters(10, 8, { duplicate: 2, quality: { OK: 7, NAN: 1 } }),
          after: counters(30, 10, { duplicate: 15, late: { LATENESS: 2, GAP_GIVEN_UP: 3 }, quality: { OK: 9, NAN: 1 } }),
        },
      ],
      2_000,
    );
    expect(summary).toEqual({
      received: 727,
      applied: 702,
      duplicate: 13,
      late: 8,
      quarantined: { CLOCK_EPOCH: 4 },
      quality: { BIT_SHIFT: 4, OK: 698 },
      seconds: 2,
      events_per_second: 364,
    });
    expect(discrepancyOf(summary, 727)).toBeUndefined();
    expect(discrepancyOf(summary, 728)).toContain('728 rows were sent and 727 received');
    expect(discrepancyOf({ ...summary, applied: 701 }, 727)).toContain('the sum does not close: 727 received, but 701 applied');
  });

  it('is nothing for a key nobody ever heard of', () => {
    const summary = summarize([{ before: undefined, after: undefined }], 0);
    expect(summary).toMatchObject({ received: 0, events_per_second: 0, quality: {} });
    expect(discrepancyOf(summary, 5)).toContain('5 rows were sent and 0 received');
  });

  it('is printed as a table', () => {
    const summary = summarize([{ before: undefined, after: counters(22_695, 22_695) }], 10_500);
    expect(tableOf(summary).split('\n')).toEqual([
      'received           22,695',
      'applied            22,695',
      'duplicate               0',
      'late                    0',
      'quarantined             0',
      'quality',
      '  OK               22,695',
      'seconds              10.5',
      'events per second   2,161',
    ]);
  });
});
