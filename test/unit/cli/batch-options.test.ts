import { describe, expect, it } from 'vitest';
import { HELP, parseOptions } from '../../../cli/batch/options.ts';
import { UsageError } from '../../../cli/shared/user-error.ts';

/** Noon in New York, half past midnight of the next day in Kiribati. */
const NOW_MS = Date.parse('2013-10-11T10:30:00Z');
const parse = (line: string) => parseOptions(line === '' ? [] : line.split(' '), NOW_MS);
const ARN = 'arn:aws:states:eu-west-1:123456789012:stateMachine:tidemark-dev-daily';

describe('batch', () => {
  it.each([
    ['', { trigger: 'command' }],
    ['--day 2013-10-08', { trigger: 'command', from: '2013-10-08', to: '2013-10-08' }],
    ['--from 2013-10-07 --to 2013-10-09 --source trades', { trigger: 'command', source: 'trades', from: '2013-10-07', to: '2013-10-09' }],
    ['--day 2012-02-29 --force', { trigger: 'command', from: '2012-02-29', to: '2012-02-29', force: true }],
    // The longest range, and today where it begins first.
    ['--from 2012-10-11 --to 2013-10-11', { trigger: 'command', from: '2012-10-11', to: '2013-10-11' }],
    ['--day 2013-10-12', { trigger: 'command', from: '2013-10-12', to: '2013-10-12' }],
  ])('%s asks for %j', (line, request) => {
    expect(parse(line)).toEqual({ target: { kind: 'running' }, request, json: false });
  });

  it('goes to a running instance or to AWS, in the same words', () => {
    expect(parse('--url http://127.0.0.1:8080/x --json')).toMatchObject({
      target: { kind: 'url', url: 'http://127.0.0.1:8080' },
      json: true,
    });
    expect(parse('--aws')).toMatchObject({ target: { kind: 'aws', stateMachineArn: null } });
    expect(parse(`--aws --state-machine ${ARN}`)).toMatchObject({ target: { kind: 'aws', stateMachineArn: ARN } });
    expect(parse('--help')).toBe('help');
    for (const name of ['day', 'from', 'to', 'source', 'force', 'json', 'url', 'aws', 'state-machine']) expect(HELP).toContain(`--${name}`);
  });

  it.each([
    ['--day 2013-02-30', '--day 2013-02-30: allowed is a day of the calendar, like 2013-10-08'],
    ['--day tomorrow', '--day tomorrow: allowed is a day'],
    ['--day 2013-10-8', '--day 2013-10-8: allowed is a day'],
    ['--day 2013-10-13', '--day 2013-10-13: allowed are days up to today, 2013-10-12'],
    ['--from 2013-10-09 --to 2013-10-08', 'allowed is a first day that is not after the last one'],
    ['--from 2003-10-10 --to 2013-10-09', 'allowed are at most 366 days a command'],
    ['--from 2012-10-10 --to 2013-10-11', 'allowed are at most 366 days a command'],
    ['--from 2013-10-08', '--from and --to belong together'],
    ['--day 2013-10-08 --to 2013-10-08', '--day and --from, --to exclude each other'],
    ['--force', '--force needs --day, or --from and --to'],
    ['--source alerts', '--source alerts: allowed is trades or readings'],
    ['--url x', '--url x: allowed is an address'],
    ['--aws --url http://h', '--url and --aws exclude each other'],
    [`--state-machine ${ARN}`, '--state-machine is for --aws'],
    ['--aws --state-machine daily', '--state-machine daily: allowed is an ARN'],
    ['--bogus', "Unknown option '--bogus'"],
    ['2013-10-08', 'Unexpected argument'],
  ])('refuses %s, saying what is allowed', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
