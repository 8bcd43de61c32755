import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/shared/user-error.ts';
import { HELP, parseOptions, type SimulateOptions } from '../../../cli/simulate/options.ts';
import { allFaults, DEFAULT_RATES, FAULTS } from '../../../device-sim/faults.ts';

const parse = (line: string) => parseOptions(line === '' ? [] : line.split(' ')) as SimulateOptions;

describe('simulate options', () => {
  it('have defaults: ten devices of the running instance, without end', () => {
    expect(parse('')).toEqual({
      target: { kind: 'running' },
      deviceCount: 10,
      prefix: 'faulty',
      intervalMs: 2000,
      readingCount: undefined,
      seed: 1,
      rates: DEFAULT_RATES,
      events: false,
      json: false,
    });
  });

  it('name a local instance, or an endpoint of AWS with its three files', () => {
    expect(parse('--url http://127.0.0.1:8080/x').target).toEqual({ kind: 'url', url: 'http://127.0.0.1:8080' });
    expect(parse('--endpoint a-ats.iot.eu-west-1.amazonaws.com --cert c.pem --key k.pem --ca ca.pem').target).toEqual({
      kind: 'aws',
      host: 'a-ats.iot.eu-west-1.amazonaws.com',
      cert: 'c.pem',
      key: 'k.pem',
      ca: 'ca.pem',
    });
  });

  it('count readings, by themselves or by the time they take', () => {
    expect(parse('--devices 10000 --count 7 --interval 0.5 --seed=-3')).toMatchObject({
      deviceCount: 10_000,
      readingCount: 7,
      intervalMs: 500,
      seed: -3,
    });
    expect(parse('--duration 61 --interval 2').readingCount).toBe(30);
    expect(parse('--duration 1 --interval 2').readingCount).toBe(1);
  });

  it('set fault rates one by one or all at once, the later ones over the earlier', () => {
    expect(parse('--faults nan=0.5,reboot=0').rates).toEqual({ ...DEFAULT_RATES, nan: 0.5, reboot: 0 });
    expect(parse('--faults all=0.1,nan=1').rates).toEqual({ ...allFaults(0.1), nan: 1 });
    expect(parse('--faults none').rates).toEqual(allFaults(0));
  });

  it('ask for help, which names every option and every fault', () => {
    expect(parseOptions(['--help'])).toBe('help');
    const options = 'url endpoint cert key ca devices prefix interval count duration seed faults events json'.split(' ');
    for (const name of options) expect(HELP).toContain(`--${name}`);
    for (const fault of FAULTS) expect(HELP).toMatch(new RegExp(`^  ${fault} .*${DEFAULT_RATES[fault]}`, 'm'));
  });

  it.each([
    ['--devices 0', '--devices 0: allowed is 1 to 10000'],
    ['--devices 10001', '--devices 10001: allowed is 1 to 10000'],
    ['--devices 1.5', '--devices 1.5: allowed is a whole number'],
    ['--interval 601', '--interval 601: allowed is 0.001 to 600'],
    ['--count x', '--count x: allowed is 1 to 1000000000'],
    ['--count 1 --duration 1', '--count and --duration exclude each other'],
    ['--seed z', '--seed z: allowed is'],
    ['--prefix a/b', '--prefix a/b: allowed is'],
    ['--faults nan', '--faults nan: allowed is a chance from 0 to 1'],
    ['--faults nan=2', '--faults nan=2: allowed is a chance from 0 to 1'],
    ['--faults rust=0.1', '--faults rust=0.1: known are all, none, bit-shift'],
    ['--url ftp://x', '--url ftp://x: allowed is an address'],
    ['--url http://x --endpoint y', '--url and --endpoint exclude each other'],
    ['--endpoint mqtts://x', '--endpoint mqtts://x: allowed is a host name'],
    ['--endpoint x --cert c --key k', '--endpoint needs --cert, --key and --ca'],
    ['--cert c', '--cert is for --endpoint'],
    ['--bogus', "Unknown option '--bogus'"],
  ])('refuse %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
