import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../functions/batch/attempt-failed.ts';
import { startedOf } from '../../../functions/batch/started.ts';

describe('the cause of a failure', () => {
  it.each([
    [
      'of the function',
      { Error: 'ValidationError', Cause: '{"errorType":"ValidationError","errorMessage":"no rows"}' },
      'ValidationError: no rows',
    ],
    [
      'of a query',
      { Error: 'States.TaskFailed', Cause: '{"Query":"select","Status":{"State":"FAILED","StateChangeReason":"HIVE_BAD_DATA"}}' },
      'States.TaskFailed: HIVE_BAD_DATA',
    ],
    ['of the machine', { Error: 'States.Timeout', Cause: 'too long' }, 'States.Timeout: too long'],
  ])('%s is told in one line', (_of, error, expected) => {
    expect(causeOf(error)).toBe(expected);
  });
});

describe('a run', () => {
  it('has one id for all steps of an execution, that sorts by its start', () => {
    const of = (execution: string, startedAt: string) => startedOf({ step: 'x', state: {}, execution, startedAt }).run;
    expect(of('arn:a', '2013-10-08T04:10:00.123Z')).toMatch(/^20131008T041000Z-[0-9a-f]{8}$/);
    expect(of('arn:a', '2013-10-08T04:10:00.123Z')).toBe(of('arn:a', '2013-10-08T04:10:00.123Z'));
    expect(of('arn:a', '2013-10-08T04:10:00Z')).not.toBe(of('arn:b', '2013-10-08T04:10:00Z'));
    expect(of('arn:z', '2013-10-08T04:10:00Z') < of('arn:a', '2013-10-08T05:10:00Z')).toBe(true);
  });
});
